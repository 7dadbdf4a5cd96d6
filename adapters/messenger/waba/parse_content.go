package waba

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A content is what a message says.
type content struct {
	Type  domain.MessageType
	Text  string
	Media *domain.Media // or nil
}

// said is what a message says: its type, and a body under the type's own name.
type said struct {
	Type   string
	Errors []apiError // in place of what Meta cannot pass on

	Text        json.RawMessage
	Audio       json.RawMessage
	Voice       json.RawMessage
	Image       json.RawMessage
	Video       json.RawMessage
	Document    json.RawMessage
	Sticker     json.RawMessage
	Location    json.RawMessage
	Contacts    json.RawMessage
	Interactive json.RawMessage
	Button      json.RawMessage
	Order       json.RawMessage
	System      *system
}

func (s said) content() (content, error) {
	switch s.Type {
	case "text":
		return s.of(s.Text, readText)
	case "audio":
		return s.of(s.Audio, readAudio)
	case "voice": // as it was before audio could be a voice
		return s.of(s.Voice, media(domain.TypeVoice))
	case "image":
		return s.of(s.Image, media(domain.TypeImage))
	case "video":
		return s.of(s.Video, media(domain.TypeVideo))
	case "document":
		return s.of(s.Document, media(domain.TypeFile))
	case "sticker":
		return s.of(s.Sticker, media(domain.TypeSticker))
	case "location":
		return s.of(s.Location, readLocation)
	case "contacts":
		return s.of(s.Contacts, readCards)
	case "interactive":
		return s.of(s.Interactive, readInteractive)
	case "button":
		return s.of(s.Button, readButton)
	case "order":
		return s.of(s.Order, readOrder)
	case "system":
		return s.ofSystem()
	}
	return unsupported(s.Errors), nil
}

// of reads the body of the type, or returns why there is none.
func (s said) of(body json.RawMessage, read func(json.RawMessage) (content, error)) (content, error) {
	if len(body) == 0 && len(s.Errors) > 0 {
		return unsupported(s.Errors), nil
	}
	return read(body)
}

// unsupported keeps what Meta says in place of what it cannot pass on.
func unsupported(errs []apiError) content {
	c := content{Type: domain.TypeUnsupported}
	if len(errs) > 0 {
		c.Text = firstOf(errs[0].Title, errs[0].Message)
	}
	return c
}

func readText(body json.RawMessage) (content, error) {
	text, err := decode[struct{ Body *string }]("text", body)
	if err == nil && text.Body == nil {
		err = errors.New("text: it has no body")
	}
	if err != nil {
		return content{}, err
	}
	return content{Type: domain.TypeText, Text: *text.Body}, nil
}

type file struct {
	ID, SHA256, Caption, Filename string

	MIME  string `json:"mime_type"`
	Voice bool   // of audio: recorded to be listened to
}

func media(t domain.MessageType) func(json.RawMessage) (content, error) {
	return func(body json.RawMessage) (content, error) {
		f, err := decode[file](string(t), body)
		return content{Type: t, Text: f.Caption, Media: &domain.Media{
			ID: wire.Clean(f.ID), MIME: wire.Clean(f.MIME), Name: wire.Clean(f.Filename), SHA: wire.Clean(f.SHA256),
		}}, err
	}
}

func readAudio(body json.RawMessage) (content, error) {
	f, err := decode[file]("audio", body)
	if err != nil {
		return content{}, err
	}
	if f.Voice {
		return media(domain.TypeVoice)(body)
	}
	return media(domain.TypeAudio)(body)
}

func readLocation(body json.RawMessage) (content, error) {
	l, err := decode[struct {
		Latitude, Longitude scalar
		Name, Address, URL  string
	}]("location", body)
	return content{Type: domain.TypeLocation, Text: lines(l.Name, l.Address, string(l.Latitude+", "+l.Longitude), l.URL)}, err
}

func readCards(body json.RawMessage) (content, error) {
	cards, err := decode[[]struct {
		Name struct {
			Formatted string `json:"formatted_name"`
		}
		Phones []struct {
			Phone string
			WaID  string `json:"wa_id"`
		}
	}]("contacts", body)
	var text []string
	for _, card := range cards {
		var phones []string
		for _, p := range card.Phones {
			phones = append(phones, firstOf(p.Phone, p.WaID))
		}
		text = append(text, strings.Trim(card.Name.Formatted+": "+strings.Join(phones, ", "), ": "))
	}
	return content{Type: domain.TypeContacts, Text: lines(text...)}, err
}

func readInteractive(body json.RawMessage) (content, error) {
	type reply struct{ Title, Description string }
	i, err := decode[struct {
		Type   string
		Button reply `json:"button_reply"`
		List   reply `json:"list_reply"`
		Form   struct {
			Body     string
			Response string `json:"response_json"`
		} `json:"nfm_reply"`
	}]("interactive", body)
	c := content{Type: domain.TypeButton}
	switch i.Type {
	case "button_reply":
		c.Text = i.Button.Title
	case "list_reply":
		c.Text = lines(i.List.Title, i.List.Description)
	case "nfm_reply":
		c.Text = lines(i.Form.Body, i.Form.Response)
	default:
		c.Type = domain.TypeUnsupported
	}
	return c, err
}

func readButton(body json.RawMessage) (content, error) {
	b, err := decode[struct{ Text, Payload string }]("button", body)
	return content{Type: domain.TypeButton, Text: firstOf(b.Text, b.Payload)}, err
}

func readOrder(body json.RawMessage) (content, error) {
	o, err := decode[struct {
		Text  string
		Items []struct {
			Product  string `json:"product_retailer_id"`
			Quantity scalar
			Price    scalar `json:"item_price"`
			Currency string
		} `json:"product_items"`
	}]("order", body)
	text := []string{o.Text}
	for _, i := range o.Items {
		text = append(text, fmt.Sprintf("%s × %s, %s %s", i.Quantity, i.Product, i.Price, i.Currency))
	}
	return content{Type: domain.TypeOrder, Text: lines(text...)}, err
}

// A system message says what happened to its sender.
type system struct {
	Body           string
	PreviousUserID string `json:"previous_user_id"` // in place of a sender
}

func (s said) ofSystem() (content, error) {
	switch {
	case s.System != nil:
		return content{Type: domain.TypeSystem, Text: s.System.Body}, nil
	case len(s.Errors) > 0:
		return unsupported(s.Errors), nil
	}
	return content{}, errors.New("system is missing")
}
