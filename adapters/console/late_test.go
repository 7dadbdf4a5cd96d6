package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// An answer that is late hides nothing that has happened since it was made.

func TestAMessageThatArrivesWhileItsChatOpensIsShown(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	b := o.as("ana")
	held := o.holds("/pane")
	b.clicks("#list .row a", "Luz")
	held.waits()
	luz.writes("Urgente")
	b.sees("#list .row", "Luz", "Urgente")
	held.Leave()
	b.sees("#messages .message", "Hola")
	b.sees("#messages .message", "Urgente")
	b.sees("#head .count", "2")
}

func TestAMessageThatArrivesWhileNoneNeedsAReplyIsCounted(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	held := o.holds("/no-reply-needed")
	b.clicks("#head [data-do=no-reply]")
	held.waits()
	luz.writes("Urgente")
	b.sees("#messages .message", "Urgente")
	held.Leave()
	b.until(`document.activeElement.matches("#head summary")`) // the answer is shown
	b.sees("#head .count", "1")
	b.sees("#list .row", "Luz", "Urgente", "1")
}

func TestMessagesThatArriveWhileTheListIsFilteredAreListed(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	b := o.as("ana")
	held := o.holds("/chat/list")
	b.clicks("#filter .chip", "Sin responder")
	held.waits()
	luz.writes("Urgente")
	o.client(botLine, "700125", "Nuevo").writes("Soy nuevo")
	b.sees("#list .row", "Soy nuevo")
	held.Leave()
	b.until(`location.search === "?unanswered=1"`) // the answer is shown
	b.sees("#list .row", "Luz", "Urgente", "2")
	b.sees("#list .row", "Soy nuevo")
}

func TestOfTwoChatsTheLastThatWasChosenIsOpen(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(botLine, "700123", "Luz"), o.client(botLine, "700124", "Bruno")
	luz.writes("Hola")
	bruno.writes("Buenas")
	b := o.as("ana")
	held := o.holds(string(luz.chat().ID) + "/pane")
	b.clicks("#list .row a", "Luz")
	held.waits()
	b.opens("Bruno")
	held.Leave()
	b.js(`fetch("/chat/c/`+string(luz.chat().ID)+`/pane").then(() => true)`, nil) // after the answer
	b.isOpen(bruno)
}

func TestAChatThatCannotBeOpenedLeavesTheOther(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	o.cut(true)
	b.clicks("#list .row a", "Bruno")
	b.sees("#notice", "No disponible por ahora.")
	b.isOpen(luz)
	b.js(`history.back(), true`, nil)
	b.until(`location.pathname === "/chat"`)
	b.js(`history.forward(), true`, nil)
	b.until(`document.querySelector("#notice").classList.contains("shown")`)
	b.isOpen(luz)
	b.clicks("#filter .chip", "Sin responder") // which fails, too, and says so
	b.sees("#notice", "No disponible por ahora.")
	o.cut(false)
	b.seesNo("#offline")
	b.opens("Bruno")
}

// isOpen checks that the page shows the chat of a client, and says so everywhere.
func (b *browser) isOpen(c *client) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector("#head h1").textContent.includes(%q) && location.pathname.endsWith(%q)`, c.name, c.chat().ID))
	b.sees("#list a[aria-current]", c.name)
	if !strings.Contains(b.text("#list a[aria-current]"), c.name) || b.count("#list a[aria-current]") != 1 {
		b.t.Errorf("the list marks %q, want %s", b.text("#list a[aria-current]"), c.name)
	}
}

func TestTheNewestMessagesOfAChatNeverComeIntoAnother(t *testing.T) {
	o := newOffice(t)
	o.fills(700, func(i int) domain.Update {
		return incoming("700123", fmt.Sprint("in-", i), fmt.Sprintf("Mensaje %05d", i), time.Duration(700-i)*time.Minute)
	})
	o.client(botLine, "700124", "Bruno").writes("Soy Bruno")
	b := o.as("ana")
	b.opens("Cliente 700123")
	b.until(`(document.querySelector("#stream").scrollTop = 0, document.querySelector("#messages").textContent.includes("Mensaje 00100"))`)
	held := o.holds("/messages")
	b.clicks("#newest")
	held.waits()
	b.opens("Bruno")
	held.Leave()
	b.js(`fetch(location.pathname + "/messages?before=").then(() => true)`, nil) // after the answer
	b.sees("#messages", "Soy Bruno")
	if b.count("#messages .message") != 1 {
		t.Errorf("the chat of Bruno shows %.80q", b.text("#messages"))
	}
}
