package mtproto

import (
	"fmt"
	"strconv"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// channelBase is where the ids of channels and supergroups begin in the Bot API, downwards.
const channelBase = -1_000_000_000_000

func channelChat(channel int64) int64 { return channelBase - channel }

// chatOf is the id of a peer in the Bot API.
func chatOf(p tg.PeerClass) int64 {
	switch p := p.(type) {
	case *tg.PeerUser:
		return p.UserID
	case *tg.PeerChat:
		return -p.ChatID
	case *tg.PeerChannel:
		return channelChat(p.ChannelID)
	}
	return 0
}

type jsonChat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Title    string `json:"title,omitempty"`
	Username string `json:"username,omitempty"`
	First    string `json:"first_name,omitempty"`
	Last     string `json:"last_name,omitempty"`
}

type jsonUser struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Last     string `json:"last_name,omitempty"`
	Username string `json:"username,omitempty"`
}

type jsonSymbol struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji,omitempty"`
}

// A jsonMessage is the Message of the Bot API.
type jsonMessage struct {
	ID       int          `json:"message_id"`
	Chat     jsonChat     `json:"chat"`
	From     *jsonUser    `json:"from,omitempty"`
	Date     int          `json:"date"`
	EditDate int          `json:"edit_date,omitempty"`
	Outgoing bool         `json:"outgoing,omitempty"`
	Client   string       `json:"client_id,omitempty"`
	ReplyTo  *jsonReplied `json:"reply_to_message,omitempty"`
	Album    string       `json:"media_group_id,omitempty"`
	Text     string       `json:"text,omitempty"`
	Entities []jsonEntity `json:"entities,omitempty"`
	Caption  string       `json:"caption,omitempty"`
	Linked   []jsonEntity `json:"caption_entities,omitempty"`
	Photo    []jsonFile   `json:"photo,omitempty"`
	Video    *jsonFile    `json:"video,omitempty"`
	Audio    *jsonFile    `json:"audio,omitempty"`
	Voice    *jsonFile    `json:"voice,omitempty"`
	Document *jsonFile    `json:"document,omitempty"`
	Sticker  *jsonFile    `json:"sticker,omitempty"`
	Location *Location    `json:"location,omitempty"`
	Venue    *Venue       `json:"venue,omitempty"`
	Contact  *Contact     `json:"contact,omitempty"`
	Other    *jsonOther   `json:"unsupported,omitempty"`

	MigrateTo   int64 `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom int64 `json:"migrate_from_chat_id,omitempty"`
}

type jsonReplied struct {
	ID   int      `json:"message_id"`
	Chat jsonChat `json:"chat"`
	Date int      `json:"date"`
}

type jsonEntity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// jsonOther stands for what has no form here.
type jsonOther struct {
	Kind string `json:"kind"`
}

func chatJSON(p store.Peer) jsonChat {
	c := jsonChat{ID: p.Chat, Username: p.Username}
	switch {
	case p.Chat > 0:
		c.Type, c.First, c.Last = "private", p.First, p.Last
	case p.Chat > channelBase:
		c.Type, c.Title = "group", p.First
	default:
		c.Type, c.Title = "supergroup", p.First
	}
	return c
}

// user describes a person, whom the account may not have met.
func (in *intake) user(t *store.Tx, id int64) (jsonUser, error) {
	if self := in.self(); id == self.ID {
		return jsonUser{ID: id, First: self.First, Last: self.Last, Username: self.Username}, nil
	}
	p, _, err := t.Peer(id)
	return jsonUser{ID: id, Bot: p.Bot, First: p.First, Last: p.Last, Username: p.Username}, err
}

// convert describes a message as the Bot API does.
func (in *intake) convert(t *store.Tx, chat store.Peer, m *tg.Message) (jsonMessage, error) {
	made := jsonMessage{ID: m.ID, Chat: chatJSON(chat), Date: m.Date, EditDate: m.EditDate, Outgoing: m.Out}
	from := chatOf(m.FromID)
	switch {
	case m.Out:
		from = in.self().ID
	case from == 0 && chat.Chat > 0:
		from = chat.Chat
	}
	if from > 0 {
		user, err := in.user(t, from)
		if err != nil {
			return jsonMessage{}, err
		}
		made.From = &user
	}
	if r, ok := m.ReplyTo.(*tg.MessageReplyHeader); ok && r.ReplyToMsgID != 0 {
		made.ReplyTo = &jsonReplied{ID: r.ReplyToMsgID, Chat: made.Chat, Date: m.Date}
	}
	if m.GroupedID != 0 {
		made.Album = strconv.FormatInt(m.GroupedID, 10)
	}
	if made.attach(m) {
		made.Caption, made.Linked = m.Message, linksOf(m.Entities)
	} else {
		made.Text, made.Entities = m.Message, linksOf(m.Entities)
	}
	return made, nil
}

// linksOf lists the links that the text does not show.
func linksOf(all []tg.MessageEntityClass) (links []jsonEntity) {
	for _, e := range all {
		if l, ok := e.(*tg.MessageEntityTextURL); ok {
			links = append(links, jsonEntity{Type: "text_link", Offset: l.Offset, Length: l.Length, URL: l.URL})
		}
	}
	return links
}

// attach adds what is in the message beside its text, and reports whether the text is a caption.
func (made *jsonMessage) attach(m *tg.Message) (captioned bool) {
	switch media := m.Media.(type) {
	case nil, *tg.MessageMediaEmpty, *tg.MessageMediaWebPage:
		return false
	case *tg.MessageMediaPhoto:
		if p, ok := media.Photo.(*tg.Photo); ok {
			made.Photo = []jsonFile{photoJSON(made.Chat.ID, m.ID, p)}
			return true
		}
	case *tg.MessageMediaDocument:
		if d, ok := media.Document.(*tg.Document); ok {
			made.document(m.ID, d)
			return true
		}
	case *tg.MessageMediaGeo:
		if g, ok := media.Geo.(*tg.GeoPoint); ok {
			made.Location = &Location{g.Lat, g.Long}
			return false
		}
	case *tg.MessageMediaVenue:
		if g, ok := media.Geo.(*tg.GeoPoint); ok {
			made.Venue = &Venue{Location{g.Lat, g.Long}, media.Title, media.Address}
			made.Location = &made.Venue.Location
			return false
		}
	case *tg.MessageMediaContact:
		made.Contact = &Contact{media.PhoneNumber, media.FirstName, media.LastName, media.Vcard, media.UserID}
		return false
	}
	made.Other = &jsonOther{Kind: fmt.Sprintf("%T", m.Media)[len("*tg.MessageMedia"):]}
	return false
}
