package waha

import (
	"cmp"
	"encoding/json"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A content is what a message says.
type content struct {
	Type    domain.MessageType
	Text    string
	Media   *domain.Media // or nil
	Content domain.Content
}

// content reads what the message says. False: nobody wrote it.
func (m *message) content() (c content, wrote bool) {
	switch {
	case m.Data.Message.has("reactionMessage"), m.Data.Message.has("protocolMessage"):
		return content{}, false // an event of its own tells of it
	case m.HasMedia || m.Media.exists():
		return m.file(), true
	case m.Location.exists():
		return m.Location.content(), true
	case len(m.VCards) > 0:
		return cardsContent(m.VCards), true
	case m.Body != "":
		return content{Type: domain.TypeText, Text: string(m.Body)}, true
	}
	kind := m.Data.Message.kind()
	words := wire.Words(m.Data.Message[kind])
	return content{
		Type: domain.TypeUnsupported, Text: wire.Labelled(cmp.Or(kind, "unknown"), words...), Content: domain.Content{Kind: cmp.Or(kind, "unknown")},
	}, true
}

// raw is a message as WhatsApp itself writes it: a body under the name of its kind.
type raw map[string]json.RawMessage

// UnmarshalJSON reads an object; anything else is none.
func (r *raw) UnmarshalJSON(data []byte) error {
	*r = nil
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) == nil {
		*r = fields
	}
	return nil
}

func (r raw) has(kind string) bool { body := r[kind]; return len(body) > 1 && body[0] == '{' }

// kind names what the message is; of several the first by name.
func (r raw) kind() string {
	found := ""
	for name := range r {
		if r.has(name) && name != "messageContextInfo" && (found == "" || name < found) {
			found = name
		}
	}
	return found
}

// A location is a place that the peer sent.
type location struct {
	Latitude, Longitude             wire.Decimal
	Name, Address, URL, Description wire.Text
	Live                            bool
}

func (l *location) exists() bool { return l != nil && l.Latitude != "" && l.Longitude != "" }

func (l *location) content() content {
	at := domain.Location{
		Latitude: json.Number(l.Latitude), Longitude: json.Number(l.Longitude), Live: l.Live,
		Name: wire.Clean(string(cmp.Or(l.Name, l.Description))), Address: wire.Clean(string(l.Address)), URL: wire.Clean(string(l.URL)),
	}
	text := wire.Lines(at.Name, at.Address, string(l.Latitude+", "+l.Longitude), at.URL)
	return content{Type: domain.TypeLocation, Text: text, Content: domain.Content{Location: &at}}
}

// cardsContent reads vCards.
func cardsContent(vcards []string) content {
	c := content{Type: domain.TypeContacts}
	var lines []string
	for _, v := range vcards {
		card := cardOf(wire.Clean(v))
		c.Content.Contacts = append(c.Content.Contacts, card)
		lines = append(lines, strings.TrimSpace(card.Name+" "+strings.Join(card.Phones, " ")))
	}
	c.Text = cmp.Or(wire.Lines(lines...), "contact")
	return c
}

// cardOf reads the lines of a vCard that tell who it is.
func cardOf(vcard string) domain.Card {
	var card domain.Card
	for line := range strings.Lines(vcard) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, _, _ = strings.Cut(name, ";")
		if i := strings.LastIndexByte(name, '.'); i >= 0 { // "item1.TEL"
			name = name[i+1:]
		}
		value = strings.NewReplacer(`\,`, ",", `\;`, ";", `\n`, " ").Replace(value)
		switch strings.ToUpper(name) {
		case "FN":
			card.Name = value
		case "TEL":
			card.Phones = append(card.Phones, value)
		case "EMAIL":
			card.Emails = append(card.Emails, value)
		case "ORG":
			card.Organization = strings.Trim(value, ";")
		case "TITLE":
			card.Title = value
		case "URL":
			card.URLs = append(card.URLs, value)
		}
	}
	return card
}
