package api

import (
	"encoding/json"
	"strconv"

	"recado/domain"
)

// What a message of some types needs beside its text. The limits of each messenger
// are checked before the message is accepted; these only bound the request.
type (
	sentMedia struct {
		_   struct{}       `additionalProperties:"false"`
		ID  domain.MediaID `json:"id,omitempty" maxLength:"64" pattern:"^[!-~]+$" doc:"Of a file that was uploaded by POST /v1/media. Give either this or url."`
		URL string         `json:"url,omitempty" maxLength:"2000" pattern:"^https?://[!-~]+$" doc:"Where the file is. It is fetched once, before the call is answered, which may take a minute, and stored like an upload. Addresses of private networks are refused."`
	}
	sentLocation struct {
		_         struct{} `additionalProperties:"false"`
		Latitude  float64  `json:"latitude" minimum:"-90" maximum:"90"`
		Longitude float64  `json:"longitude" minimum:"-180" maximum:"180"`
		Name      string   `json:"name,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Address   string   `json:"address,omitempty" maxLength:"512" pattern:"^[^\\x00]*$"`
	}
	sentContact struct {
		_            struct{} `additionalProperties:"false"`
		Name         string   `json:"name" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$"`
		Phones       []string `json:"phones" minItems:"1" maxItems:"20" nullable:"false" doc:"The first one is what messengers with one number show."`
		Emails       []string `json:"emails,omitempty" maxItems:"20"`
		Organization string   `json:"organization,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Title        string   `json:"title,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Addresses    []string `json:"addresses,omitempty" maxItems:"20"`
		URLs         []string `json:"urls,omitempty" maxItems:"20"`
	}
	sentInteractive struct {
		_       struct{}     `additionalProperties:"false"`
		Header  string       `json:"header,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Footer  string       `json:"footer,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Buttons []sentButton `json:"buttons,omitempty" minItems:"1" maxItems:"100" doc:"Either these, or a list, or a link."`
		List    *sentList    `json:"list,omitempty"`
		Link    *sentLink    `json:"link,omitempty"`
	}
	sentButton struct {
		_           struct{} `additionalProperties:"false"`
		ID          string   `json:"id" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$" doc:"Comes back in button.id when the client chooses it."`
		Title       string   `json:"title" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$"`
		Description string   `json:"description,omitempty" maxLength:"256" pattern:"^[^\\x00]*$" doc:"Of a row of a list."`
	}
	sentList struct {
		_        struct{}      `additionalProperties:"false"`
		Button   string        `json:"button" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$" doc:"The title of the button that opens the list."`
		Sections []sentSection `json:"sections" minItems:"1" maxItems:"100" nullable:"false"`
	}
	sentSection struct {
		_     struct{}     `additionalProperties:"false"`
		Title string       `json:"title,omitempty" maxLength:"256" pattern:"^[^\\x00]*$"`
		Rows  []sentButton `json:"rows" minItems:"1" maxItems:"100" nullable:"false"`
	}
	sentLink struct {
		_     struct{} `additionalProperties:"false"`
		Title string   `json:"title" minLength:"1" maxLength:"256" pattern:"^[^\\x00]*$"`
		URL   string   `json:"url" maxLength:"2000" pattern:"^https?://[!-~]+$"`
	}
)

// content converts what the message has beside its text and its file; nil: nothing.
func (s sending) content() *domain.Content {
	var c domain.Content
	if l := s.Location; l != nil {
		c.Location = &domain.Location{Latitude: number(l.Latitude), Longitude: number(l.Longitude), Name: l.Name, Address: l.Address}
	}
	for _, p := range s.Contacts {
		c.Contacts = append(c.Contacts, domain.Card{
			Name: p.Name, Phones: p.Phones, Emails: p.Emails, Organization: p.Organization, Title: p.Title, Addresses: p.Addresses, URLs: p.URLs,
		})
	}
	if s.Interactive != nil {
		c.Interactive = s.Interactive.toDomain()
	}
	return c.OrNil()
}

func (i *sentInteractive) toDomain() *domain.Interactive {
	converted := &domain.Interactive{Header: i.Header, Footer: i.Footer, Buttons: buttons(i.Buttons)}
	if i.List != nil {
		converted.List = &domain.List{Button: i.List.Button}
		for _, s := range i.List.Sections {
			converted.List.Sections = append(converted.List.Sections, domain.Section{Title: s.Title, Rows: buttons(s.Rows)})
		}
	}
	if i.Link != nil {
		converted.Link = &domain.LinkButton{Title: i.Link.Title, URL: i.Link.URL}
	}
	return converted
}

func buttons(list []sentButton) (converted []domain.Button) {
	for _, b := range list {
		converted = append(converted, domain.Button{ID: b.ID, Title: b.Title, Description: b.Description})
	}
	return converted
}

// forms counts what a client can choose from: it must be one.
func (i *sentInteractive) forms() (n int) {
	for _, given := range []bool{i.Buttons != nil, i.List != nil, i.Link != nil} {
		if given {
			n++
		}
	}
	return n
}

func number(f float64) json.Number { return json.Number(strconv.FormatFloat(f, 'f', -1, 64)) }
