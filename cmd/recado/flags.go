package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"recado/domain"
)

// An eventType is a flag that selects events; empty: all.
type eventType domain.EventType

// UnmarshalText refuses a type that no event has, for which nothing would be found.
func (e *eventType) UnmarshalText(text []byte) error {
	if *e = eventType(text); *e == "" || slices.Contains(domain.EventTypes, domain.EventType(*e)) {
		return nil
	}
	if near := nearest(domain.EventType(text), domain.EventTypes); near != "" {
		return fmt.Errorf("no event has the type %q; did you mean %s?", text, near)
	}
	return fmt.Errorf("no event has the type %q; the types are %s", text, domain.Join(domain.EventTypes))
}

// readTime reads the times of flags.
func readTime(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("time")
	if err != nil {
		return err
	}
	text := fmt.Sprint(token.Value)
	t, err := parseTime(text)
	if err != nil {
		return fmt.Errorf("expected a time such as 90m, 36h or 2d, and not %q", text)
	}
	target.SetInt(int64(t))
	return nil
}

// longest is the longest time of a flag, in days: a century.
const longest = 36500

// parseTime reads what Go reads, and days before it: 1d12h.
func parseTime(text string) (t time.Duration, err error) {
	days, rest, found := strings.Cut(text, "d")
	if found {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > longest {
			return 0, fmt.Errorf("%q is no number of days", days)
		}
		t, text = time.Duration(n)*24*time.Hour, rest
	}
	if text != "" || !found {
		more, err := time.ParseDuration(text)
		if err != nil || more < 0 {
			return 0, errors.Join(err, fmt.Errorf("%q is no time", text))
		}
		t += more
	}
	return t, nil
}
