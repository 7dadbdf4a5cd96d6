package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A terminal writes text that strangers may have had a part in: names, messages,
// errors of servers. It shows a character that a terminal would act on as its code.
type terminal struct{ w io.Writer }

// Write writes all of p, or returns an error.
func (t terminal) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.w, printable(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// printable replaces control characters, characters that change the direction of
// what follows, and bytes that are no text. Lines and tabs stay, and so does what
// joins emoji.
func printable(text string) string {
	var b strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case r == '\n' || r == '\t' || r == '\u200d' || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		rest = rest[size:]
	}
	return b.String()
}
