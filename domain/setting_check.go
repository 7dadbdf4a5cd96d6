package domain

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// The checks of settings. Their errors complete a sentence that begins with the
// setting, and never show its value. They find what is pasted with a value, since
// it would pass here and fail at the messenger.

// CheckBaseURL returns nil if paths may be appended to the URL.
func CheckBaseURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return errors.New("must be an http or https URL without user, query and fragment")
	}
	return checkAround(text)
}

// CheckSecret returns nil if a text can be a secret.
func CheckSecret(text string) error {
	if strings.HasPrefix(text, "$") && strings.HasSuffix(text, "}") {
		return errors.New("must be the value itself: a variable in it was not replaced")
	}
	return checkAround(text)
}

// CheckToken returns nil if a text can be a token in a header of HTTP.
func CheckToken(text string) error {
	if err := CheckSecret(text); err != nil {
		return err
	}
	if first, _, blank := strings.Cut(text, " "); blank {
		return errors.New("must be the token alone, without " + scheme(first))
	}
	if strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
		return errors.New("must be letters, digits and signs of ASCII")
	}
	return nil
}

// scheme names what stands before a token, if it is known to be no secret.
func scheme(word string) string {
	switch strings.ToLower(word) {
	case "bearer", "oauth", "token", "authorization:":
		return word + " before it"
	}
	return "a blank in it"
}

// checkAround finds blanks, line ends, quotes and invisible characters.
func checkAround(text string) error {
	switch {
	case strings.TrimSpace(text) != text:
		return errors.New("must have no blank or line end before or after it; a file that is mounted often ends with one")
	case strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0:
		return errors.New("must have no line end, tab or invisible character in it")
	case quoted(text):
		return errors.New("must have no quotes around it")
	}
	return nil
}

func quoted(text string) bool {
	for _, pair := range []string{`""`, `''`, "``", "“”", "‘’", "«»", "<>"} {
		marks := []rune(pair)
		if strings.HasPrefix(text, string(marks[0])) && strings.HasSuffix(text, string(marks[1])) {
			return true
		}
	}
	return false
}
