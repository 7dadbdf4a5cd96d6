package telegramplay

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"recado/adapters/messenger/simulator"
)

// An update is a webhook of Telegram.
type update struct {
	ID         int64       `json:"update_id"`
	Message    *message    `json:"message,omitempty"`
	Press      *press      `json:"callback_query,omitempty"`
	Membership *membership `json:"my_chat_member,omitempty"`

	Edited   *message  `json:"edited_message,omitempty"` // these are of a gateway
	Reaction *reaction `json:"message_reaction,omitempty"`
	Read     *messages `json:"read_outbox,omitempty"`
	Deleted  *messages `json:"deleted_messages,omitempty"`
	Sent     *sent     `json:"message_sent,omitempty"`
	State    *state    `json:"account,omitempty"`
}

// A press is of a button under a message of the bot.
type press struct {
	ID       string   `json:"id"`
	From     user     `json:"from"`
	Message  *message `json:"message"`
	Instance string   `json:"chat_instance"`
	Data     string   `json:"data"`
}

// A membership says that a person blocked the bot, or unblocked it.
type membership struct {
	Chat chat   `json:"chat"`
	From user   `json:"from"`
	Date int64  `json:"date"`
	Old  member `json:"old_chat_member"`
	New  member `json:"new_chat_member"`
}

type member struct {
	User   user   `json:"user"`
	Status string `json:"status"` // member, kicked
	Until  *int64 `json:"until_date,omitempty"`
}

type message struct {
	ID      int64    `json:"message_id"`
	From    user     `json:"from"`
	Chat    chat     `json:"chat"`
	Date    int64    `json:"date"`
	Edited  int64    `json:"edit_date,omitempty"`
	Ours    bool     `json:"outgoing,omitempty"`  // at a gateway
	Client  string   `json:"client_id,omitempty"` // likewise
	ReplyTo *message `json:"reply_to_message,omitempty"`
	Text    string   `json:"text,omitempty"`
	Caption string   `json:"caption,omitempty"`
	Markup  *markup  `json:"reply_markup,omitempty"`

	Photo    []*file `json:"photo,omitempty"`
	Video    *file   `json:"video,omitempty"`
	Audio    *file   `json:"audio,omitempty"`
	Voice    *file   `json:"voice,omitempty"`
	Document *file   `json:"document,omitempty"`

	Location *place   `json:"location,omitempty"`
	Venue    *venue   `json:"venue,omitempty"`
	Contact  *contact `json:"contact,omitempty"`
}

// A markup holds buttons.
type markup struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`
}

type chat struct {
	ID        int64  `json:"id"`
	Title     string `json:"title,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Type      string `json:"type"`
}

// webhook numbers an update and makes its webhook.
func webhook(c *simulator.Chat, u update) *simulator.Webhook {
	b := botOf(c.Account)
	b.updates++
	u.ID = b.updates
	return &simulator.Webhook{
		Chat: c.Peer, Body: simulator.Encode(u),
		Header: http.Header{"X-Telegram-Bot-Api-Secret-Token": {string(c.Account.Secret)}},
	}
}

// Accept makes the message that Telegram answers with. A bot hears no statuses.
func (Player) Accept(c *simulator.Chat, m simulator.Message, _ simulator.Play, _ *rand.Rand, now time.Time) (any, []simulator.Planned) {
	c.Number++
	made := ownMessage(c, c.Number, m.Text, now)
	said := m.Own.(own)
	said.attach(made, c.Number)
	if replyTo := said.replyTo; replyTo > 0 && replyTo < c.Number {
		made.ReplyTo = &message{ID: replyTo, Chat: chatOf(c), From: userOf(c.People[0]), Date: now.Unix()}
	}
	c.Last = simulator.Spoken{Number: c.Number, Text: m.Text}
	return made, nil
}

func userOf(p simulator.Person) user {
	id, _ := strconv.ParseInt(p.ID, 10, 64) // a public name has none
	return user{ID: id, FirstName: p.First, LastName: p.Last, Username: p.Username, Language: p.Language}
}

func chatOf(c *simulator.Chat) chat {
	id, _ := strconv.ParseInt(c.Peer, 10, 64) // chats are made of numbers only
	if c.Group != nil {
		return chat{ID: id, Title: c.Group.Title, Type: "supergroup"}
	}
	p := c.People[0]
	return chat{ID: id, FirstName: p.First, LastName: p.Last, Username: p.Username, Type: "private"}
}

// ownMessage is a message of Recado, as Telegram shows it.
func ownMessage(c *simulator.Chat, number int64, text string, at time.Time) *message {
	return &message{
		ID: number, From: botUser(c), Chat: chatOf(c), Date: at.Unix(), Text: text,
	}
}

func botUser(c *simulator.Chat) user {
	if _, personal := c.Account.Own.(*login); personal {
		return user{ID: botOf(c.Account).id, FirstName: c.Account.Name}
	}
	return user{ID: botOf(c.Account).id, IsBot: true, FirstName: c.Account.Name, Username: "recado_bot"}
}
