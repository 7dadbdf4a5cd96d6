package simulator

import "time"

// Take decides what becomes of a message, and plans what follows.
func (s *Simulator) Take(a *Account, m Message) Verdict {
	v, note := s.decide(a, m)
	s.log(note)
	return v
}

func (s *Simulator) decide(a *Account, m Message) (Verdict, Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(a, m.Peer)
	if r := s.tooFast(c); r != nil {
		return Verdict{Refusal: r}, Note{Kind: a.kind, From: a.Name, To: c.Title(), Text: m.Text, Habit: "strict", What: "refused: " + r.Text}
	}
	c.received++
	dice := s.diceOf(c, "received", c.received)
	habit := c.meets
	if habit == nil {
		habit = habitOf(c.Peer, dice, s.cfg.Steady)
	}
	messenger := a.player.Messenger()
	p := messenger.Plays[habit.Name]
	note := Note{Kind: a.kind, From: a.Name, To: c.Title(), Text: m.Text}
	again := c.refused > 0
	if r := c.refuse(habit, p); r != nil {
		note.Habit, note.What = habit.Name, "refused: "+r.Text
		return Verdict{Refusal: r}, note
	}
	switch {
	case again:
		note.Habit, note.What = habit.Name, "taken after all"
	case p.Cut, p.Reports != nil, p.Restricts:
		note.Habit, note.What = habit.Name, p.Words
	}
	answer, reports := a.player.Accept(c, m, p, dice, time.Now())
	for _, r := range reports {
		r.about = "a message to " + c.Title()
	}
	if !a.outbox.add(reports...) {
		note.Habit, note.What = "full", errFull.Error()
		return Verdict{Refusal: &messenger.Full}, note
	}
	if !p.Unread {
		s.answerLater(c, dice)
	}
	return Verdict{Cut: p.Cut, Answer: answer}, note
}

// refuse returns the next refusal of the habit, or nil after the last.
func (c *Chat) refuse(habit *Habit, p Play) *Refusal {
	switch {
	case p.Never:
		return &p.Refusals[0]
	case c.refused < len(p.Refusals):
		c.meets = habit
		c.refused++
		return &p.Refusals[c.refused-1]
	}
	c.meets, c.refused = nil, 0
	return nil
}
