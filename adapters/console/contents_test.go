package console

import (
	"html"
	"strings"
	"testing"

	"recado/domain"
)

// contents are messages of every kind that a client can send, with what a person must
// read of each.
var contents = []struct {
	name string
	domain.MessageArrived
	reads []string
}{
	{"a notice", domain.MessageArrived{Type: domain.TypeSystem, Text: "Luz cambió de número"}, []string{"Luz cambió de número"}},
	{
		"what was forwarded into a topic",
		domain.MessageArrived{Text: "Lea esto", Content: &domain.Content{Topic: &domain.Topic{ID: "1", Name: "Ventas"}, Forwarded: true, ForwardedFrom: &domain.Author{Name: "Pedro"}}},
		[]string{"Ventas", "Reenviado", "Pedro", "Lea esto"},
	},
	{
		"a long text", domain.MessageArrived{Text: strings.Repeat("palabras y más palabras ", 200)}, []string{"palabras y más palabras"},
	},
	{
		"a place",
		domain.MessageArrived{Type: domain.TypeLocation, Content: &domain.Content{Location: &domain.Location{Latitude: "40.4", Longitude: "-3.7", Name: "Puerta del Sol", Address: "Madrid"}}},
		[]string{"Puerta del Sol", "Madrid", "mlat=40.4"},
	},
	{
		"a contact card",
		domain.MessageArrived{Type: domain.TypeContacts, Content: &domain.Content{Contacts: []domain.Card{{Name: "Eva", Organization: "ACME", Phones: []string{"+34 600 000 000"}, Emails: []string{"eva@acme.example"}}}}},
		[]string{"Eva", "ACME", "+34 600 000 000", "eva@acme.example"},
	},
	{
		"an order",
		domain.MessageArrived{Type: domain.TypeOrder, Content: &domain.Content{Order: &domain.Order{Items: []domain.OrderItem{{Product: "SKU-1", Quantity: "2", Price: "10", Currency: "EUR"}}, Total: "20", Currency: "EUR"}}},
		[]string{"SKU-1", "× 2", "10 EUR", "20 EUR"},
	},
	{
		"a poll",
		domain.MessageArrived{Content: &domain.Content{Poll: &domain.Poll{Question: "¿Sí o no?", Options: []string{"Sí", "No"}}}},
		[]string{"¿Sí o no?", "Sí", "No"},
	},
	{
		"a checklist",
		domain.MessageArrived{Content: &domain.Content{Checklist: &domain.Checklist{Title: "Compra", Tasks: []domain.Task{{Text: "Pan", Done: true}, {Text: "Leche"}}}}},
		[]string{"Compra", "☑ Pan", "☐ Leche"},
	},
	{"a missed call", domain.MessageArrived{Type: domain.TypeCall, Content: &domain.Content{Call: &domain.Call{Missed: true}}}, []string{"Llamada perdida"}},
	{
		"a press of a button",
		domain.MessageArrived{Type: domain.TypeButton, Text: "Ver horarios", Content: &domain.Content{Button: &domain.Button{ID: "1", Title: "Ver horarios", Description: "los de hoy"}}},
		[]string{"Ver horarios", "los de hoy"},
	},
	{"a form", domain.MessageArrived{Content: &domain.Content{Form: []byte(`{"nombre":"Luz"}`)}}, []string{`"nombre": "Luz"`}},
	{
		"what an advertisement led to",
		domain.MessageArrived{Text: "Vi su anuncio", Content: &domain.Content{Referral: &domain.Referral{Source: "ad", Headline: "Rebajas", SourceURL: "https://fb.example/x"}}},
		[]string{"Vi su anuncio", "Llega de:", "Rebajas"},
	},
	{"what we have no word for", domain.MessageArrived{Type: domain.TypeUnsupported, Content: &domain.Content{Kind: "hologram"}}, []string{"Mensaje de otro tipo", "hologram"}},
	{
		"a file", domain.MessageArrived{Type: domain.TypeFile, Text: "El informe", Media: &domain.Media{ID: "m1", MIME: "application/pdf", Name: "informe.pdf", Size: 482_133}},
		[]string{"informe.pdf", "application/pdf · 470.8 KiB", "El informe"},
	},
}

// sendsEverything sends a message of every kind, and returns them in that order.
func (c *client) sendsEverything() (sent []domain.Message) {
	for _, content := range contents {
		m := content.MessageArrived
		base := c.arrived(m.Text)
		m.Peer, m.Contact, m.Direction, m.ProviderID = base.Peer, base.Contact, base.Direction, base.ProviderID
		if m.Type == "" {
			m.Type = domain.TypeText
		}
		sent = append(sent, c.sends(0, m))
	}
	return sent
}

// bubbleOf returns what a page holds of a message.
func bubbleOf(page string, id domain.MessageID) string {
	_, rest, _ := strings.Cut(page, `<li id="`+string(id)+`"`)
	bubble, _, _ := strings.Cut(rest, "</li>\n<li id=")
	return html.UnescapeString(bubble)
}

func TestEverythingThatIsStoredIsShown(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	sent := luz.sendsEverything()
	ana := o.caller()
	ana.as("ana")
	_, page := ana.ask("GET", "/chat/c/"+string(luz.chat().ID), nil)
	for i, c := range contents {
		t.Run(c.name, func(t *testing.T) {
			bubble := bubbleOf(page, sent[i].ID)
			for _, text := range c.reads {
				if !strings.Contains(bubble, text) {
					t.Errorf("nothing says %q: %s", text, bubble)
				}
			}
		})
	}
}
