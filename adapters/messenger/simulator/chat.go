package simulator

import (
	"math/rand/v2"
	"slices"
	"time"
)

// maxChats bounds what is remembered of chats. Beyond it all are forgotten and
// begin anew, with other ids of their messages.
const maxChats = 100_000

type chatKey struct {
	account *Account
	peer    string
}

// A Chat is what is remembered of an account and a peer. The Simulator's mu
// guards it.
type Chat struct {
	Account *Account
	Peer    string // the messenger's id of the person or group
	People  []Person
	Group   *Group // nil: People is one person
	WroteAt time.Time
	Number  int64  // of the last message, for a messenger that numbers them
	Last    Spoken // the last message of Recado
	MovesTo string // the id that the peer has after the message that is written; empty: its own
	Sends   *File  // the file that comes with the message that is written; nil: none
	Left    bool   // the peer blocked the company; the Player sets it

	received, written int    // messages so far of Recado, and of the people
	meets             *Habit // whose refusals are not at their end, or nil
	refused           int    // how many of its refusals were answered
	talk              talk
	meter             meter
}

// Spoken is what a reply needs of a message.
type Spoken struct {
	ID     string
	Number int64
	Text   string
}

// chat returns the chat of an account with a peer. The caller holds mu.
func (s *Simulator) chat(a *Account, peer string) *Chat {
	key := chatKey{a, peer}
	if c := s.chats[key]; c != nil {
		return c
	}
	if len(s.chats) >= maxChats {
		clear(s.chats)
		s.era++
	}
	c := &Chat{Account: a, Peer: peer}
	groups := a.player.Messenger().Groups
	if i := slices.IndexFunc(groups, func(g Group) bool { return g.ID == peer }); i >= 0 {
		c.Group, c.People = &groups[i], groups[i].Members
	} else {
		c.People = []Person{s.personOf(a.player, peer)}
	}
	c.Number = s.diceOf(c, "numbers", 0).Int64N(1e9)
	s.chats[key] = c
	return c
}

// diceOf returns the random numbers of the n-th thing of that sort in a chat.
func (s *Simulator) diceOf(c *Chat, what string, n int) *rand.Rand {
	return s.dice(what, string(c.Account.kind), c.Account.Name, c.Peer, n, s.era)
}

// Title is what people call the chat.
func (c *Chat) Title() string {
	if c.Group != nil {
		return c.Group.Title
	}
	return c.People[0].Name()
}
