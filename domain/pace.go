package domain

import (
	"errors"
	"regexp"
	"strconv"
	"time"
)

// A Pace is how fast messages may leave over a connection. A zero Rate is no limit.
type Pace struct {
	Connection Rate // all messages of the connection
	Pair       Rate // those to one peer
	Group      Rate // those to one group

	// Unnamed is true where the messenger refuses what comes too fast without a word on
	// whose limit it was: the chat's or the connection's.
	Unnamed bool
}

// Of returns the Rate of a chat.
func (p Pace) Of(group bool) Rate {
	if group {
		return p.Group
	}
	return p.Pair
}

// A Rate lets one message pass Every so often, and Burst of them at once after a
// silence.
type Rate struct {
	Every time.Duration
	Burst int
}

// Per returns the Rate of n messages in d, with a burst.
func Per(n int, d time.Duration, burst int) Rate { return Rate{d / time.Duration(n), burst} }

// Unlimited reports whether the Rate is no limit.
func (r Rate) Unlimited() bool { return r.Every <= 0 }

// Takes returns how long n messages take.
func (r Rate) Takes(n int) time.Duration { return r.Every * time.Duration(n) }

// PaceSetting is the setting of a connection that replaces the Rate which its
// messenger states for every connection: "80/s", "20/min", "500/h".
var PaceSetting = Setting{Name: "pace", Optional: true, Public: true, Check: func(text string) error { _, err := parseRate(text); return err }}

// Paced returns the Pace of a connection with these settings, of a messenger whose
// Pace it is.
func (s Settings) Paced(p Pace) Pace {
	if r, err := parseRate(string(s[PaceSetting.Name])); err == nil {
		p.Connection = r
	}
	return p
}

var (
	rateText  = regexp.MustCompile(`^([1-9][0-9]{0,4})/(s|min|h)$`)
	rateUnits = map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}
)

// parseRate reads a Rate. Its burst is what passes within a second.
func parseRate(text string) (Rate, error) {
	parts := rateText.FindStringSubmatch(text)
	if parts == nil {
		return Rate{}, errors.New("must be a number and a time, such as 80/s, 20/min or 500/h")
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return Rate{}, err
	}
	unit := rateUnits[parts[2]]
	return Per(n, unit, max(1, int(time.Duration(n)*time.Second/unit))), nil
}
