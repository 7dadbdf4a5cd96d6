package telegram

import (
	"encoding/json"
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

type card struct {
	Phone     wire.Text    `json:"phone_number"`
	FirstName string       `json:"first_name"`
	LastName  string       `json:"last_name"`
	UserID    wire.Integer `json:"user_id"`
	VCard     string
}

func (c card) content() content {
	one := domain.Card{Name: fullName(c.FirstName, c.LastName)}
	if c.Phone != "" {
		one.Phones = []string{string(c.Phone)}
	}
	if c.UserID != 0 {
		one.UserID = strconv.FormatInt(int64(c.UserID), 10)
	}
	more(&one, c.VCard)
	text := strings.Trim(one.Name+": "+string(c.Phone), ": ")
	return content{Type: domain.TypeContacts, Text: orKind(text, "contact"), Content: domain.Content{Contacts: []domain.Card{one}}}
}

// more adds what an address book wrote beside name and number, as a vCard.
func more(c *domain.Card, vcard string) {
	for line := range strings.Lines(vcard) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, _, _ = strings.Cut(name, ";")
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		switch strings.ToUpper(name[strings.LastIndex(name, ".")+1:]) {
		case "EMAIL":
			c.Emails = append(c.Emails, value)
		case "ORG":
			c.Organization = strings.Trim(strings.ReplaceAll(value, ";", ", "), ", ")
		case "TITLE":
			c.Title = value
		case "URL":
			c.URLs = append(c.URLs, value)
		case "BDAY":
			c.Birthday = value
		case "ADR":
			parts := strings.FieldsFunc(value, func(r rune) bool { return r == ';' })
			c.Addresses = append(c.Addresses, strings.Join(parts, ", "))
		}
	}
}

type place struct {
	Latitude, Longitude wire.Decimal
	Live                wire.Integer `json:"live_period"`
}

func (p place) location() *domain.Location {
	if p.Latitude == "" || p.Longitude == "" {
		return nil
	}
	return &domain.Location{Latitude: json.Number(p.Latitude), Longitude: json.Number(p.Longitude), Live: p.Live > 0}
}

func (p place) text() string { return strings.Trim(string(p.Latitude+", "+p.Longitude), ", ") }

func (p place) content() content {
	return content{Type: domain.TypeLocation, Text: orKind(p.text(), "location"), Content: domain.Content{Location: p.location()}}
}

type venue struct {
	Location       place
	Title, Address string
}

func (v venue) content() content {
	at := v.Location.location()
	if at != nil {
		at.Name, at.Address = v.Title, v.Address
	}
	text := wire.Lines(v.Title, v.Address, v.Location.text())
	return content{Type: domain.TypeLocation, Text: orKind(text, "venue"), Content: domain.Content{Location: at}}
}

// orKind names the kind of what says nothing else.
func orKind(text, kind string) string {
	if text == "" {
		return kind
	}
	return text
}
