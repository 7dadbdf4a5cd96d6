package waba_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/domain"
)

// metaSays is Meta's own error. The words stand in each of its texts.
func metaSays(status, code int, words string) connectortest.Reply {
	body, err := json.Marshal(map[string]any{"error": map[string]any{
		"message": words, "type": "OAuthException", "code": code, "error_subcode": 2494055, "fbtrace_id": "A" + words,
		"error_data": map[string]any{"messaging_product": "whatsapp", "details": words}, "error_user_msg": words,
	}})
	if err != nil {
		panic(err)
	}
	return connectortest.Reply{Status: status, Body: string(body)}
}

// gatewaySays is 360dialog's own error.
func gatewaySays(status int, words string) connectortest.Reply {
	return connectortest.Reply{Status: status, Body: fmt.Sprintf(
		`{"meta":{"api_status":"stable","httpCode":%d,"developerMessage":%q,"success":false}}`, status, words)}
}

// shape gives an answer that a row of the table names: a code, the first of several,
// or an error of 360dialog.
func shape(t *testing.T, row string) connectortest.Reply {
	t.Helper()
	var status, code int
	words := "anything"
	if rest, gateway := strings.CutPrefix(row, "360dialog "); gateway {
		_, _ = fmt.Sscanf(rest, "%d %q", &status, &words) // a row may have no words
		return gatewaySays(status, words)
	}
	if _, err := fmt.Sscanf(row, "%d", &code); err != nil {
		t.Fatalf("%q: %v", row, err)
	}
	return metaSays(400, code, words)
}

func plain(status int, headers ...string) connectortest.Reply {
	r := connectortest.Reply{Status: status, Body: "no", Header: map[string]string{}}
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = headers[i+1]
	}
	return r
}

func waits(r connectortest.Reply, after string) connectortest.Reply {
	r.Header = map[string]string{"Retry-After": after}
	return r
}

const (
	refused = domain.FateRefused
	unknown = domain.FateUnknown
	e1      = domain.AccountNotFound
	e3      = domain.NoPaidDialogs
	e6      = domain.UnknownError
)

func row(name string, r connectortest.Reply, f domain.Fate, why domain.Reason, c domain.Code, retry bool, after time.Duration) connectortest.Answer {
	return connectortest.Answer{Name: name, Reply: r, Fate: f, Reason: why, Code: c, Retry: retry, RetryAfter: after}
}

// answers holds what the codes of Meta do not tell; those are in failures_test.go.
var answers = []connectortest.Answer{
	row("an unknown code with 400", metaSays(400, 999999, "news"), refused, domain.ReasonUnrecognized, e6, false, 0),
	row("an unknown code with 408", metaSays(408, 999999, "news"), refused, domain.ReasonUnavailable, e6, true, 0),
	row("an unknown code with 429", metaSays(429, 999999, "news"), refused, domain.ReasonThrottled, e6, true, 0),
	row("an unknown code with 500", metaSays(500, 999999, "news"), refused, domain.ReasonUnavailable, e6, true, 0),
	row("an unknown code with 200", metaSays(200, 999999, "news"), refused, domain.ReasonUnrecognized, e6, false, 0),
	row("an authentication template to a user id", metaSays(400, 131062, "not allowed"), refused, domain.ReasonInvalid, e6, false, 0),
	row("a limit because of a wrong category", metaSays(400, 131064, "misclassified"), refused, domain.ReasonRestricted, e6, false, 0),
	row("a direct send that is refused", metaSays(400, 139200, "not eligible"), refused, domain.ReasonInvalid, e6, false, 0),
	row("a group that is not ours", metaSays(400, 131202, "group"), refused, domain.ReasonPermission, e6, false, 0),
	row("a group that is too fast", metaSays(400, 131208, "group"), refused, domain.ReasonThrottled, e6, true, 0),
	row("a permanent code with 500", metaSays(500, 3, "capability"), refused, domain.ReasonPermission, e6, false, 0),
	row("an error with 200", metaSays(200, 131026, "undeliverable"), refused, domain.ReasonNoAccount, e1, false, 0),
	row("an error without a code", connectortest.Reply{Status: 500, Body: `{"error":{"message":"oops"}}`}, refused, domain.ReasonUnavailable, e6, true, 0),
	row("an error whose parts have other types", connectortest.Reply{Status: 400, Body: `{"error":{"code":"131042","message":7,"error_data":"x","fbtrace_id":[]}}`}, refused, domain.ReasonPayment, e3, false, 0),
	row("an error of the on-premises API", connectortest.Reply{Status: 400, Body: `{"errors":[{"code":1013,"title":"User is not valid"}]}`}, refused, domain.ReasonNoAccount, e1, false, 0),
	row("an error that is no object", connectortest.Reply{Status: 502, Body: `{"error":"bad gateway"}`}, unknown, domain.ReasonOutcomeUnknown, e6, false, 0),
	row("an error that says nothing", connectortest.Reply{Status: 502, Body: `{"error":{}}`}, unknown, domain.ReasonOutcomeUnknown, e6, false, 0),
	row("taken, but not named", connectortest.Reply{Status: 200, Body: `{"messages":[{}]}`}, unknown, domain.ReasonOutcomeUnknown, e6, false, 0),

	row("Meta gives its own delay", waits(metaSays(429, 130429, "slow down"), "7"), refused, domain.ReasonThrottled, e6, true, 7*time.Second),
	row("Meta gives a delay that is no number", waits(metaSays(429, 130429, "slow down"), "soon"), refused, domain.ReasonThrottled, e6, true, 0),
	row("Meta gives a moment that has passed", waits(metaSays(429, 130429, "slow down"), "Wed, 21 Oct 2015 07:28:00 GMT"), refused, domain.ReasonThrottled, e6, true, 0),
	row("Meta gives a delay of a year", waits(metaSays(429, 130429, "slow down"), "31536000"), refused, domain.ReasonThrottled, e6, true, 24*time.Hour),

	row("429 without Meta's error", plain(429, "Retry-After", "3"), refused, domain.ReasonThrottled, e6, true, 3*time.Second),
	row("408 without Meta's error", plain(408), refused, domain.ReasonUnavailable, e6, true, 0),
	row("404 without Meta's error", plain(404), refused, domain.ReasonUnrecognized, e6, false, 0),
	row("403 without Meta's error", plain(403), refused, domain.ReasonUnrecognized, e6, false, 0),

	row("360dialog: the number is disabled", gatewaySays(400, "Number disabled"), refused, domain.ReasonRestricted, e6, false, 0),
	row("360dialog: too fast", gatewaySays(400, "Endpoint rate limit reached"), refused, domain.ReasonThrottled, e6, true, 0),
	row("360dialog: not paid", gatewaySays(400, "Could not send message due to lack of payment for the channel"), refused, domain.ReasonPayment, e3, false, 0),
	row("360dialog: no funds", gatewaySays(400, "Your funds balance is zero"), refused, domain.ReasonPayment, e3, false, 0),
	row("360dialog: another 400", gatewaySays(400, "Something else"), refused, domain.ReasonUnrecognized, e6, false, 0),
	row("360dialog: the key is invalid", gatewaySays(401, "Invalid api key"), refused, domain.ReasonUnauthorized, e6, false, 0),
	row("360dialog: blocked", gatewaySays(403, "Blocked"), refused, domain.ReasonRestricted, e6, false, 0),
	row("360dialog: not found", gatewaySays(404, "Not found"), refused, domain.ReasonUnrecognized, e6, false, 0),
	row("360dialog: 500", gatewaySays(500, "Internal server error"), refused, domain.ReasonUnavailable, e6, true, 0),
	row("360dialog: 502", gatewaySays(502, "Bad gateway"), refused, domain.ReasonUnavailable, e6, true, 0),
}
