package waba

import (
	"encoding/json"

	"recado/domain"
)

// An outgoing is the body of the POST. It has the one part that its Type names.
type outgoing struct {
	Product       string   `json:"messaging_product"`
	RecipientType string   `json:"recipient_type"`
	To            string   `json:"to,omitempty"`
	Recipient     string   `json:"recipient,omitempty"` // in place of To: who has no phone number
	Opaque        string   `json:"biz_opaque_callback_data"`
	Context       *replyTo `json:"context,omitempty"`
	Type          string   `json:"type"`

	Text        *text        `json:"text,omitempty"`
	Template    *template    `json:"template,omitempty"`
	Image       *attachment  `json:"image,omitempty"`
	Video       *attachment  `json:"video,omitempty"`
	Audio       *attachment  `json:"audio,omitempty"`
	Document    *attachment  `json:"document,omitempty"`
	Location    *place       `json:"location,omitempty"`
	Contacts    []vcard      `json:"contacts,omitempty"`
	Interactive *interactive `json:"interactive,omitempty"`
	Reaction    *reaction    `json:"reaction,omitempty"`
}

type replyTo struct {
	ID domain.ProviderID `json:"message_id"`
}

type text struct {
	Body       string `json:"body"`
	PreviewURL bool   `json:"preview_url"`
}

type template struct {
	Name       string          `json:"name"`
	Language   language        `json:"language"`
	Components json.RawMessage `json:"components,omitempty"`
}

type language struct {
	Code   string `json:"code"`
	Policy string `json:"policy"`
}

type attachment struct {
	ID      string `json:"id"`
	Caption string `json:"caption,omitempty"`
	Name    string `json:"filename,omitempty"`
	Voice   bool   `json:"voice,omitempty"`
}

type reaction struct {
	ID    domain.ProviderID `json:"message_id"`
	Emoji string            `json:"emoji"` // empty: it is taken back
}

// envelopeOf makes the body. Name is Meta's name of the file, where there is one.
func envelopeOf(m domain.Outgoing, name string) outgoing {
	o := outgoing{Product: "whatsapp", RecipientType: "individual", Opaque: string(m.ID), Type: string(m.Type)}
	o.fill(m, name)
	switch {
	case m.IsGroup:
		o.RecipientType, o.To = "group", string(m.Peer)
	case isPhone(string(m.Peer)):
		o.To = "+" + string(m.Peer) // without it Meta may put our own country in front
	default:
		o.Recipient = string(m.Peer)
	}
	if m.ReplyTo != "" {
		o.Context = &replyTo{m.ReplyTo}
	}
	return o
}

// fill sets the part of the type.
func (o *outgoing) fill(m domain.Outgoing, name string) {
	switch m.Type {
	case domain.TypeTemplate:
		o.Template = &template{m.Template.Name, language{m.Template.Language, "deterministic"}, m.Template.Components}
	case domain.TypeImage:
		o.Image = &attachment{ID: name, Caption: m.Text}
	case domain.TypeVideo:
		o.Video = &attachment{ID: name, Caption: m.Text}
	case domain.TypeFile:
		o.Type, o.Document = "document", &attachment{ID: name, Caption: m.Text, Name: m.Media.Name}
	case domain.TypeAudio:
		o.Audio = &attachment{ID: name}
	case domain.TypeVoice:
		o.Type, o.Audio = "audio", &attachment{ID: name, Voice: true}
	case domain.TypeLocation:
		o.Location = placeOf(m.Content.Location)
	case domain.TypeContacts:
		o.Contacts = cardsOf(m.Content.Contacts)
	case domain.TypeInteractive:
		o.Interactive = interactiveOf(m.Text, m.Content.Interactive)
	case domain.TypeReaction:
		o.Reaction = &reaction{m.Target, m.Text}
	default:
		o.Text = &text{Body: m.Text}
	}
}
