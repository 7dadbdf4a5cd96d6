package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"recado/domain"
)

// A botUpdate is a webhook of Telegram.
type botUpdate struct {
	ID      int64      `json:"update_id"`
	Message botMessage `json:"message"`
}

type botMessage struct {
	ID      int64       `json:"message_id"`
	From    botUser     `json:"from"`
	Chat    botChat     `json:"chat"`
	Date    int64       `json:"date"`
	ReplyTo *botMessage `json:"reply_to_message,omitempty"`
	Text    string      `json:"text"`
}

type botUser struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`
}

type botChat struct {
	ID        int64  `json:"id"`
	Title     string `json:"title,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Type      string `json:"type"`
}

// update makes the webhook of what a person writes, and returns the messenger's
// name of the message. The caller holds mu.
func (s *Simulator) update(c *chat, by person, text string, dice *rand.Rand, now time.Time) (id string, w *webhook) {
	if c.account.kind == domain.WABA {
		return c.metaMessage(by, text, dice, now)
	}
	c.number++
	c.account.updates++
	u := botUpdate{ID: c.account.updates, Message: botMessage{
		ID: c.number, From: by.user(), Chat: c.botChat(), Date: now.Unix(), Text: text,
	}}
	if c.last.number != 0 && dice.IntN(4) == 0 {
		u.Message.ReplyTo = c.ownMessage(c.last.number, c.last.text, now)
	}
	return fmt.Sprintf("%s/%d", c.peer, c.number), &webhook{
		chat: c.peer, body: encode(u),
		header: http.Header{"X-Telegram-Bot-Api-Secret-Token": {string(c.account.secret)}},
	}
}

func (p person) user() botUser {
	return botUser{ID: p.telegram, FirstName: p.first, LastName: p.last, Username: p.username, Language: p.language}
}

func (c *chat) botChat() botChat {
	id, _ := strconv.ParseInt(c.peer, 10, 64) // chats are made of numbers only
	if c.group {
		return botChat{ID: id, Title: group.title, Type: "supergroup"}
	}
	p := c.people[0]
	return botChat{ID: id, FirstName: p.first, LastName: p.last, Username: p.username, Type: "private"}
}

// ownMessage is a message of Recado, as Telegram shows it.
func (c *chat) ownMessage(number int64, text string, at time.Time) *botMessage {
	return &botMessage{
		ID: number, From: botUser{ID: c.account.bot, IsBot: true, FirstName: c.account.name, Username: "recado_bot"},
		Chat: c.botChat(), Date: at.Unix(), Text: text,
	}
}
