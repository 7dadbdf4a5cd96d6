package wabaplay

import (
	"fmt"
	"math/rand/v2"
	"time"

	"recado/adapters/messenger/simulator"
)

// A contact has a phone number, or only a user id.
type contact struct {
	Profile profile `json:"profile"`
	WaID    string  `json:"wa_id,omitempty"`
	UserID  string  `json:"user_id,omitempty"`
}

type profile struct {
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
}

type inbound struct {
	Context     *quote       `json:"context,omitempty"`
	From        string       `json:"from,omitempty"`
	FromUserID  string       `json:"from_user_id,omitempty"`
	GroupID     string       `json:"group_id,omitempty"`
	ID          string       `json:"id"`
	Timestamp   string       `json:"timestamp"`
	Text        *text        `json:"text,omitempty"`
	Interactive *interactive `json:"interactive,omitempty"`
	System      *system      `json:"system,omitempty"`
	Image       *media       `json:"image,omitempty"`
	Audio       *media       `json:"audio,omitempty"`
	Type        string       `json:"type"`
}

type text struct {
	Body string `json:"body"`
}

// An interactive message is a press of a button.
type interactive struct {
	Type  string      `json:"type"`
	Reply buttonReply `json:"button_reply"`
}

type buttonReply struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// A system message announces another number.
type system struct {
	Body string `json:"body"`
	WaID string `json:"wa_id"`
	Type string `json:"type"`
}

type quote struct {
	From string `json:"from"`
	ID   string `json:"id"`
}

// Write makes the webhooks of what a person writes or presses. Who moves then tells
// the new number.
func (Player) Write(
	c *simulator.Chat, by simulator.Person, words string, p simulator.Play, dice *rand.Rand, now time.Time,
) (id string, hooks []*simulator.Webhook) {
	m := from(c, by, dice, now)
	switch {
	case c.Sends != nil:
		m.attach(c.Sends, words)
	case p.Presses:
		m.Type, m.Interactive = "interactive", &interactive{"button_reply", buttonReply{fmt.Sprintf("option-%d", 1+dice.IntN(3)), words}}
	default:
		m.Type, m.Text = "text", &text{words}
	}
	if c.Last.ID != "" && dice.IntN(4) == 0 {
		m.Context = &quote{From: phoneOf(c.Account), ID: c.Last.ID}
	}
	hooks = append(hooks, arrival(c, by, m))
	if c.MovesTo != "" {
		notice := from(c, by, dice, now)
		body := fmt.Sprintf("User %s changed from %s to %s", by.Name(), c.Peer, c.MovesTo)
		notice.Type, notice.System = "system", &system{body, c.MovesTo, "user_changed_number"}
		hooks = append(hooks, arrival(c, by, notice))
	}
	return m.ID, hooks
}

// from makes a message of a person, without content.
func from(c *simulator.Chat, by simulator.Person, dice *rand.Rand, now time.Time) inbound {
	m := inbound{ID: wamid(by.ID, true, dice), Timestamp: unix(now)}
	if isDigits(by.ID) {
		m.From = by.ID
	} else {
		m.FromUserID = by.ID
	}
	if c.Group != nil {
		m.GroupID = c.Group.ID
	}
	return m
}

// arrival makes the webhook of a message and its sender.
func arrival(c *simulator.Chat, by simulator.Person, m inbound) *simulator.Webhook {
	sender := contact{profile{by.Name(), by.Username}, m.From, m.FromUserID}
	return webhook(c.Account, value{Contacts: []contact{sender}, Messages: []inbound{m}})
}
