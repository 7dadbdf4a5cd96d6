package console

import (
	"fmt"
	"testing"
	"time"

	"recado/domain"
)

func TestTheListStaysWhereItIsRead(t *testing.T) {
	o := newOffice(t)
	for i := range 130 {
		c := o.client(botLine, domain.PeerID(fmt.Sprint(700000+i)), fmt.Sprintf("Cliente %03d", i))
		c.sends(time.Duration(i+1)*time.Minute, c.arrived("Hola"))
	}
	b := o.as("ana")
	b.sees("#list .row", "Cliente 000")
	t.Run("more chats come on scrolling", func(t *testing.T) {
		b := b.of(t)
		for _, last := range []string{"039", "079", "119", "129"} {
			b.until(fmt.Sprintf(`(() => { const box = document.querySelector("#scroll-list"); box.scrollTop = box.scrollHeight; return document.querySelector("#list").textContent.includes("Cliente %s"); })()`, last))
		}
		b.until(`document.querySelectorAll("#list .row").length <= 130 && new Set([...document.querySelectorAll("#list .row")].map(r => r.id)).size === document.querySelectorAll("#list .row").length`)
	})
	t.Run("a message moves its chat up without a jump of what is read", func(t *testing.T) {
		b := b.of(t)
		var before, after struct {
			Title string
			Top   float64
		}
		first := `(() => {
			const box = document.querySelector("#scroll-list"), top = box.getBoundingClientRect().top;
			const row = [...document.querySelectorAll("#list .row")].find(r => r.getBoundingClientRect().bottom > top);
			return {Title: row.querySelector(".title").innerText, Top: row.getBoundingClientRect().top};
		})()`
		b.js(`document.querySelector("#scroll-list").scrollTop = 1500, true`, nil)
		b.js(first, &before)
		o.client(botLine, "700125", "Cliente 125").writes("¡Arriba!")
		b.until(`document.querySelector("#list .row .title").innerText === "Cliente 125"`)
		b.js(first, &after)
		if before != after {
			t.Errorf("the list jumped from %v to %v", before, after)
		}
	})
	t.Run("a search finds by name and by number", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#filter [name=q]")
		b.types("cliente 07")
		b.until(`document.querySelectorAll("#list .row").length === 10`)
		b.js(`document.querySelector("#filter [name=q]").value = "", true`, nil)
		b.clicks("#filter [name=q]")
		b.types("700012")
		b.until(`document.querySelectorAll("#list .row").length === 1 && location.search === "?q=700012"`)
	})
	t.Run("the filters show the chats of a connection, and those that wait for an answer", func(t *testing.T) {
		b := b.of(t)
		o.client(wabaLine, "34611204518", "Luz").writes("Hola")
		o.client(tgLine, "34611204519", "Bruno").writes("Hola")
		b.goes("/chat?connection=" + string(wabaLine))
		b.ready()
		b.until(`document.querySelectorAll("#list .row").length === 1`)
		b.sees("#list .row", "Luz")
		b.clicks("#filter .chip", "Sin responder")
		b.until(`location.search.includes("unanswered=1") && document.querySelectorAll("#list .row").length === 1`)
		luz := o.client(wabaLine, "34611204518", "Luz").chat()
		o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: time.Now(), Fact: domain.NoReplyNeeded{Chat: luz.ID, ThroughSeq: luz.InboundSeq}})
		b.seesNo("#list .row")
		b.until(`document.querySelector("#list").classList.contains("empty")`)
	})
	t.Run("the filter shows blocked chats only", func(t *testing.T) {
		b := b.of(t)
		c := o.client(botLine, "700003", "")
		o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: time.Now(), Fact: domain.BlockRequested{Chat: c.chat().ID, By: "ana", Block: true}})
		b.goes("/chat?blocked=1")
		b.ready()
		b.until(`document.querySelectorAll("#list .row").length === 1`)
		b.sees("#list .row.blocked", "Cliente 003")
	})
}

func TestOlderMessagesComeOnScrollingUp(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700001", "Luz")
	for i := range 150 {
		luz.sends(time.Duration(150-i)*10*time.Minute, luz.arrived(fmt.Sprintf("Mensaje %03d", i)))
	}
	b := o.as("ana")
	b.opens("Luz")
	b.sees(".message", "Mensaje 149")
	b.sees("#messages .day", "Hoy")
	for _, oldest := range []string{"109", "069", "029", "000"} {
		b.until(fmt.Sprintf(`(() => { document.querySelector("#stream").scrollTop = 0; return document.querySelector("#messages").textContent.includes("Mensaje %s"); })()`, oldest))
	}
	b.until(`(list => list.length === 150 && list.every((text, i) => i === 0 || list[i - 1] < text))([...document.querySelectorAll("#messages .text")].map(e => e.textContent))`)
	luz.writes("Uno nuevo")
	b.sees("#newest", "Mensajes nuevos")
	b.clicks("#newest")
	b.sees(".message", "Uno nuevo")
	b.seesNo("#newest")
}

// A keyboard, a long text or a turned phone take room: the newest message stays in sight.
func TestTheNewestMessageStaysInSight(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	for i := range 20 {
		luz.writes(fmt.Sprintf("Mensaje %02d", i))
	}
	b := o.as("ana")
	b.opens("Luz")
	const atEnd = `(box => Math.abs(box.scrollHeight - box.scrollTop - box.clientHeight) < 2)(document.querySelector("#stream"))`
	b.until(atEnd)
	for _, height := range []int64{400, 700} {
		b.size(1200, height)
		b.until(atEnd)
	}
	b.js(`document.querySelector("#stream").scrollTop = 0, true`, nil)
	b.until(`document.querySelector("#stream").scrollTop === 0`)
	b.size(1200, 500)
	b.sees("#messages .text", "Mensaje 00")
	b.js(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => true)`, nil)
	if !b.is(`document.querySelector("#stream").scrollTop === 0`) {
		t.Error("an employee who read earlier messages was moved to the newest")
	}
}
