package console

import (
	"html"
	"strings"
	"testing"

	"recado/domain"
)

// contents are messages of every kind, with what a person must read of each. A client
// sends them, but those that give a choice.
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
		domain.MessageArrived{Type: domain.TypeLocation, Content: &domain.Content{Location: &domain.Location{Latitude: "40.4", Longitude: "-3.7", Name: "Puerta del Sol", Address: "Madrid", URL: "https://sol.example"}}},
		[]string{"Puerta del Sol", "Madrid", "mlat=40.4", `href="https://sol.example"`},
	},
	{
		"a contact card",
		domain.MessageArrived{Type: domain.TypeContacts, Content: &domain.Content{Contacts: []domain.Card{{
			Name: "Eva", Organization: "ACME", Title: "Jefa de compras", Birthday: "1990-01-02", Username: "eva90",
			Phones: []string{"+34 600 000 000"}, Emails: []string{"eva@acme.example"}, Addresses: []string{"Calle Mayor 1, Madrid"}, URLs: []string{"https://acme.example"},
		}}}},
		[]string{"Eva", "ACME", "Jefa de compras", "1990-01-02", "@eva90", "+34 600 000 000", "eva@acme.example", "Calle Mayor 1, Madrid", `href="https://acme.example"`},
	},
	{
		"an order",
		domain.MessageArrived{Type: domain.TypeOrder, Content: &domain.Content{Order: &domain.Order{Items: []domain.OrderItem{{Product: "SKU-1", Quantity: "2", Price: "10", Currency: "EUR"}}, Total: "20", Currency: "EUR"}}},
		[]string{"SKU-1", "× 2", "10 EUR", "20 EUR"},
	},
	{
		"a payment",
		domain.MessageArrived{Type: domain.TypeOrder, Content: &domain.Content{Order: &domain.Order{Total: "20", Currency: "EUR", Charge: "ch_1", Customer: &domain.Card{Name: "Luz", Addresses: []string{"Gran Vía 2"}}}}},
		[]string{"20 EUR", "Pago: <bdi>ch_1", "Luz", "Gran Vía 2"},
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
	{
		"a choice of buttons",
		domain.MessageArrived{Type: domain.TypeInteractive, Text: "¿Qué día?", Content: &domain.Content{Interactive: &domain.Interactive{Header: "Citas", Footer: "Clínica Sol", Buttons: []domain.Button{{ID: "1", Title: "Lunes"}, {ID: "2", Title: "Martes"}}}}},
		[]string{"Citas", "¿Qué día?", "Lunes", "Martes", "Clínica Sol"},
	},
	{
		"a choice of a list",
		domain.MessageArrived{Type: domain.TypeInteractive, Text: "¿A qué hora?", Content: &domain.Content{Interactive: &domain.Interactive{List: &domain.List{Button: "Elegir", Sections: []domain.Section{{Title: "Mañana", Rows: []domain.Button{{ID: "1", Title: "A las 10", Description: "con Ana"}}}}}}}},
		[]string{"¿A qué hora?", "Elegir", "Mañana", "A las 10", "con Ana"},
	},
	{
		"a link",
		domain.MessageArrived{Type: domain.TypeInteractive, Text: "Le esperamos", Content: &domain.Content{Interactive: &domain.Interactive{Link: &domain.LinkButton{Title: "Ver el mapa", URL: "https://clinica.example/mapa"}}}},
		[]string{"Le esperamos", "Ver el mapa", `href="https://clinica.example/mapa"`},
	},
	{"a form", domain.MessageArrived{Content: &domain.Content{Form: []byte(`{"nombre":"Luz"}`)}}, []string{`"nombre": "Luz"`}},
	{
		"what an advertisement led to",
		domain.MessageArrived{Text: "Vi su anuncio", Content: &domain.Content{Referral: &domain.Referral{Source: "ad", Headline: "Rebajas", Body: "Todo a mitad", SourceURL: "https://fb.example/x"}}},
		[]string{"Vi su anuncio", "Rebajas", "Todo a mitad", `href="https://fb.example/x"`},
	},
	{"what we have no word for", domain.MessageArrived{Type: domain.TypeUnsupported, Content: &domain.Content{Kind: "hologram"}}, []string{"Mensaje de otro tipo", "hologram"}},
	{
		"a file",
		domain.MessageArrived{Type: domain.TypeFile, Text: "El informe", Media: &domain.Media{ID: "m1", MIME: "application/pdf", Name: "informe.pdf", Size: 482_133}},
		[]string{"informe.pdf", "application/pdf · 470.8 KiB", "El informe"},
	},
}

// sendsEverything sends a message of every kind, and returns them in that order.
func (c *client) sendsEverything() (sent []domain.Message) {
	for _, content := range contents {
		m := content.MessageArrived
		if m.Type == domain.TypeInteractive {
			sent = append(sent, c.isAnswered("ana", domain.SendRequested{Type: m.Type, Text: m.Text, Content: m.Content}))
			continue
		}
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
	t.Run("a title is said once", func(t *testing.T) {
		if n := strings.Count(page, "Ver horarios"); n != 1 {
			t.Errorf("the button that was pressed is named %d times", n)
		}
	})
}

// Two chats that turn out to be one person: the one that goes on is a click away.
func TestAMergedChatLeadsToTheOneThatGoesOn(t *testing.T) {
	o := newOffice(t)
	byPhone, byName := o.client(wabaLine, "34611204518", "Luz"), o.client(wabaLine, "ES.700", "Luz")
	older, merged := byPhone.writes("Hola").Chat, byName.writes("Soy yo").Chat
	both := byPhone.arrived("Con los dos nombres")
	both.AlsoKnown = []domain.PeerID{"ES.700"}
	byPhone.sends(0, both)
	ana := o.caller()
	ana.as("ana")
	_, page := ana.ask("GET", "/chat/c/"+string(merged), nil)
	if !strings.Contains(page, "continúa en otro chat") || !strings.Contains(page, `<a href="/chat/c/`+string(older)+`">Abrirlo`) {
		t.Errorf("the merged chat leads nowhere: %s", page)
	}
}
