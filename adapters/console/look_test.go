package console

import (
	"testing"

	"recado/domain"
)

// An employee who changes the look stays where they are: at the chat that they opened
// since the page was loaded, in the list that they filtered.
func TestANewLookKeepsWhatIsOpen(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	bruno := o.client(botLine, "700124", "Bruno")
	bruno.writes("Buenas")
	bruno.accepts(bruno.isAnswered("ana", domain.SendRequested{Text: "Buenas"}))
	b := o.as("ana")
	stays := func(says string) {
		t.Helper()
		b.until(`document.body.dataset.ready`)
		b.sees(".nav a", says)
		b.sees("#head h1", "Luz")
		b.until(`location.pathname === "/chat/c/` + string(luz.chat().ID) + `" && location.search === "?unanswered=1"`)
		b.until(`document.querySelectorAll("#list .row").length === 1 && document.querySelector("[name=unanswered]").checked`)
	}
	b.clicks("#filter .chip", "Sin responder")
	b.until(`location.search === "?unanswered=1"`)
	b.opens("Luz")
	stays("Suscripciones")
	b.clicks(".nav summary")
	b.clicks(".nav button[value=dark]")
	b.until(`document.documentElement.dataset.theme === "dark"`)
	stays("Suscripciones")
	b.clicks(".nav summary")
	b.clicks(".nav button[value=en]")
	stays("Subscriptions")
}
