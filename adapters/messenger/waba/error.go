package waba

import (
	"encoding/json"
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// source is where the causes of failures come from.
const source = "waba"

// An apiError is an error as Meta writes it, in answers and in statuses.
type apiError struct {
	Code      scalar
	Subcode   scalar `json:"error_subcode"`
	Title     string
	Message   string
	Details   string  // of the on-premises API
	Data      details `json:"error_data"`
	UserTitle string  `json:"error_user_title"`
	UserText  string  `json:"error_user_msg"`
	Trace     string  `json:"fbtrace_id"`
	gateway   int     // the HTTP status, if 360dialog gives it in its own form
}

// details is what error_data says; Meta's other products put other things there.
type details string

// UnmarshalJSON reads the details, if there are any.
func (d *details) UnmarshalJSON(raw []byte) error {
	var data struct{ Details string }
	if json.Unmarshal(raw, &data) == nil {
		*d = details(data.Details)
	}
	return nil
}

// failure returns what the error means. The HTTP status is zero in a webhook; it
// decides only what no rule knows. Every text goes through hide. The Backoff
// may be nil.
func (e apiError) failure(status int, hide func(string) string) (*domain.Failure, *domain.Backoff) {
	keep := func(texts ...string) string { return wire.Brief(hide(firstOf(texts...))) }
	reason, retry := e.classify(status)
	code := "none"
	if _, err := strconv.Atoi(string(e.Code)); err == nil {
		code = string(e.Code)
	} else if e.gateway != 0 {
		code = "360dialog_" + strconv.Itoa(e.gateway)
	}
	return &domain.Failure{Reason: reason, Cause: domain.Cause{
		Source: source, HTTPStatus: status, Code: code, Subcode: keep(string(e.Subcode)),
		Title:   keep(e.Title, e.Message, e.UserTitle, "an error without a title"),
		Details: keep(string(e.Data), e.Details, e.UserText),
		TraceID: keep(e.Trace),
	}}, retry
}

// asIs hides nothing: a webhook repeats no secret and no text.
func asIs(s string) string { return s }

func (e apiError) classify(status int) (domain.Reason, *domain.Backoff) {
	code, err := strconv.Atoi(string(e.Code))
	for _, r := range rules {
		if e.gateway != 0 && e.gateway == r.gateway && strings.Contains(strings.ToLower(e.Message), r.text) ||
			e.gateway == 0 && err == nil && r.gateway == 0 && r.from <= code && code <= max(r.from, r.to) {
			return r.reason, r.retry
		}
	}
	return wire.ByStatus(status), nil
}

// noReason is the failure of what failed without a word.
func noReason() *domain.Failure {
	f, _ := apiError{Title: "failed, and no reason was given"}.failure(0, asIs)
	return f
}
