package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"recado/domain"
)

// A problem is every answer that is not the one hoped for, by RFC 9457.
type problem struct {
	Title  string       `json:"title" doc:"The HTTP status in words."`
	Status int          `json:"status" doc:"The HTTP status."`
	Code   string       `json:"code" doc:"What happened, as one word that never changes."`
	Detail string       `json:"detail" doc:"What happened, for people."`
	Errors []fieldError `json:"errors,omitempty" nullable:"false" doc:"With invalid_request: each field that is wrong."`

	headers http.Header // or nil
}

// A fieldError tells what is wrong in a request and what would be right.
type fieldError struct {
	Field   string `json:"field" doc:"Where: body.text, query.limit, path.id."`
	Message string `json:"message" doc:"What is expected there."`
}

// Codes of problems that are no refusal of the domain.
const (
	codeInvalid      = "invalid_request"
	codeInternal     = "internal"
	codeUnauthorized = "unauthorized"
	codeUnavailable  = "unavailable"
)

var (
	challenge = http.Header{"Www-Authenticate": {`Bearer realm="recado"`}}
	soonAgain = http.Header{"Retry-After": {"1"}}
)

// answers reads top to bottom; the first match wins, and no match is a 500. It
// has a line for every Refusal; the code of a refusal is its text.
var answers = []struct {
	err     error
	status  int
	code    string
	detail  string
	headers http.Header // or nil
}{
	{domain.ErrNotFound, http.StatusNotFound, domain.ErrNotFound.Error(), "The company has no such thing.", nil},
	{domain.ErrChatBlocked, http.StatusConflict, domain.ErrChatBlocked.Error(), "The chat is on the blacklist; nothing is sent to it.", nil},
	{domain.ErrUnsupportedChat, http.StatusUnprocessableEntity, domain.ErrUnsupportedChat.Error(), "Group chats of a Telegram bot have no blacklist.", nil},
	{domain.ErrClientRefConflict, http.StatusConflict, domain.ErrClientRefConflict.Error(), "The client_ref names a message with another content.", nil},
	{domain.ErrNotSentYet, http.StatusConflict, domain.ErrNotSentYet.Error(), "The message replied to has not been sent yet.", nil},
	{domain.ErrForbidden, http.StatusForbidden, domain.ErrForbidden.Error(), "The employee lacks the right to do this.", nil},
	{domain.ErrSubscriptionNotPaid, http.StatusPaymentRequired, domain.ErrSubscriptionNotPaid.Error(), "The blacklist needs a paid subscription.", nil},
	{domain.ErrTariffNotAllowed, http.StatusForbidden, domain.ErrTariffNotAllowed.Error(), "The tariff of the subscription has no blacklist.", nil},
	{domain.ErrVoiceNotAvailable, http.StatusForbidden, domain.ErrVoiceNotAvailable.Error(), domain.Texts[domain.VoiceNotAvailable], nil},
	{domain.ErrUnsupportedType, http.StatusUnprocessableEntity, domain.ErrUnsupportedType.Error(), "Messages of this type cannot be sent over this connection.", nil},
	{errUnauthorized, http.StatusUnauthorized, codeUnauthorized, "Send Authorization: Bearer and the API key of an employee.", challenge},
	{domain.ErrUnavailable, http.StatusServiceUnavailable, codeUnavailable, "The store does not answer; ask again.", soonAgain},
	{context.Canceled, http.StatusServiceUnavailable, codeUnavailable, "The request was given up; ask again.", soonAgain},
}

// problem tells an error to the caller. What the caller can do nothing about is
// logged, here and only here.
func (a *API) problem(operation string, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	for _, row := range answers {
		if errors.Is(err, row.err) {
			return &problem{
				Title: http.StatusText(row.status), Status: row.status, Code: row.code, Detail: row.detail, headers: row.headers,
			}
		}
	}
	a.Log.Error("request failed", "operation", operation, "err", err)
	return internal()
}

func internal() *problem {
	return &problem{
		Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
		Code: codeInternal, Detail: "Something went wrong here; it is logged.",
	}
}

// invalid is a request that is wrong in the given fields.
func invalid(detail string, fields ...fieldError) *problem {
	return &problem{
		Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity,
		Code: codeInvalid, Detail: detail, Errors: fields,
	}
}

// codes names what huma and the router find, where it is not invalid_request.
var codes = map[int]string{
	http.StatusNotFound:              domain.ErrNotFound.Error(),
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusRequestTimeout:        "timeout",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
}

// mends says what to do where huma only says what is wrong.
var mends = map[string]string{validation.MsgUnexpectedProperty: "unknown field; leave it out"}

// brokenBody is what huma says, as its own fault, of a caller who leaves while
// the body is read.
const brokenBody = "cannot read request body"

// newProblem makes a problem of what huma finds wrong. What was sent is not
// repeated to the caller.
func newProblem(status int, detail string, errs ...error) huma.StatusError {
	switch {
	case detail == brokenBody:
		status, errs = http.StatusBadRequest, nil
	case status >= http.StatusInternalServerError:
		return internal()
	}
	p := &problem{
		Title: http.StatusText(status), Status: status, Code: cmp.Or(codes[status], codeInvalid), Detail: detail,
	}
	for _, err := range errs {
		p.Errors = append(p.Errors, newFieldError(err))
	}
	slices.SortStableFunc(p.Errors, func(x, y fieldError) int { return strings.Compare(x.Field, y.Field) })
	return p
}

// newFieldError names the field that is missing, where huma names what it is missing in.
func newFieldError(err error) fieldError {
	d, ok := err.(huma.ErrorDetailer)
	if !ok {
		return fieldError{"body", err.Error()}
	}
	said, missing := d.ErrorDetail(), ""
	if n, _ := fmt.Sscanf(said.Message, validation.MsgExpectedRequiredProperty, &missing); n == 1 {
		return fieldError{said.Location + "." + missing, "expected to be present"}
	}
	return fieldError{said.Location, cmp.Or(mends[said.Message], said.Message)}
}

// Error returns the detail.
func (p *problem) Error() string { return p.Detail }

// GetStatus tells huma the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders tells huma the headers.
func (p *problem) GetHeaders() http.Header { return p.headers }

// ContentType tells huma the type of the answer.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// write answers with the problem where huma does not.
func (p *problem) write(w http.ResponseWriter) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // an error here is a caller who left
}
