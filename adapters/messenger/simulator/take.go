package simulator

import (
	"math/rand/v2"
	"time"

	"recado/domain"
)

// A message is what Recado sends.
type message struct {
	peer    string
	text    string
	opaque  string // what Meta gives back with statuses
	replyTo int64  // of Telegram

	template bool // of WhatsApp
}

// A verdict is what becomes of a message.
type verdict struct {
	refusal *refusal // or nil: it is taken
	cut     bool     // it is taken, and the answer is lost
	id      string   // WhatsApp's name of it
	made    *botMessage
}

// full is said while too much waits for Recado already.
func (a *account) full() *refusal {
	if a.kind == domain.WABA {
		return &tooMany
	}
	return &slowDown
}

// take decides what becomes of a message, and plans what follows.
func (s *Simulator) take(a *account, m message) verdict {
	v, told := s.decide(a, m)
	s.tell(told)
	return v
}

func (s *Simulator) decide(a *account, m message) (verdict, Told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(a, m.peer)
	c.received++
	dice := s.diceOf(c, "received", c.received)
	habit := c.meets
	if habit == nil {
		habit = habitOf(c.peer, dice, s.cfg.Steady)
	}
	p := a.play(habit)
	told := Told{Kind: a.kind, From: a.name, To: c.title(), Text: m.text}
	again := c.refused > 0
	if r := c.refuse(habit, p); r != nil {
		told.Habit, told.What = habit.Name, "refused: "+r.text
		return verdict{refusal: r}, told
	}
	switch {
	case again:
		told.Habit, told.What = habit.Name, "taken after all"
	case p.cut, p.reports != nil:
		told.Habit, told.What = habit.Name, a.words(habit)
	}
	v := verdict{cut: p.cut}
	now := time.Now()
	if a.kind == domain.WABA {
		v.id = wamid(c.peer, false, dice)
		if !a.outbox.add(c.statuses(v.id, m, p, dice, now)...) {
			told.Habit, told.What = "full", errFull.Error()
			return verdict{refusal: a.full()}, told
		}
		c.last = spoken{id: v.id, text: m.text}
	} else {
		c.number++
		v.made = c.ownMessage(c.number, m.text, now)
		if m.replyTo > 0 && m.replyTo < c.number {
			v.made.ReplyTo = &botMessage{ID: m.replyTo, Chat: c.botChat(), From: c.people[0].user(), Date: now.Unix()}
		}
		c.last = spoken{number: c.number, text: m.text}
	}
	if p.hears() {
		s.answerLater(c, dice)
	}
	return v, told
}

// refuse returns the next refusal of the habit, or nil at their end.
func (c *chat) refuse(habit *Habit, p play) *refusal {
	switch {
	case p.never:
		return &p.refusals[0]
	case c.refused < len(p.refusals):
		c.meets = habit
		c.refused++
		return &p.refusals[c.refused-1]
	}
	c.meets, c.refused = nil, 0
	return nil
}

// statuses makes the webhooks that tell how far a message came. Now and then
// Meta tells two things at once.
func (c *chat) statuses(id string, m message, p play, dice *rand.Rand, now time.Time) []planned {
	reports := p.reports
	if reports == nil {
		reports = append([]report(nil), usual...)
		if dice.IntN(8) == 0 {
			reports[1].after = reports[2].after
		}
	}
	pace := 0.75 + dice.Float64()/2
	var plans []planned
	var together []metaStatus
	for i, r := range reports {
		r.after = time.Duration(pace * float64(r.after))
		together = append(together, c.metaStatus(r, id, m, now))
		if i+1 < len(reports) && reports[i+1].after == reports[i].after {
			continue
		}
		w := c.account.metaWebhook(metaValue{Statuses: together})
		w.about = "a message to " + c.title()
		plans = append(plans, planned{now.Add(r.after), w})
		together = nil
	}
	return plans
}
