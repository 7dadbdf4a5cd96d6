package console

import (
	"fmt"
	"testing"
)

// reached tells what a click on the middle of an element of the selector would hit:
// the element, or what covers it.
func (b *browser) reached(selector string) bool {
	b.t.Helper()
	return b.is(fmt.Sprintf(`(e => { const r = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)); })(document.querySelector(%q))`, selector))
}

func TestThatTheConnectionIsLostCoversNothing(t *testing.T) {
	o := newOffice(t)
	o.client(botLine, "700123", "Luz").writes("Hola")
	b := o.as("ana")
	b.opens("Luz")
	o.cut(true)
	b.sees("#offline", "Sin conexión")
	for _, width := range []int64{1200, 360} {
		b.size(width, 640)
		b.shot(fmt.Sprint("offline-", width))
		for _, selector := range []string{"#head h1", "#head summary", "#offline", "#send"} {
			if !b.reached(selector) {
				t.Errorf("%d px wide, something covers %s", width, selector)
			}
		}
		if !b.is(`document.documentElement.scrollHeight <= innerHeight`) {
			t.Errorf("%d px wide, the page is higher than the window", width)
		}
	}
	o.cut(false)
	b.seesNo("#offline")
}

// A window of 1280×720 at 200 % has 640×360 points of CSS.
func TestAt200PercentAnEmployeeWrites(t *testing.T) {
	o := newOffice(t)
	furnish(o)
	luz := o.client(wabaLine, "34611204518", "")
	b := o.as("ana")
	b.size(640, 360)
	b.goes("/chat/c/" + string(luz.chat().ID))
	b.ready()
	fits := func(when string) {
		t.Helper()
		b.shot(when)
		if !b.is(`document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight`) {
			t.Errorf("%s: the page is larger than its window", when)
		}
		if !b.is(`document.querySelector("#stream").clientHeight >= 100`) {
			t.Errorf("%s: nothing of the chat is left to read", when)
		}
	}
	fits("at first")
	b.clicks("#text")
	b.types("Dos")
	for range 8 {
		b.run(shiftEnter)
	}
	b.types("líneas")
	b.until(`(s => s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector("#stream"))`)
	fits("a long draft")
	b.clicks("#send")
	b.until(`(e => e?.innerText.startsWith("Dos") && e.getBoundingClientRect().bottom <= document.querySelector("#composer").getBoundingClientRect().top)([...document.querySelectorAll(".message.mine .text")].at(-1))`)
	b.clicks("#add-template")
	b.sees("dialog[open]")
	if !b.is(`(e => e.scrollWidth <= e.clientWidth && e.getBoundingClientRect().bottom <= innerHeight)(document.querySelector("dialog[open]"))`) {
		t.Error("the dialog is larger than the window")
	}
	b.presses("dialog[open] [value=cancel]:not(.close)")
	b.seesNo("dialog")
}
