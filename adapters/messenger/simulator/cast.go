package simulator

import (
	"math/rand/v2"
	"time"

	"recado/domain"
)

// A cast are the people who write by themselves, each to every account of his
// messenger.
type cast struct {
	s       *Simulator
	parts   []chatKey
	dice    *rand.Rand
	planned time.Time
}

func (s *Simulator) newCast() *cast {
	c := &cast{s: s, dice: s.dice("cast"), planned: time.Now()}
	people := append(append([]person(nil), named...), s.crowd(s.cfg.Crowd)...)
	for _, a := range s.accounts {
		for _, p := range people {
			if peer := p.peer(a.kind); peer != "" {
				c.parts = append(c.parts, chatKey{a, peer})
			}
		}
		if a.kind == domain.TelegramBot {
			c.parts = append(c.parts, chatKey{a, group.id})
		}
	}
	return c
}

// goOn lets one of the cast write, and plans the next. Who is late catches up,
// but for what would be a burst.
func (c *cast) goOn() {
	part := pick(c.dice, c.parts)
	_, _ = c.s.speak(part, false) // where there is no room a client waits for the next time
	c.planned = c.planned.Add(time.Duration(c.dice.ExpFloat64() * float64(c.s.cfg.Pace)))
	if earliest := time.Now().Add(-time.Second); c.planned.Before(earliest) {
		c.planned = earliest
	}
	c.s.diary.add(c.planned, c.goOn)
}

// answerLater lets the people of a chat answer what Recado sent, a while after
// they read it, until a conversation is at its end: two robots would never stop.
// The caller holds mu.
func (s *Simulator) answerLater(c *chat, dice *rand.Rand) {
	saidAll := c.talk.count > 0 && len(c.talk.lines) == 0
	if s.cfg.Pace == 0 || saidAll || s.diary.full() {
		return
	}
	key := chatKey{c.account, c.peer}
	wait := 3*time.Second + time.Duration(dice.Int64N(int64(4*time.Second)))
	s.diary.add(time.Now().Add(wait), func() { _, _ = s.speak(key, true) }) // without room: no answer
}
