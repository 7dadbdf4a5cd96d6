package declaration

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"recado/domain"
)

// A check returns an error, such as "must be …", if a text is not what it must
// be. The error never shows the text, which may be a secret in the wrong place.
type check func(text string) error

var idPattern = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// isID checks that a text needs no escaping in a URL.
func isID(text string) error {
	if !idPattern.MatchString(text) {
		return errors.New("must be 1 to 64 of a-z 0-9 - _")
	}
	return nil
}

// oneOf checks that a text is in the list.
func oneOf[T ~string](list []T) check {
	return func(text string) error {
		if slices.Contains(list, T(text)) {
			return nil
		}
		return fmt.Errorf("must be one of %s", domain.Join(list))
	}
}

func isCallbackURL(text string) error { return without("url ", domain.CheckEndpointURL(text)) }

func isCallbackSecret(text string) error {
	_, err := domain.ParseEndpointSecret(text)
	return without("secret ", err)
}

// callbackSecret is a text that passed isCallbackSecret, or empty.
func callbackSecret(text string) domain.Secret {
	if text == "" {
		return ""
	}
	secret, _ := domain.ParseEndpointSecret(text) // it was checked
	return secret
}

// without removes the name from the beginning of an error: the key repeats it.
func without(name string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), name))
}

// minAPIKey is the least length of a key that cannot be guessed.
const minAPIKey = 16

func isAPIKey(text string) error {
	if len(text) < minAPIKey {
		return fmt.Errorf("must have %d characters or more", minAPIKey)
	}
	return domain.CheckToken(text)
}

func isDate(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return errors.New("must be a date like 2027-01-31")
	}
	return nil
}

// zonePattern is that of IANA names. A machine may have others, such as posix/Europe/Madrid
// or europe/madrid, which no other machine knows.
var zonePattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9+_-]*(/[A-Z][A-Za-z0-9+_-]*)*$`)

// isZone rejects "Local" too, which means another zone on each machine.
func isZone(text string) error {
	if _, err := time.LoadLocation(text); err != nil || text == "Local" || !zonePattern.MatchString(text) {
		return errors.New("must be an IANA time zone like America/Mexico_City")
	}
	return nil
}
