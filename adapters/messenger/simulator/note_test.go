package simulator

import "testing"

func TestALineShowsNoControlCharacter(t *testing.T) {
	note := Note{Kind: "waba", From: "Ana\x1b[2J", To: "106", Text: "uno\ndos 🙇‍♀️", Habit: "late", What: "it comes later"}
	if got, want := note.String(), "waba         Ana [2J → 106: uno dos 🙇‍♀️  [late: it comes later]"; got != want {
		t.Errorf("the line is %q, want %q", got, want)
	}
}
