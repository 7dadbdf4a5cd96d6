package console

import (
	"fmt"
	"testing"

	"recado/domain"
)

// Rule 22: a retry by a person is a new message that names the old one.
func TestAFailedMessageIsSentAgain(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	asked := luz.writes("¿Dónde están?")
	failed := func(f domain.SendRequested) domain.Message {
		m := luz.isAnswered("leo", f)
		luz.refuses(m, domain.ReasonNoAccount, domain.Cause{Source: "waba", Code: "131026", Title: "x"})
		return m
	}
	place := domain.Content{Location: &domain.Location{Latitude: "40.4", Longitude: "-3.7", Name: "Sol"}}
	tests := []struct {
		name, shows string
		old         domain.Message
	}{
		{"a text that answers another", "Aquí cerca", failed(domain.SendRequested{Text: "Aquí cerca", ReplyTo: asked.ID})},
		{"a place", "Sol", failed(domain.SendRequested{Type: domain.TypeLocation, Content: &place})},
		{"a template", "recordatorio", failed(domain.SendRequested{Type: domain.TypeTemplate, Text: "recordatorio", Template: &domain.Template{Name: "cita", Language: "es"}})},
	}
	b := o.as("ana")
	b.opens("Luz")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := b.of(t)
			b.hovers("#" + string(tt.old.ID) + " .bubble")
			b.clicks("#tools [data-do=retry]")
			b.until(fmt.Sprintf(`[...document.querySelectorAll("#messages .message:not(.pending)")].filter(m => m.textContent.includes("%s")).length === 2`, tt.shows))
			m := luz.messages()[0]
			if m.Content == nil || m.Content.RetryOf != tt.old.ID || m.By != "ana" || m.Type != tt.old.Type || m.Text != tt.old.Text || m.ReplyTo != tt.old.ReplyTo {
				t.Errorf("sent %+v", m)
			}
		})
	}
	t.Run("not to a blocked chat", func(t *testing.T) {
		b := b.of(t)
		luz.o.apply(domain.Update{Company: company(wabaLine), Rights: domain.AllRights, Fact: domain.BlockRequested{Chat: luz.chat().ID, By: "leo", Block: true}})
		b.sees("#why-not")
		b.hovers("#" + string(tests[0].old.ID) + " .bubble")
		b.seesNo("#tools [data-do=retry]")
	})
}
