package waha

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A rule says what an error of WAHA means.
type rule struct {
	status int    // zero: any
	text   string // what the error says somewhere, in lower case; empty: anything
	number bool   // the text is a number of WhatsApp's, not a part of a longer one
	reason domain.Reason
	retry  *domain.Backoff // or nil: as domain.Policies says
}

var (
	// throttled is for WhatsApp's rate limit, which it lifts slowly.
	throttled = &domain.Backoff{First: time.Minute, Factor: 2, Max: 30 * time.Minute}

	// starting is for a session that is about to work.
	starting = &domain.Backoff{First: 2 * time.Second, Factor: 1.5, Max: 10 * time.Second, Tries: 12}

	// twice is for errors that nobody knows.
	twice = &domain.Backoff{First: 5 * time.Second, Tries: 2}
)

// noLid is what an engine says that found no hidden number of a peer. Some of those have
// no account, and others do.
const noLid = "no lid found"

// rules reads top to bottom; the first match decides. The words are those of the
// engines, and come translated: the numbers stay.
var rules = []rule{
	// The session.
	{status: 422, text: "starting", reason: domain.ReasonUnavailable, retry: starting},
	{status: 422, text: "status is not as expected", reason: domain.ReasonDisconnected},
	{status: 401, reason: domain.ReasonUnauthorized},
	{status: 403, reason: domain.ReasonUnauthorized},
	{status: 404, reason: domain.ReasonUnauthorized},
	{status: 429, reason: domain.ReasonThrottled, retry: throttled},

	// WhatsApp, through the engine.
	{status: 500, text: "rate-overlimit", reason: domain.ReasonThrottled, retry: throttled},
	{status: 500, text: "429", number: true, reason: domain.ReasonThrottled, retry: throttled},
	{status: 500, text: "463", number: true, reason: domain.ReasonStrangers},
	{status: 500, text: noLid, reason: domain.ReasonRestricted}, // if it exists; see sending.lacksLid
	{status: 500, text: "479", number: true, reason: domain.ReasonRestricted},
	{status: 500, text: "403", number: true, reason: domain.ReasonPeerRefuses},
	{status: 500, text: "400", number: true, reason: domain.ReasonRestricted},

	// The message is wrong, or the engine cannot send it.
	{status: 400, reason: domain.ReasonInvalid},
	{status: 413, reason: domain.ReasonInvalid},
	{status: 422, reason: domain.ReasonInvalid},
	{status: 501, reason: domain.ReasonInvalid},
}

// FailureTable lists the rules.
func (*Connector) FailureTable() []domain.FailureRow {
	list := make([]domain.FailureRow, 0, len(rules))
	for _, r := range rules {
		answer := strconv.Itoa(r.status)
		if r.text != "" {
			answer += " " + strconv.Quote(r.text)
		}
		list = append(list, domain.FailureRow{Answer: answer, Reason: r.reason, Retry: r.retry})
	}
	return list
}

func (r rule) matches(status int, text string) bool {
	switch {
	case r.status != status:
		return false
	case r.number:
		for _, n := range number.FindAllString(text, -1) {
			if n == r.text {
				return true
			}
		}
		return false
	}
	return strings.Contains(text, r.text)
}

var number = regexp.MustCompile(`\d+`)

// classify returns what an error means. A 5xx that nobody knows may have sent the text.
func classify(status int, text string) (domain.Reason, *domain.Backoff) {
	text = strings.ToLower(text)
	for _, r := range rules {
		if r.matches(status, text) {
			return r.reason, r.retry
		}
	}
	if status >= http.StatusInternalServerError {
		return domain.ReasonOutcomeUnknown, nil
	}
	return domain.ReasonUnrecognized, nil
}

// An ownError is how WAHA says no: by an exception, by the status of the session, or
// by a message, which may be a list.
type ownError struct {
	Exception *struct {
		Message wire.Text
		Name    wire.Text
	}
	Error   wire.Text
	Status  wire.Text // of the session
	Message json.RawMessage
	Code    wire.Integer `json:"statusCode"`
}

// words returns what the error says; empty: it is none of WAHA's.
func (e ownError) words() string {
	if e.Exception != nil && e.Exception.Message != "" {
		return string(e.Exception.Message)
	}
	if e.Error != "" && e.Status != "" {
		return string(e.Error) + " (" + string(e.Status) + ")"
	}
	if e.Code == 0 {
		return ""
	}
	words := wire.Words(e.Message)
	if len(words) == 0 {
		return string(e.Error)
	}
	return strings.Join(words, "; ")
}

// refusal reads WAHA's own error; false: it is none. An error that may have sent the
// text has the fate unknown.
func (c *call) refusal(r wire.Reply) (domain.SendResult, bool) {
	var e ownError
	_ = wire.Decode(r.Body, &e) // what can be read of it is enough
	words := e.words()
	if words == "" || r.Status/100 < 4 {
		return domain.SendResult{}, false
	}
	reason, retry := classify(r.Status, words)
	result := wire.Refused(&domain.Failure{Reason: reason, Cause: domain.Cause{
		Source: source, HTTPStatus: r.Status, Code: strconv.Itoa(r.Status), Title: wire.Brief(c.hide(words)),
	}})
	result.Retry, result.RetryAfter = retry, r.RetryAfter(time.Now())
	if reason == domain.ReasonOutcomeUnknown {
		result.Fate = domain.FateUnknown
	}
	return result, true
}

// failed is the result of a reply that is no success. Own reports whether it is WAHA's
// own error.
func (c *call) failed(reply wire.Reply) (result domain.SendResult, own bool) {
	if result, own = c.refusal(reply); own {
		return result, true
	}
	return reply.WithoutOwnError(source), false
}

// isOfMessage reports whether a reply with these words says that there is no such
// message: WAHA answers 404 for a session, too.
func isOfMessage(reply wire.Reply, words string) bool {
	return reply.Status == http.StatusNotFound && !strings.Contains(strings.ToLower(words), "session")
}

// messagePath is where WAHA has a message of a chat.
func (c *call) messagePath(chat, id string) string {
	return "/api/" + c.session + "/chats/" + url.PathEscape(chat) + "/messages/" + url.PathEscape(id)
}
