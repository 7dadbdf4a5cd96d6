package wire

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hider returns a function that takes the text of a message and secrets out of
// what others say. A text of less than four letters would be found in any word.
func Hider(text string, secrets ...string) func(string) string {
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // one may begin with another
	var pairs []string
	for _, s := range secrets {
		if s != "" {
			pairs = append(pairs, s, "[secret]")
		}
	}
	for _, t := range []string{text, strings.TrimSpace(text)} {
		if utf8.RuneCountInString(t) >= 4 {
			pairs = append(pairs, t, "[text]")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// Clean replaces what a database does not take in a text.
func Clean(s string) string { return strings.ReplaceAll(s, "\x00", string(unicode.ReplacementChar)) }

// Brief cuts a text to 500 characters.
func Brief(s string) string {
	const longest = 500
	runes := []rune(Clean(s))
	return string(runes[:min(len(runes), longest)])
}
