package telegram_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/domain"
)

// says is Telegram's own error.
func says(code int, description string) connectortest.Reply {
	body, err := json.Marshal(map[string]any{"ok": false, "error_code": code, "description": description})
	if err != nil {
		panic(err)
	}
	return connectortest.Reply{Status: code, Body: string(body)}
}

// shape gives an answer that a row of the table names: a code, the first of several,
// or one with words.
func shape(t *testing.T, row string) connectortest.Reply {
	t.Helper()
	var code int
	words := "anything"
	if n, err := fmt.Sscanf(row, "%d %q", &code, &words); n == 0 {
		t.Fatalf("%q: %v", row, err)
	}
	return says(code, "Error: "+words)
}

func plain(status int) connectortest.Reply {
	return connectortest.Reply{Status: status, Body: "<html>no</html>"}
}

func with(r connectortest.Reply, header, value string) connectortest.Reply {
	r.Header = map[string]string{header: value}
	return r
}

// tooFast is Telegram's 429 with its own delay.
func tooFast(seconds int) connectortest.Reply {
	return connectortest.Reply{Status: 429, Body: fmt.Sprintf(
		`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, seconds, seconds)}
}

const (
	refused   = domain.FateRefused
	neverLeft = domain.FateNeverLeft
	unknown   = domain.FateUnknown
	e1        = domain.AccountNotFound
	e6        = domain.UnknownError

	T = true  // transient
	P = false // permanent
)

func row(name string, r connectortest.Reply, f domain.Fate, why domain.Reason, c domain.Code, retry bool, after time.Duration) connectortest.Answer {
	return connectortest.Answer{Name: name, Reply: r, Fate: f, Reason: why, Code: c, Retry: retry, RetryAfter: after}
}

// answers holds what the errors in failures_test.go do not tell.
var answers = []connectortest.Answer{
	row("the code in the body wins over the status", connectortest.Reply{Status: 400, Body: says(403, "Forbidden: user is deactivated").Body}, refused, domain.ReasonNoAccount, e1, P, 0),
	row("an error with 200", connectortest.Reply{Status: 200, Body: says(400, "Bad Request: chat not found").Body}, refused, domain.ReasonNoAccount, e1, P, 0),
	row("an error without a code", connectortest.Reply{Status: 400, Body: `{"ok":false,"description":"Bad Request: chat not found"}`}, refused, domain.ReasonNoAccount, e1, P, 0),
	row("an error without a description", connectortest.Reply{Status: 401, Body: `{"ok":false,"error_code":401}`}, refused, domain.ReasonUnauthorized, e6, P, 0),
	row("an error that says nothing", connectortest.Reply{Status: 502, Body: `{"ok":false}`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("an error whose parts have other types", connectortest.Reply{Status: 500, Body: `{"ok":false,"error_code":{}}`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("an error whose numbers are strings", connectortest.Reply{
		Status: 429, Body: `{"ok":false,"error_code":"429","description":"Too Many Requests","parameters":{"retry_after":"9"}}`,
	}, refused, domain.ReasonPairThrottled, e6, T, 9*time.Second),
	row("Telegram gives its delay in words only", says(429, "Too Many Requests: retry after 12"), refused, domain.ReasonPairThrottled, e6, T, 12*time.Second),
	row("taken, but no message came back", connectortest.Reply{Status: 200, Body: `{"ok":true}`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("taken, and something else came back", connectortest.Reply{Status: 200, Body: `{"ok":true,"result":true}`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("a code of 5xx that nobody knows", says(599, "Internal Server Error: news"), refused, domain.ReasonUnavailable, e6, T, 0),
	row("a code that nobody knows", says(418, "I'm a teapot"), refused, domain.ReasonUnrecognized, e6, P, 0),

	row("Telegram gives its own delay", tooFast(30), refused, domain.ReasonPairThrottled, e6, T, 30*time.Second),
	row("Telegram gives a delay of a year", tooFast(31536000), refused, domain.ReasonPairThrottled, e6, T, 24*time.Hour),
	row("Telegram gives its delay in a header only", with(says(429, "Too Many Requests: retry later"), "Retry-After", "7"), refused, domain.ReasonPairThrottled, e6, T, 7*time.Second),
	row("Telegram gives no delay", says(429, "Too Many Requests: retry later"), refused, domain.ReasonPairThrottled, e6, T, 0),

	row("502 without Telegram's word", plain(502), unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("504 without Telegram's word", plain(504), unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("429 without Telegram's word", with(plain(429), "Retry-After", "3"), refused, domain.ReasonThrottled, e6, T, 3*time.Second),
	row("403 without Telegram's word", plain(403), refused, domain.ReasonUnrecognized, e6, P, 0),
}
