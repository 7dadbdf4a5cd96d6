package waha_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/domain"
)

// encodedReply is an answer of the status with the value as its body.
func encodedReply(status int, v any) connectortest.Reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return connectortest.Reply{Status: status, Body: string(body)}
}

// exception is WAHA's answer when its engine fails. It repeats the request.
func exception(words string) connectortest.Reply {
	return encodedReply(500, map[string]any{
		"statusCode": 500, "timestamp": "2026-01-02T10:00:00.000Z",
		"exception": map[string]any{"message": words, "name": "Error", "code": nil, "details": nil},
		"request":   map[string]any{"path": "/api/sendText", "method": "POST", "body": map[string]any{"text": "what we sent"}},
		"version":   map[string]any{"version": "2026.7.1", "engine": "GOWS"},
	})
}

// says is an error without an exception.
func says(status int, words string) connectortest.Reply {
	return encodedReply(status, map[string]any{"statusCode": status, "message": words, "error": http.StatusText(status)})
}

func badRequest(words string) connectortest.Reply {
	return encodedReply(400, map[string]any{"statusCode": 400, "message": []string{words, "chatId must be a string"}, "error": "Bad Request"})
}

// sessionIs is the answer while the session does not work.
func sessionIs(status string) connectortest.Reply {
	return encodedReply(422, map[string]any{
		"error":   "Session status is not as expected. Try again later or restart the session",
		"session": "default", "status": status, "expected": []string{"WORKING"},
	})
}

// shape gives an answer that a row of the table names: a status, or one with words.
func shape(t *testing.T, row string) connectortest.Reply {
	t.Helper()
	code, words, _ := strings.Cut(row, " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		t.Fatalf("%q: %v", row, err)
	}
	words = strings.Trim(words, `"`)
	switch {
	case status == 422 && words == "starting":
		return sessionIs("STARTING")
	case status == 422 && words != "":
		return sessionIs("STOPPED")
	case status == 500:
		return exception(fmt.Sprintf("server returned error %s.", words))
	}
	return says(status, "anything")
}

const (
	refused = domain.FateRefused
	unknown = domain.FateUnknown
	e1      = domain.AccountNotFound
	e6      = domain.UnknownError

	T = true  // transient
	P = false // permanent
)

func row(name string, r connectortest.Reply, f domain.Fate, why domain.Reason, c domain.Code, retry bool, after time.Duration) connectortest.Answer {
	return connectortest.Answer{Name: name, Reply: r, Fate: f, Reason: why, Code: c, Retry: retry, RetryAfter: after}
}

func with(r connectortest.Reply, header, value string) connectortest.Reply {
	r.Header = map[string]string{header: value}
	return r
}

// answers lists what WAHA is known to answer to a send, written out from the contract.
var answers = []connectortest.Answer{
	row("the session starts", sessionIs("STARTING"), refused, domain.ReasonUnavailable, e6, T, 0),
	row("the QR code waits", sessionIs("SCAN_QR_CODE"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("the session is stopped", sessionIs("STOPPED"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("the session failed", sessionIs("FAILED"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("a passkey is asked for", sessionIs("PASSKEY_REQUIRED"), refused, domain.ReasonDisconnected, e6, T, 0),
	row("the key is wrong", says(401, "Unauthorized"), refused, domain.ReasonUnauthorized, e6, P, 0),
	row("there is no such session", says(404, "Session not found"), refused, domain.ReasonUnauthorized, e6, P, 0),
	row("a wrong body", badRequest("text must be a string"), refused, domain.ReasonInvalid, e6, P, 0),
	row("the engine cannot do it", says(501, "The method is not implemented by the engine."), refused, domain.ReasonInvalid, e6, P, 0),
	row("another 422", says(422, "The feature is available only in another version."), refused, domain.ReasonInvalid, e6, P, 0),

	row("strangers are not allowed", exception("server returned error 463"), refused, domain.ReasonStrangers, e6, P, 0),
	row("strangers are not allowed, in Portuguese", exception("O servidor retornou o erro 463 (NackCallerReachoutTimelocked)"), refused, domain.ReasonStrangers, e6, P, 0),
	row("479", exception("server returned error 479"), refused, domain.ReasonRestricted, e6, P, 0),
	row("403", exception("server returned error 403"), refused, domain.ReasonPeerRefuses, e6, P, 0),
	row("400", exception("server returned error 400"), refused, domain.ReasonRestricted, e6, P, 0),
	row("429", exception("server returned error 429"), refused, domain.ReasonThrottled, e6, T, 0),
	row("rate-overlimit", exception("rate-overlimit"), refused, domain.ReasonThrottled, e6, T, 0),
	row("no hidden number", exception("no LID found for 16505551234@s.whatsapp.net from server"), refused, domain.ReasonRestricted, e6, P, 0),
	row("too fast for WAHA", with(says(429, "ThrottlerException: Too Many Requests"), "Retry-After", "9"), refused, domain.ReasonThrottled, e6, T, 9*time.Second),

	row("a number within another is none", exception("info query timed out after 4630 ms"), unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("an exception that nobody knows, and no look is possible", exception("Connection Closed"), unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("taken, but no message came back", connectortest.Reply{Status: 201, Body: `{}`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("taken, and something else came back", connectortest.Reply{Status: 201, Body: `true`}, unknown, domain.ReasonOutcomeUnknown, e6, P, 0),
	row("403 of a proxy", connectortest.Reply{Status: 403, Body: "<html>no</html>"}, refused, domain.ReasonUnrecognized, e6, P, 0),
	row("an unknown status of 4xx", says(418, "I'm a teapot"), refused, domain.ReasonUnrecognized, e6, P, 0),
}
