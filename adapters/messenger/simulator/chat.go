package simulator

import (
	"math/rand/v2"
	"time"

	"recado/domain"
)

// maxChats bounds what is remembered of chats. Beyond it all are forgotten and
// begin anew, with other names for their messages.
const maxChats = 100_000

type chatKey struct {
	account *account
	peer    string
}

// A chat is what is remembered of an account and a peer. The Simulator's mu
// guards it.
type chat struct {
	account *account
	peer    string   // a phone number, or the id of a chat of Telegram
	people  []person // who writes there: one, or the members of a group
	group   bool

	received, written int // messages so far of Recado, and of the people
	wroteAt           time.Time
	number            int64  // of Telegram: the last message_id
	last              spoken // of Recado
	meets             *Habit // whose refusals are not at their end, or nil
	refused           int    // how many of them were said
	talk              talk
}

// Spoken is what a reply needs of a message.
type spoken struct {
	id     string // of WhatsApp
	number int64  // of Telegram
	text   string
}

// chat returns the chat of an account with a peer. The caller holds mu.
func (s *Simulator) chat(a *account, peer string) *chat {
	key := chatKey{a, peer}
	if c := s.chats[key]; c != nil {
		return c
	}
	if len(s.chats) >= maxChats {
		clear(s.chats)
		s.era++
	}
	c := &chat{account: a, peer: peer}
	if a.kind == domain.TelegramBot && peer == group.id {
		c.people, c.group = members(), true
	} else {
		c.people = []person{s.personOf(a.kind, peer)}
	}
	c.number = s.diceOf(c, "numbers", 0).Int64N(1e9)
	s.chats[key] = c
	return c
}

// diceOf returns the random numbers of the n-th thing of that sort in a chat.
func (s *Simulator) diceOf(c *chat, what string, n int) *rand.Rand {
	return s.dice(what, string(c.account.kind), c.account.name, c.peer, n, s.era)
}

// title is what people call the chat.
func (c *chat) title() string {
	if c.group {
		return group.title
	}
	return c.people[0].name()
}
