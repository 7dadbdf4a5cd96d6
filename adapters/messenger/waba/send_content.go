package waba

import (
	"encoding/json"

	"recado/domain"
)

type place struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
	Name      string      `json:"name,omitempty"`
	Address   string      `json:"address,omitempty"`
}

func placeOf(l *domain.Location) *place { return &place{l.Latitude, l.Longitude, l.Name, l.Address} }

// A vcard is a contact. Meta wants the formatted name and one of its parts.
type vcard struct {
	Name struct {
		Formatted string `json:"formatted_name"`
		First     string `json:"first_name"`
	} `json:"name"`
	Phones    []phone   `json:"phones,omitempty"`
	Emails    []email   `json:"emails,omitempty"`
	Org       *org      `json:"org,omitempty"`
	Addresses []address `json:"addresses,omitempty"`
	URLs      []link    `json:"urls,omitempty"`
	Birthday  string    `json:"birthday,omitempty"`
}

type (
	phone struct {
		Phone string `json:"phone"`
	}
	email struct {
		Email string `json:"email"`
	}
	org struct {
		Company string `json:"company,omitempty"`
		Title   string `json:"title,omitempty"`
	}
	address struct {
		Street string `json:"street"`
	}
	link struct {
		URL string `json:"url"`
	}
)

func cardsOf(list []domain.Card) []vcard {
	cards := make([]vcard, len(list))
	for i, given := range list {
		c := vcard{Birthday: given.Birthday}
		c.Name.Formatted, c.Name.First = given.Name, given.Name
		for _, p := range given.Phones {
			c.Phones = append(c.Phones, phone{p})
		}
		for _, e := range given.Emails {
			c.Emails = append(c.Emails, email{e})
		}
		for _, a := range given.Addresses {
			c.Addresses = append(c.Addresses, address{a})
		}
		for _, u := range given.URLs {
			c.URLs = append(c.URLs, link{u})
		}
		if given.Organization != "" || given.Title != "" {
			c.Org = &org{given.Organization, given.Title}
		}
		cards[i] = c
	}
	return cards
}

// An interactive is a text with choices: of the type button, list or cta_url.
type interactive struct {
	Type   string  `json:"type"`
	Header *header `json:"header,omitempty"`
	Body   words   `json:"body"`
	Footer *words  `json:"footer,omitempty"`
	Action action  `json:"action"`
}

type header struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type words struct {
	Text string `json:"text"`
}

type action struct {
	Buttons    []button    `json:"buttons,omitempty"`
	Button     string      `json:"button,omitempty"`
	Sections   []section   `json:"sections,omitempty"`
	Name       string      `json:"name,omitempty"`
	Parameters *openedPage `json:"parameters,omitempty"`
}

type button struct {
	Type  string `json:"type"`
	Reply choice `json:"reply"`
}

type choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

type section struct {
	Title string   `json:"title,omitempty"`
	Rows  []choice `json:"rows"`
}

type openedPage struct {
	Text string `json:"display_text"`
	URL  string `json:"url"`
}

func interactiveOf(body string, i *domain.Interactive) *interactive {
	made := &interactive{Body: words{body}}
	if i.Header != "" {
		made.Header = &header{"text", i.Header}
	}
	if i.Footer != "" {
		made.Footer = &words{i.Footer}
	}
	switch {
	case i.Link != nil:
		made.Type, made.Action = "cta_url", action{Name: "cta_url", Parameters: &openedPage{i.Link.Title, i.Link.URL}}
	case i.List != nil:
		made.Type, made.Action = "list", action{Button: i.List.Button}
		for _, s := range i.List.Sections {
			made.Action.Sections = append(made.Action.Sections, section{s.Title, choicesOf(s.Rows)})
		}
	default:
		made.Type = "button"
		for _, c := range choicesOf(i.Buttons) {
			made.Action.Buttons = append(made.Action.Buttons, button{"reply", choice{ID: c.ID, Title: c.Title}})
		}
	}
	return made
}

func choicesOf(list []domain.Button) []choice {
	choices := make([]choice, len(list))
	for i, b := range list {
		choices[i] = choice{b.ID, b.Title, b.Description}
	}
	return choices
}
