package console

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"recado/domain"
)

// Everything can be done without a pointer.
func TestTheKeyboardIsEnough(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(wabaLine, "34611204518", "Luz"), o.client(wabaLine, "34611204519", "Bruno")
	luz.sends(time.Hour, luz.arrived("Hola"))
	asked := bruno.writes("Buenas")
	failed := luz.isAnswered("leo", domain.SendRequested{Text: "Este no llega"})
	luz.refuses(failed, domain.ReasonNoAccount, domain.Cause{Source: "waba", Code: "131026", Title: "Message undeliverable"})
	b := o.as("ana")
	b.tabsTo("#filter [name=q]")
	b.tabsTo("#filter [name=unanswered]")
	b.tabsTo("#list a")
	b.run(arrowDown)
	b.until(`document.activeElement.innerText.includes("Luz")`)
	b.types("\r")
	b.sees("#head h1", "Luz")
	b.until(`document.activeElement.id === "text"`)
	b.types("Por teclado\r")
	b.sees(".message.mine .text", "Por teclado")

	for range 5 { // back over the buttons of the composer
		if b.run(shiftTab); b.is(`document.activeElement.closest("#stream")`) {
			break
		}
	}
	b.until(`document.activeElement.closest("#stream")`)
	b.js(`document.querySelector("#stream").focus(), true`, nil)
	b.run(arrowUp)
	b.until(`document.activeElement.matches(".message")`)
	b.tabsTo(".bang-button")
	b.sees(".why", "No se encontró la cuenta de mensajero")
	b.tabsTo(".why summary")
	b.types("\r")
	b.sees(".why .cause", "131026")

	b.js(`document.querySelector("#pane").focus(), true`, nil)
	b.tabsTo("#head [data-do=no-reply]")
	b.types("\r")
	b.seesNo("#head .count")
	b.until(`document.activeElement.matches("#head summary")`)
	b.types("\r")
	b.tabsTo("#head .item")
	b.types("\r")
	b.sees("dialog[open]")
	b.until(`document.activeElement.closest("dialog")`)
	b.tabsTo("dialog .danger")
	b.types("\r")
	b.sees("#notice", "El chat se agregó a la lista negra.")
	b.until(`document.activeElement.matches("#head summary")`)

	b.goes("/chat/c/" + string(bruno.chat().ID))
	b.ready()
	b.js(`document.querySelector("#stream").focus(), true`, nil)
	b.run(arrowUp)
	b.tabsTo("#tools [data-do=reply]")
	b.types("\r")
	b.sees("#replying", "Buenas")
	b.types("Respondo\r")
	b.sees(".message.mine .quote", "Buenas")
	if m := bruno.messages()[0]; m.ReplyTo != asked.ProviderID {
		t.Errorf("it answers %q", m.ReplyTo)
	}

	b.tabsTo("#add-template")
	b.types("\r")
	for _, field := range [][2]string{{"[name=template]", "cita"}, {"[name=body]", "Hola {{1}}."}, {"#parameters input", "Bruno"}} {
		b.tabsTo("dialog[open] " + field[0])
		b.types(field[1])
	}
	b.tabsTo("dialog[open] .primary")
	b.types("\r")
	b.sees(".message.mine", "Hola Bruno.")

	b.tabsTo("#mic")
	b.types("\r")
	b.until(`document.activeElement.matches("[data-do=record-send]")`)
	b.run(shiftTab)
	b.run(shiftTab)
	b.until(`document.activeElement.matches("[data-do=record-cancel]")`)
	b.types("\r")
	b.until(`document.activeElement.matches("#mic")`)
	b.types("\r")
	b.sees("#recording", "0:01")
	b.until(`document.activeElement.matches("[data-do=record-send]")`)
	b.types("\r")
	b.sees(".message.mine audio")

	b.run(page.SetInterceptFileChooserDialog(true))
	asks := make(chan struct{}, 1)
	chromedp.ListenTarget(b.ctx, func(event any) {
		if _, ok := event.(*page.EventFileChooserOpened); ok {
			asks <- struct{}{}
		}
	})
	b.tabsTo("#attach")
	b.types("\r")
	select {
	case <-asks:
	case <-time.After(patience):
		t.Error("the key of #attach asks for no file")
	}

	b.goes("/chat/c/" + string(luz.chat().ID))
	b.ready()
	b.js(`document.querySelector("#pane").focus(), true`, nil)
	b.tabsTo("#head summary")
	b.types("\r")
	b.tabsTo("[data-do=unblock]")
	b.types("\r")
	b.sees("#notice", "El chat se quitó de la lista negra.")
}

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
