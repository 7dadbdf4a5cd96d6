package simulator

import (
	"math/rand/v2"
	"strings"
)

// A Habit is an odd way of a messenger, or of a peer. What it does, a Player's
// Play of that name says.
type Habit struct {
	Name   string
	Ending string  // of the ids of peers that always meet it
	Likely float64 // how often anybody else meets it, of 1
}

var habits = []Habit{
	{Name: "no-account", Ending: "0000"},
	{Name: "payment", Ending: "0001"},
	{Name: "throttled", Ending: "0002", Likely: 0.01},
	{Name: "lost-answer", Ending: "0003", Likely: 0.005},
	{Name: "disorder", Ending: "0004", Likely: 0.03},
	{Name: "fails-later", Ending: "0005", Likely: 0.005},
	{Name: "blocked-us", Ending: "0006"},
	{Name: "repeated", Ending: "0007", Likely: 0.03},
	{Name: "late", Ending: "0008", Likely: 0.01},
	{Name: "presses", Ending: "0010"},
	{Name: "moves", Ending: "0011"},
	{Name: "reports-us", Ending: "0012"},
	{Name: "deafens", Ending: "0013"},
}

// Habits lists the habits by their endings.
func Habits() []Habit { return append([]Habit(nil), habits...) }

// nothing is the habit of a message that meets none.
var nothing = &Habit{}

// habitOf returns the habit that a message meets.
func habitOf(peer string, dice *rand.Rand, steady bool) *Habit {
	for i := range habits {
		if strings.HasSuffix(peer, habits[i].Ending) {
			return &habits[i]
		}
	}
	if steady {
		return nothing
	}
	point := dice.Float64()
	for i := range habits {
		if point -= habits[i].Likely; point < 0 {
			return &habits[i]
		}
	}
	return nothing
}
