package waba

import (
	"encoding/json"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A card is one of an address book.
type card struct {
	Name struct {
		Formatted string `json:"formatted_name"`
		First     string `json:"first_name"`
		Last      string `json:"last_name"`
	}
	Phones []struct {
		Phone wire.Text
		WaID  wire.Text `json:"wa_id"`
	}
	Emails       []struct{ Email string }
	Organization struct{ Company, Department, Title string } `json:"org"`
	Addresses    []struct{ Street, City, State, Zip, Country wire.Text }
	URLs         []struct{ URL string }
	Birthday     string
}

func readCards(raw json.RawMessage) (content, bool) {
	cards, ok := body[[]card](raw)
	c := content{Type: domain.TypeContacts}
	var text []string
	for _, one := range cards {
		read := one.content()
		c.Content.Contacts = append(c.Content.Contacts, read)
		text = append(text, strings.Trim(read.Name+": "+strings.Join(read.Phones, ", "), ": "))
	}
	c.Text = wire.Lines(text...)
	return c, ok && c.Text != ""
}

func (c card) content() domain.Card {
	read := domain.Card{
		Name:         firstOf(c.Name.Formatted, strings.TrimSpace(c.Name.First+" "+c.Name.Last)),
		Organization: joined(c.Organization.Company, c.Organization.Department), Title: c.Organization.Title, Birthday: c.Birthday,
	}
	for _, p := range c.Phones {
		if phone := firstOf(string(p.Phone), string(p.WaID)); phone != "" {
			read.Phones = append(read.Phones, phone)
		}
	}
	for _, e := range c.Emails {
		read.Emails = append(read.Emails, e.Email)
	}
	for _, u := range c.URLs {
		read.URLs = append(read.URLs, u.URL)
	}
	for _, a := range c.Addresses {
		read.Addresses = append(read.Addresses, joined(string(a.Street), string(a.Zip), string(a.City), string(a.State), string(a.Country)))
	}
	return read
}

// joined writes what is not empty in a line.
func joined(parts ...string) string { return strings.ReplaceAll(wire.Lines(parts...), "\n", ", ") }
