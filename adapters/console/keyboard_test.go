package console

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"recado/domain"
)

// Everything can be done without a pointer: what follows presses keys and nothing else.
// What is done to one message is in TestActionsByKeyboardAlone.
func TestTheKeyboardIsEnough(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(wabaLine, "34611204518", "Luz"), o.client(botLine, "700123", "Bruno")
	luz.sends(time.Hour, luz.arrived("Hola"))
	for i := range 20 {
		bruno.sends(time.Duration(50-i)*time.Minute, bruno.arrived(fmt.Sprint("Mensaje ", i)))
	}
	failed := luz.isAnswered("leo", domain.SendRequested{Text: "Este no llega"})
	luz.refuses(failed, domain.ReasonNoAccount, domain.Cause{Source: "waba", Code: "131026", Title: "Message undeliverable"})
	b := o.browser()
	part := func(name string, does func(t *testing.T, b *browser)) {
		t.Run(name, func(t *testing.T) { does(t, b.of(t)) })
	}
	rows := func(b *browser, n int) {
		b.t.Helper()
		b.until(fmt.Sprintf(`document.querySelectorAll("#list .row").length === %d`, n))
	}
	part("log in", func(_ *testing.T, b *browser) {
		b.goes("/chat/login")
		b.types("key-of-ana\r")
		b.until(`document.body.dataset.ready`)
	})
	part("search and filter the list", func(_ *testing.T, b *browser) {
		b.tabsTo("#filter [name=q]")
		b.types("bru")
		rows(b, 1)
		b.types("\b\b\b")
		rows(b, 2)
		b.tabsTo("#filter [name=blocked]")
		b.types(" ")
		rows(b, 0)
		b.types(" ")
		rows(b, 2)
		b.tabsTo("#filter [name=connection]")
		b.types(string(wabaLine))
		rows(b, 1)
		b.run(home)
		rows(b, 2)
	})
	part("open a chat and write", func(_ *testing.T, b *browser) {
		b.tabsTo("#list a")
		b.run(arrowDown)
		b.until(`document.activeElement.innerText.includes("Luz")`)
		b.types("\r")
		b.sees("#head h1", "Luz")
		b.until(`document.activeElement.id === "text"`)
		b.types("Por teclado\r")
		b.sees(".message.mine .text", "Por teclado")
	})
	part("read why a message failed", func(_ *testing.T, b *browser) {
		b.tabsBackTo(".bang-button")
		b.sees(".why", "No se encontró la cuenta de mensajero")
		b.presses(".why summary")
		b.sees(".why .cause", "131026")
	})
	part("say that no reply is needed, and block", func(_ *testing.T, b *browser) {
		b.tabsBackTo("#head [data-do=no-reply]")
		b.types("\r")
		b.seesNo("#head .count")
		b.until(`document.activeElement.matches("#head summary")`)
		b.types("\r")
		b.presses("#head .item")
		b.sees("dialog[open]")
		b.until(`document.activeElement.closest("dialog")`)
		b.presses("dialog .danger")
		b.sees("#notice", "El chat se agregó a la lista negra.")
		b.until(`document.activeElement.matches("#head summary")`)
	})
	part("unblock", func(_ *testing.T, b *browser) {
		b.types("\r")
		b.presses("[data-do=unblock]")
		b.sees("#notice", "El chat se quitó de la lista negra.")
	})
	var asked domain.Message
	part("skip to the chat, go back in it, and to what is new", func(_ *testing.T, b *browser) {
		b.goes("/chat/c/" + string(bruno.chat().ID))
		b.ready()
		b.presses(".skip")
		b.until(`document.activeElement.id === "pane"`)
		b.tabsTo("#stream")
		b.run(home)
		b.until(`document.querySelector("#stream").scrollTop === 0`)
		asked = bruno.writes("Buenas")
		b.sees("#newest")
		b.presses("#newest")
		b.seesNo("#newest")
		b.sees(".message", "Buenas")
	})
	part("reply", func(t *testing.T, b *browser) {
		reply := func() {
			b.tabsBackTo("#stream")
			b.run(arrowUp)
			b.until(`document.activeElement.id === "` + string(asked.ID) + `"`)
			b.presses("#tools [data-do=reply]")
			b.sees("#replying", "Buenas")
		}
		reply()
		b.presses("#replying [data-do=reply-off]")
		b.seesNo("#replying")
		reply()
		b.types("Respondo\r")
		b.sees(".message.mine .quote", "Buenas")
		if m := bruno.messages()[0]; m.ReplyTo != asked.ProviderID {
			t.Errorf("it answers %q", m.ReplyTo)
		}
	})
	part("send a failed message again", func(t *testing.T, b *browser) {
		old := bruno.isAnswered("ana", domain.SendRequested{Text: "Este no llega"})
		bruno.refuses(old, domain.ReasonUnrecognized, domain.Cause{Source: "waba", Code: "1", Title: "x"})
		b.sees("#"+string(old.ID)+".failed", "Este no llega")
		b.tabsBackTo("#stream")
		b.run(arrowUp)
		b.until(`document.activeElement.id === "` + string(old.ID) + `"`)
		b.presses("#tools [data-do=retry]")
		b.until(`document.querySelectorAll("#messages .message.mine:not(.pending)").length > 2`)
		if m := bruno.messages()[0]; m.Content == nil || m.Content.RetryOf != old.ID {
			t.Errorf("it retries %+v", m.Content)
		}
	})
	part("record, cancel, listen and send", func(_ *testing.T, b *browser) {
		b.presses("#mic")
		b.until(`document.activeElement.matches("[data-do=record-send]")`)
		b.tabsBackTo("[data-do=record-cancel]")
		b.types("\r")
		b.until(`document.activeElement.matches("#mic")`)
		b.types("\r")
		b.sees("#recording", "0:01")
		b.until(`document.activeElement.matches("[data-do=record-send]")`)
		b.tabsBackTo("[data-do=record-listen]")
		b.types("\r")
		b.sees("#recording audio")
		b.presses("[data-do=record-send]")
		b.sees(".message.mine audio")
	})
	part("attach a file", func(t *testing.T, b *browser) {
		b.run(page.SetInterceptFileChooserDialog(true))
		asks := make(chan struct{}, 1)
		chromedp.ListenTarget(b.ctx, func(event any) {
			if _, ok := event.(*page.EventFileChooserOpened); ok {
				asks <- struct{}{}
			}
		})
		b.presses("#attach")
		select {
		case <-asks:
		case <-time.After(patience):
			t.Error("the key of #attach asks for no file")
		}
	})
	part("send a template", func(_ *testing.T, b *browser) {
		b.goes("/chat/c/" + string(luz.chat().ID))
		b.ready()
		b.presses("#add-template")
		for _, field := range [][2]string{{"[name=template]", "cita"}, {"[name=body]", "Hola {{1}}."}, {"#parameters input", "Luz"}} {
			b.tabsTo("dialog[open] " + field[0])
			b.types(field[1])
		}
		b.presses("dialog[open] .primary")
		b.sees(".message.mine", "Hola Luz.")
	})
}

func TestTheKeyboardIsEnoughForTheAccount(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	luz.refuses(luz.isAnswered("ana", domain.SendRequested{Text: "Hola"}), domain.ReasonUnauthorized, domain.Cause{Source: "waba", Code: "190", Title: "Access token has expired"})
	b := o.as("ana")
	b.presses(`.nav a[href="/chat/account"]`)
	b.sees("h1", "Suscripciones")
	b.presses("details:not(.menu) summary")
	b.sees("details[open] p", "190")
	b.presses(".card .primary")
	b.sees(".done", "La conexión se reanudó.")
	b.presses(`h3 a[href$="/crm"]`)
	b.sees("h1", "crm")
	b.presses(`[action$="/retry"] button`)
	b.sees(".done", "El aviso se entregará de nuevo.")
	b.presses(".line-form button")
	b.sees(".done", "La repetición empezó.")
	b.presses(`[action$="/stop"] button`)
	b.sees(".done", "La repetición se detuvo.")
	b.presses(`.chip[href="?state=due"]`)
	b.until(`location.search === "?state=due"`)

	for _, look := range []struct{ button, shows string }{
		{"button[value=dark]", `document.documentElement.dataset.theme === "dark"`},
		{"button[value=en]", `document.documentElement.lang === "en"`},
	} {
		b.presses(".nav summary")
		b.presses(".nav " + look.button)
		b.until(look.shows)
	}
	b.presses(".nav summary")
	b.types("\x1b")
	b.until(`!document.querySelector(".menu").open && document.activeElement.matches(".nav summary")`)
	b.types("\r")
	b.presses(".nav .item")
	b.sees("#login")
}
