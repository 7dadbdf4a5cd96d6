package simulator

import (
	"math/rand/v2"
	"time"
)

// A cast are the people who write by themselves, each to every account of their
// messenger.
type cast struct {
	s       *Simulator
	chats   []chatKey
	dice    *rand.Rand
	planned time.Time
}

func (s *Simulator) newCast() *cast {
	c := &cast{s: s, dice: s.dice("cast"), planned: time.Now()}
	crowd := s.crowd(s.cfg.Crowd)
	for _, a := range s.accounts {
		m := a.player.Messenger()
		for _, p := range m.People {
			c.chats = append(c.chats, chatKey{a, p.ID})
		}
		for _, id := range crowd[a.player] {
			c.chats = append(c.chats, chatKey{a, id})
		}
		for _, g := range m.Groups {
			c.chats = append(c.chats, chatKey{a, g.ID})
		}
	}
	return c
}

// crowd returns the ids of n people without a name, spread evenly over the messengers.
func (s *Simulator) crowd(n int) map[Player][]string {
	crowd := map[Player][]string{}
	for i := range n {
		p := s.cfg.Players[i%len(s.cfg.Players)]
		crowd[p] = append(crowd[p], p.Messenger().Crowd(i/len(s.cfg.Players)))
	}
	return crowd
}

// goOn lets one of the cast write, and plans the next. It catches up if it is
// late, but never in a burst.
func (c *cast) goOn() {
	key := pick(c.dice, c.chats)
	_, _ = c.s.speak(key, false) // if the outbox is full, a client waits for the next time
	c.planned = c.planned.Add(time.Duration(c.dice.ExpFloat64() * float64(c.s.cfg.Pace)))
	if earliest := time.Now().Add(-time.Second); c.planned.Before(earliest) {
		c.planned = earliest
	}
	c.s.plans.add(c.planned, c.goOn)
}

// answerLater lets the people of a chat answer what Recado sent, some seconds
// after they read it, until the conversation ends: two robots would never stop.
// The caller holds mu.
func (s *Simulator) answerLater(c *Chat, dice *rand.Rand) {
	saidAll := c.talk.count > 0 && len(c.talk.lines) == 0
	if s.cfg.Pace == 0 || saidAll || s.plans.full() {
		return
	}
	key := chatKey{c.Account, c.Peer}
	wait := 3*time.Second + time.Duration(dice.Int64N(int64(4*time.Second)))
	s.plans.add(time.Now().Add(wait), func() { _, _ = s.speak(key, true) }) // if the outbox is full: no answer
}
