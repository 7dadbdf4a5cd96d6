package waba

import (
	"encoding/json"
	"errors"

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

	raw json.RawMessage // all of it; read part by part only
}

// errOdd asks for the webhook to be read part by part.
var errOdd = errors.New("its content is not as documented")

// content reads the body of the type. What cannot be read is unsupported, with
// its words.
func (s said) content() (content, error) {
	c, sound := s.documented()
	switch {
	case sound:
		return c, nil
	case s.raw == nil:
		return c, errOdd
	}
	return s.unsupported(), nil
}

func (s said) documented() (content, bool) {
	switch s.Type {
	case "text":
		return readText(s.Text)
	case "audio":
		return readFile(domain.TypeAudio, s.Audio)
	case "voice": // as it was before audio could be a voice
		return readFile(domain.TypeVoice, s.Voice)
	case "image":
		return readFile(domain.TypeImage, s.Image)
	case "video":
		return readFile(domain.TypeVideo, s.Video)
	case "document":
		return readFile(domain.TypeFile, s.Document)
	case "sticker":
		return readFile(domain.TypeSticker, s.Sticker)
	case "location":
		return readLocation(s.Location)
	case "contacts":
		return readCards(s.Contacts)
	case "interactive":
		return readInteractive(s.Interactive)
	case "button":
		return readButton(s.Button)
	case "order":
		return readOrder(s.Order)
	case "system":
		return s.system()
	case "request_welcome": // the chat was opened, nothing written
		return content{Type: domain.TypeSystem, Text: s.Type}, true
	}
	return content{}, false
}

// unsupported keeps the kind, what Meta says in place of what it cannot pass
// on, and every text that came.
func (s said) unsupported() content {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(s.raw, &fields) // it is an object, as it was read before
	kind := firstOf(s.Type, "unknown")
	var inside struct{ Type string }
	if body := fields[s.Type]; json.Unmarshal(body, &inside) == nil && inside.Type != "" {
		kind = inside.Type
	}
	var words []string
	for _, e := range s.Errors {
		words = append(words, firstOf(e.Title, e.Message), string(e.Data))
	}
	words = append(words, wire.Words(fields[s.Type])...)
	return content{Type: domain.TypeUnsupported, Text: wire.Labelled(kind, words...), Content: domain.Content{Kind: kind}}
}

// body reads what it can of a body; false: there is none.
func body[T any](raw json.RawMessage) (T, bool) {
	var b T
	return b, len(raw) > 0 && string(raw) != "null" && wire.Decode(raw, &b) == nil
}

func readText(raw json.RawMessage) (content, bool) {
	text, ok := body[struct{ Body wire.Text }](raw)
	return content{Type: domain.TypeText, Text: string(text.Body)}, ok && text.Body != ""
}

type file struct {
	ID       wire.Text
	SHA256   string
	Caption  string
	Filename string
	MIME     string `json:"mime_type"`
	Voice    bool   // of audio: recorded to be listened to
}

func readFile(t domain.MessageType, raw json.RawMessage) (content, bool) {
	f, ok := body[file](raw)
	if t == domain.TypeAudio && f.Voice {
		t = domain.TypeVoice
	}
	return content{Type: t, Text: f.Caption, Media: &domain.Media{
		ID: wire.Clean(string(f.ID)), MIME: wire.Clean(f.MIME), Name: wire.Clean(f.Filename), SHA: wire.Clean(f.SHA256),
	}}, ok && f.ID != ""
}

func readLocation(raw json.RawMessage) (content, bool) {
	l, ok := body[struct {
		Latitude, Longitude wire.Decimal
		Name, Address, URL  string
	}](raw)
	at := domain.Location{
		Latitude: json.Number(l.Latitude), Longitude: json.Number(l.Longitude), Name: l.Name, Address: l.Address, URL: l.URL,
	}
	text := wire.Lines(l.Name, l.Address, string(l.Latitude+", "+l.Longitude), l.URL)
	return content{Type: domain.TypeLocation, Text: text, Content: domain.Content{Location: &at}}, ok && l.Latitude != "" && l.Longitude != ""
}
