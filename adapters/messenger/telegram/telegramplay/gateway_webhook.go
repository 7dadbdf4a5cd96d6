package telegramplay

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"recado/adapters/messenger/simulator"
)

// A reaction is what a person has under a message now.
type reaction struct {
	Chat chat    `json:"chat"`
	ID   int64   `json:"message_id"`
	User user    `json:"user"`
	Date int64   `json:"date"`
	Old  []emoji `json:"old_reaction"`
	New  []emoji `json:"new_reaction"`
}

type emoji struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

// messages are some of a chat, to which the same happened.
type messages struct {
	Chat chat    `json:"chat"`
	Max  int64   `json:"max_id,omitempty"`
	IDs  []int64 `json:"message_ids"`
	Date int64   `json:"date"`
}

// sent says that Telegram took a message of Recado.
type sent struct {
	Client string `json:"client_id"`
	Chat   chat   `json:"chat"`
	ID     int64  `json:"message_id"`
	Date   int64  `json:"date"`
}

// A state is how the account fares.
type state struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	Date   int64  `json:"date"`
}

// Telegram freezes an account soon after a message for which its peer reports it.
const (
	freezesAfter = 2 * time.Second
	thawsAfter   = 8 * time.Second
	readsAfter   = 2500 * time.Millisecond
)

// Accept makes the message that the gateway answers with, and tells that Telegram took
// it, and later that the peer read it.
func (Gateway) Accept(c *simulator.Chat, m simulator.Message, p simulator.Play, dice *rand.Rand, now time.Time) (any, []simulator.Planned) {
	c.Number++
	said := m.Own.(own)
	made := ownMessage(c, c.Number, m.Text, now)
	made.Ours, made.Client = true, said.client
	said.attach(made, c.Number)
	if said.replyTo > 0 && said.replyTo < c.Number {
		made.ReplyTo = &message{ID: said.replyTo, Chat: chatOf(c), From: userOf(c.People[0]), Date: now.Unix()}
	}
	c.Last = simulator.Spoken{Number: c.Number, Text: m.Text}
	plans := []simulator.Planned{{At: now, Webhook: webhook(c, update{
		Sent: &sent{Client: said.client, Chat: chatOf(c), ID: c.Number, Date: now.Unix()},
	})}}
	if !p.Unread {
		at := now.Add(time.Duration((0.75 + dice.Float64()/2) * float64(readsAfter)))
		read := webhook(c, update{Read: &messages{Chat: chatOf(c), Max: c.Number, IDs: []int64{c.Number}, Date: at.Unix()}})
		read.Chat = "" // what is written until then does not wait for it
		plans = append(plans, simulator.Planned{At: at, Webhook: read})
	}
	if p.Restricts {
		plans = append(plans, freeze(c, now)...)
	}
	return made, plans
}

// freeze plans the webhooks of an account that Telegram freezes, and thaws.
func freeze(c *simulator.Chat, now time.Time) []simulator.Planned {
	begins, ends := now.Add(freezesAfter), now.Add(thawsAfter)
	l := loginOf(c.Account)
	l.mu.Lock()
	l.frozen = [2]time.Time{begins, ends}
	l.mu.Unlock()
	report := func(status, reason string, at time.Time) simulator.Planned {
		w := webhook(c, update{State: &state{Status: status, Reason: reason, Date: at.Unix()}})
		w.Chat = ""
		return simulator.Planned{At: at, Webhook: w}
	}
	return []simulator.Planned{report("frozen", "FROZEN_METHOD_INVALID", begins), report("working", "", ends)}
}

// Write makes the updates of what a person writes, and now and then of what follows:
// they edit it, delete it, or react; or the account's owner answers on the phone.
func (Gateway) Write(
	c *simulator.Chat, by simulator.Person, text string, _ simulator.Play, dice *rand.Rand, now time.Time,
) (id string, hooks []*simulator.Webhook) {
	reply := dice.IntN(4) == 0
	c.Number++
	m := &message{ID: c.Number, From: userOf(by), Chat: chatOf(c), Date: now.Unix(), Text: text}
	if c.Sends != nil {
		m.carry(c.Sends)
	}
	if c.Last.Number != 0 && reply {
		m.ReplyTo = ownMessage(c, c.Last.Number, c.Last.Text, now)
	}
	hooks = append(hooks, webhook(c, update{Message: m}))
	if after := afterwards(c, *m, by, dice, now); after != nil {
		hooks = append(hooks, webhook(c, *after))
	}
	return fmt.Sprintf("%s/%d", c.Peer, m.ID), hooks
}

// afterwards is what follows a message; nil: nothing.
func afterwards(c *simulator.Chat, m message, by simulator.Person, dice *rand.Rand, now time.Time) *update {
	switch n := dice.IntN(32); {
	case n < 2 && m.Text != "":
		m.Text, m.Edited = m.Text+" …", now.Unix()
		return &update{Edited: &m}
	case n == 2:
		return &update{Deleted: &messages{Chat: chatOf(c), IDs: []int64{m.ID}, Date: now.Unix()}}
	case n < 5 && c.Last.Number != 0:
		return &update{Reaction: &reaction{
			Chat: chatOf(c), ID: c.Last.Number, User: userOf(by), Date: now.Unix(), Old: []emoji{}, New: []emoji{{"emoji", "👍"}},
		}}
	case n == 5:
		c.Number++
		echo := ownMessage(c, c.Number, "Ahora mismo le llamo ("+strconv.FormatInt(c.Number, 10)+").", now)
		echo.Ours = true
		return &update{Message: echo}
	}
	return nil
}
