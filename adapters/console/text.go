package console

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain returns a name without the characters that would change what stands around
// it: controls, and marks that turn the direction of text.
func plain(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name))
}

// firstLine returns the beginning of a text, for a list.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return cut(line, 120)
}

// cut returns up to n characters of a text.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n]) + "…"
}

// initialOf returns the letter that stands for a chat.
func initialOf(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "#"
}

// addresses finds what looks like an address of the web.
var addresses = regexp.MustCompile(`https?://[^\s<>"']+`)

// A piece is a part of a text; one with a URL is a link.
type piece struct{ Text, URL string }

// pieces splits a text at the addresses of the web in it.
func pieces(text string) (list []piece) {
	rest := 0
	for _, at := range addresses.FindAllStringIndex(text, -1) {
		address := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)]}»")
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.User != nil {
			continue
		}
		if at[0] > rest {
			list = append(list, piece{Text: text[rest:at[0]]})
		}
		list = append(list, piece{address, address})
		rest = at[0] + len(address)
	}
	if rest < len(text) {
		list = append(list, piece{Text: text[rest:]})
	}
	return list
}
