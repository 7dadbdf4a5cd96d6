package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// An outgoing holds the parameters of the methods that send messages and change them.
type outgoing struct {
	Chat     any      `json:"chat_id,omitempty"` // a number, or what the messenger looks up: an @name, a phone number
	Direct   int64    `json:"direct_messages_topic_id,omitempty"`
	Topic    int64    `json:"message_thread_id,omitempty"`
	Business string   `json:"business_connection_id,omitempty"`
	Client   string   `json:"client_id,omitempty"` // ours, of a new message
	Reply    *replyTo `json:"reply_parameters,omitempty"`

	Text     string    `json:"text,omitempty"`
	Keyboard *keyboard `json:"reply_markup,omitempty"`

	Photo    string `json:"photo,omitempty"` // one of these, if Telegram has the file
	Video    string `json:"video,omitempty"`
	Audio    string `json:"audio,omitempty"`
	Voice    string `json:"voice,omitempty"`
	Document string `json:"document,omitempty"`
	Caption  string `json:"caption,omitempty"`
	Duration int64  `json:"duration,omitempty"`

	Latitude  json.Number `json:"latitude,omitempty"`
	Longitude json.Number `json:"longitude,omitempty"`
	Title     string      `json:"title,omitempty"`
	Address   string      `json:"address,omitempty"`

	Phone     string `json:"phone_number,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	VCard     string `json:"vcard,omitempty"`

	Message   int64           `json:"message_id,omitempty"` // the one to change
	Messages  []int64         `json:"message_ids,omitempty"`
	Reactions *[]reactionType `json:"reaction,omitempty"`
}

type replyTo struct {
	Number  int64 `json:"message_id"`
	OrPlain bool  `json:"allow_sending_without_reply"`
}

type reactionType struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

// addressed returns the parameters that say where a new message goes. It does not
// reply across ids: the numbers of a group mean nothing in the supergroup that it
// became.
func addressed(m domain.Outgoing) outgoing {
	a := addressOf(m.Peer)
	o := outgoing{Chat: chatID(a.chat), Direct: a.topic, Business: a.business}
	_, numbered := o.Chat.(int64)
	if a.topic == 0 {
		o.Topic, _ = strconv.ParseInt(m.Topic, 10, 64) // what is no number is no topic
	}
	where, number := splitName(m.ReplyTo)
	if number != 0 && (where == a.messages || !numbered) {
		o.Reply = &replyTo{Number: number, OrPlain: true}
	}
	return o
}

// chatID is the number of a chat, or else what it is called.
func chatID(chat string) any {
	if id, err := strconv.ParseInt(chat, 10, 64); err == nil && !strings.HasPrefix(chat, "+") {
		return id
	}
	return chat
}

// splitName splits the name of a message into where it is and its number there; zero:
// the name is none of Telegram's.
func splitName(id domain.ProviderID) (where string, number int64) {
	slash := max(0, strings.LastIndex(string(id), "/"))
	number, err := strconv.ParseInt(strings.TrimPrefix(string(id[slash:]), "/"), 10, 64)
	if err != nil {
		return "", 0
	}
	return string(id[:slash]), number
}

// bodyOf returns the method that sends a message without a file, and its parameters.
func bodyOf(m domain.Outgoing) (method string, o outgoing) {
	if m.Target != "" {
		return changeOf(m)
	}
	o = addressed(m)
	switch m.Type {
	case domain.TypeLocation:
		l := m.Content.Location
		o.Latitude, o.Longitude = l.Latitude, l.Longitude
		if l.Name == "" && l.Address == "" {
			return "sendLocation", o
		}
		o.Title, o.Address = cmp.Or(l.Name, l.Address), cmp.Or(l.Address, l.Name)
		return "sendVenue", o
	case domain.TypeContacts:
		c := m.Content.Contacts[0]
		o.Phone, o.FirstName, o.VCard = strings.Join(c.Phones[:min(1, len(c.Phones))], ""), c.Name, fullCard(c)
		return "sendContact", o
	case domain.TypeInteractive:
		o.Text, o.Keyboard = framed(m.Text, m.Content.Interactive), keyboardOf(m.Content.Interactive)
		return "sendMessage", o
	}
	o.Text = m.Text
	return "sendMessage", o
}

// maxVCard is how long a vCard may be for Telegram, in bytes.
const maxVCard = 2048

// fullCard is the vCard of a contact that has more than a name and a number; empty: it has
// not, or it is more than Telegram takes.
func fullCard(c domain.Card) string {
	if len(c.Phones) < 2 && len(c.Emails) == 0 && c.Organization == "" && c.Title == "" && len(c.Addresses) == 0 && len(c.URLs) == 0 && c.Birthday == "" {
		return ""
	}
	if card := wire.VCard(c); len(card) <= maxVCard {
		return card
	}
	return ""
}

// changeOf returns the method that changes a message that was sent before.
func changeOf(m domain.Outgoing) (method string, o outgoing) {
	where, number := splitName(m.Target)
	a := addressOf(domain.PeerID(where))
	o = outgoing{Chat: chatID(a.chat), Business: a.business, Message: number}
	switch {
	case m.Type == domain.TypeReaction:
		o.Reactions = &[]reactionType{}
		if m.Text != "" {
			o.Reactions = &[]reactionType{{"emoji", m.Text}}
		}
		return "setMessageReaction", o
	case m.Type == domain.TypeDelete && a.business != "":
		return "deleteBusinessMessages", outgoing{Business: a.business, Messages: []int64{number}}
	case m.Type == domain.TypeDelete:
		return "deleteMessage", o
	case slices.Contains(domain.FileTypes, m.TargetType):
		o.Caption = m.Text
		return "editMessageCaption", o
	}
	o.Text = m.Text
	if m.Content != nil && m.Content.Interactive != nil { // an edit without the keyboard removes it
		o.Text, o.Keyboard = framed(m.Text, m.Content.Interactive), keyboardOf(m.Content.Interactive)
	}
	return "editMessageText", o
}

// A keyboard is the buttons under a message, in rows.
type keyboard struct {
	Rows [][]key `json:"inline_keyboard"`
}

type key struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// keyboardOf gives each choice a row. Telegram has no lists that open.
func keyboardOf(i *domain.Interactive) *keyboard {
	var k keyboard
	choices := i.Buttons
	if i.List != nil {
		choices = i.List.Rows()
	}
	for _, c := range choices {
		k.Rows = append(k.Rows, []key{{Text: c.Title, Data: c.ID}})
	}
	if i.Link != nil {
		k.Rows = append(k.Rows, []key{{Text: i.Link.Title, URL: i.Link.URL}})
	}
	return &k
}

// framed puts the header above a text and the footer below it: Telegram has neither.
func framed(text string, i *domain.Interactive) string {
	parts := slices.DeleteFunc([]string{i.Header, text, i.Footer}, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}
