package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// A Note is one thing that happened, for a line on a terminal. It holds no secret.
type Note struct {
	At       time.Time
	Kind     domain.Kind
	From, To string
	Text     string // of the message; empty: it is about a webhook
	Habit    string // the habit's name; empty: nothing odd
	What     string // what happened, in words; empty: nothing special
}

// String is the line, without the time.
func (n Note) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %s → %s", n.Kind, plain(n.From), plain(n.To))
	if n.Text != "" {
		fmt.Fprintf(&b, ": %s", plain(n.Text))
	}
	switch {
	case n.Habit != "":
		fmt.Fprintf(&b, "  [%s: %s]", n.Habit, n.What)
	case n.What != "":
		fmt.Fprintf(&b, "  [%s]", n.What)
	}
	return b.String()
}

// longest bounds what a line shows of a text.
const longest = 120

// plain removes from a text what would break its line.
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

// log passes on what happened, one thing at a time.
func (s *Simulator) log(n Note) {
	if s.cfg.Log == nil {
		return
	}
	s.logging.Lock()
	defer s.logging.Unlock()
	n.At = time.Now()
	s.cfg.Log(n)
}
