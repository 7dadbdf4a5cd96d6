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
