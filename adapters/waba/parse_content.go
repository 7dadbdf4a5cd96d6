package waba

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"recado/adapters/wire"
	"recado/domain"
)

// A content is what a message says.
type content struct {
	Type  domain.MessageType
	Text  string
	Media *domain.Media // or nil
}

// contents reads the body that each type of message has under its own name.
// A type that is not here is unsupported.
var contents = map[string]func(json.RawMessage) (content, error){
	"text":        readText,
	"audio":       readAudio,
	"voice":       media(domain.TypeVoice), // as it was before audio could be a voice
	"image":       media(domain.TypeImage),
	"video":       media(domain.TypeVideo),
	"document":    media(domain.TypeFile),
	"sticker":     media(domain.TypeSticker),
	"location":    readLocation,
	"contacts":    readCards,
	"interactive": readInteractive,
	"button":      readButton,
	"order":       readOrder,
	"system":      readSystem,
}

func readContent(raw json.RawMessage) (content, error) {
	parts, err := decode[map[string]json.RawMessage]("message", raw)
	if err != nil {
		return content{}, err
	}
	name, err := part[string](parts, "type")
	if err != nil {
		return content{}, err
	}
	errs, err := part[[]apiError](parts, "errors")
	if err != nil {
		return content{}, err
	}
	read, known := contents[name]
	body, told := parts[name]
	if !known || !told && len(errs) > 0 {
		return unsupported(errs), nil
	}
	return read(body)
}

// part reads one of the parts of a message, which may be absent.
func part[T any](parts map[string]json.RawMessage, name string) (v T, err error) {
	if raw, told := parts[name]; told {
		if err = json.Unmarshal(raw, &v); err != nil {
			err = fmt.Errorf("message: %s: %w", name, err)
		}
	}
	return v, err
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

func readSystem(body json.RawMessage) (content, error) {
	s, err := decode[struct{ Body string }]("system", body)
	return content{Type: domain.TypeSystem, Text: s.Body}, err
}
