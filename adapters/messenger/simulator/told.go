package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// Told is one thing that happened, for a line on a terminal. It holds no secret.
type Told struct {
	At       time.Time
	Kind     domain.Kind
	From, To string
	Text     string // of the message; empty: it is about a webhook
	Habit    string // the habit's name; empty: nothing odd
	What     string // what happened, in words; empty: the message went its way
}

// String is the line, without the time.
func (t Told) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %s → %s", t.Kind, plain(t.From), plain(t.To))
	if t.Text != "" {
		fmt.Fprintf(&b, ": %s", plain(t.Text))
	}
	switch {
	case t.Habit != "":
		fmt.Fprintf(&b, "  [%s: %s]", t.Habit, t.What)
	case t.What != "":
		fmt.Fprintf(&b, "  [%s]", t.What)
	}
	return b.String()
}

// longest bounds what a line shows of a text.
const longest = 120

// plain takes from a text what would not stay on its line.
func plain(text string) string {
	shown := []rune(text)
	if len(shown) > longest {
		shown = append(shown[:longest], '…')
	}
	return strings.Map(func(r rune) rune {
		if !strconv.IsGraphic(r) && r != '\u200d' { // it joins emoji
			return ' '
		}
		return r
	}, string(shown))
}

// tell passes on what happened, one thing at a time.
func (s *Simulator) tell(t Told) {
	if s.cfg.Tell == nil {
		return
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	t.At = time.Now()
	s.cfg.Tell(t)
}
