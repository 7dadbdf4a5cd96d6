package waba

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// decode reads a part that must be there.
func decode[T any](noun string, raw json.RawMessage) (T, error) {
	var part T
	if len(raw) == 0 || string(raw) == "null" {
		return part, fmt.Errorf("%s is missing", noun)
	}
	if err := json.Unmarshal(raw, &part); err != nil {
		return part, fmt.Errorf("%s: %w", noun, err)
	}
	return part, nil
}

// A stamp is a moment in seconds since 1970, as a string or a number; some send
// milliseconds. What cannot be read is the zero time, never an error: what
// happened matters more than when.
type stamp struct{ time.Time }

// UnmarshalJSON reads the moment.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	switch {
	case err != nil || n <= 0 || n >= 1e14:
		s.Time = time.Time{}
	case n < 1e11: // until the year 5138
		s.Time = time.Unix(n, 0).UTC()
	default:
		s.Time = time.UnixMilli(n).UTC()
	}
	return nil
}

// A scalar is a number or a string, as it was written.
type scalar = wire.Text

// maxID bounds what a messenger names a message; the longest known have about 100.
const maxID = 512

// providerID checks a name that the messenger gave.
func providerID(noun, s string) (domain.ProviderID, error) {
	switch {
	case s == "":
		return "", fmt.Errorf("%s is missing", noun)
	case len(s) > maxID || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "", fmt.Errorf("%s: %.40q is no name of a messenger", noun, s)
	}
	return domain.ProviderID(s), nil
}

func isPhone(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
