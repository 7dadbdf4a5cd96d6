package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"recado/adapters/feed"
	"recado/adapters/transfer"
	"recado/domain"
)

// A problem is the answer to every request that fails, as RFC 9457 defines it.
type problem struct {
	Title  string       `json:"title" doc:"The HTTP status text."`
	Status int          `json:"status" doc:"The HTTP status."`
	Code   string       `json:"code" doc:"A stable, machine-readable code."`
	Detail string       `json:"detail" doc:"A human-readable explanation."`
	Errors []fieldError `json:"errors,omitempty" nullable:"false" doc:"For invalid_request: every invalid field."`

	headers http.Header // or nil
}

// A fieldError names an invalid field of a request and what is expected there.
type fieldError struct {
	Field   string `json:"field" doc:"The field, for example body.text, query.limit or path.id."`
	Message string `json:"message" doc:"What is expected."`
}

// Codes of problems that are not refusals of the domain.
const (
	codeInvalid      = "invalid_request"
	codeInternal     = "internal"
	codeUnauthorized = "unauthorized"
	codeUnavailable  = "unavailable"
)

var (
	challenge = http.Header{"Www-Authenticate": {`Bearer realm="recado"`}}
	retrySoon = http.Header{"Retry-After": {"1"}}
)

// problems reads top to bottom; the first match wins, and no match is a 500. It
// has a line for every Refusal; the code of a refusal is its text.
var problems = []struct {
	err     error
	status  int
	code    string
	detail  string
	headers http.Header // or nil
}{
	{domain.ErrNotFound, http.StatusNotFound, domain.ErrNotFound.Error(), "Not found in this company.", nil},
	{domain.ErrChatBlocked, http.StatusConflict, domain.ErrChatBlocked.Error(), "The chat is on the blacklist; remove it from there to send.", nil},
	{domain.ErrUnsupportedChat, http.StatusUnprocessableEntity, domain.ErrUnsupportedChat.Error(), "Group chats of this messenger have no blacklist.", nil},
	{domain.ErrClientRefConflict, http.StatusConflict, domain.ErrClientRefConflict.Error(), "This client_ref was used for a message with different content.", nil},
	{domain.ErrNotSentYet, http.StatusConflict, domain.ErrNotSentYet.Error(), "The message replied to has not been sent yet.", nil},
	{domain.ErrNotFailed, http.StatusConflict, domain.ErrNotFailed.Error(), "Only a message that failed can be tried again.", nil},
	{domain.ErrTargetNotSent, http.StatusConflict, domain.ErrTargetNotSent.Error(), "The message has not been sent yet; wait for its status sent.", nil},
	{domain.ErrNotEditable, http.StatusConflict, domain.ErrNotEditable.Error(), "Only a message of the company that was sent, has a text and is not deleted can be edited; a failed or deleted one takes no reaction.", nil},
	{domain.ErrForbidden, http.StatusForbidden, domain.ErrForbidden.Error(), "The employee does not have the right to do this.", nil},
	{domain.ErrSubscriptionNotPaid, http.StatusPaymentRequired, domain.ErrSubscriptionNotPaid.Error(), domain.Texts[domain.SubscriptionNotPaid], nil},
	{domain.ErrTariffNotAllowed, http.StatusForbidden, domain.ErrTariffNotAllowed.Error(), "The subscription's tariff does not include the blacklist.", nil},
	{domain.ErrVoiceNotAvailable, http.StatusForbidden, domain.ErrVoiceNotAvailable.Error(), domain.Texts[domain.VoiceNotAvailable], nil},
	{domain.ErrUnsupportedType, http.StatusUnprocessableEntity, domain.ErrUnsupportedType.Error(), "This connection cannot send messages of this type.", nil},
	{domain.ErrTooLong, http.StatusUnprocessableEntity, domain.ErrTooLong.Error(), "A text is longer than the messenger takes.", nil},
	{domain.ErrTooMany, http.StatusUnprocessableEntity, domain.ErrTooMany.Error(), "There are more parts than the messenger takes.", nil},
	{domain.ErrMediaNotAccepted, http.StatusUnprocessableEntity, domain.ErrMediaNotAccepted.Error(), "The messenger does not take this file.", nil},
	{domain.ErrReplayRuns, http.StatusConflict, domain.ErrReplayRuns.Error(), "Another replay of this endpoint runs; wait for its end, or stop it.", nil},
	{domain.ErrFeedExpired, http.StatusGone, domain.ErrFeedExpired.Error(), "Events after this cursor may have been deleted; begin again without one.", nil},
	{feed.ErrTooManyReaders, http.StatusTooManyRequests, "too_many_readers", "Too many readers of this company wait for events; close some.", retrySoon},
	{domain.ErrDeclaredInFile, http.StatusConflict, domain.ErrDeclaredInFile.Error(), "The endpoint is declared in the operator's file; change it there and run recado apply.", nil},
	{domain.ErrEndpointExists, http.StatusConflict, domain.ErrEndpointExists.Error(), "An endpoint with this id exists, or was deleted and events still expire; choose another, or leave it out.", nil},
	{domain.ErrTooManyEndpoints, http.StatusConflict, domain.ErrTooManyEndpoints.Error(), fmt.Sprintf("A company may have %d endpoints; delete one first.", domain.MaxEndpoints), nil},
	{domain.ErrAlreadyDelivered, http.StatusConflict, domain.ErrAlreadyDelivered.Error(), "The event was delivered; use replay to send it again.", nil},
	{errUnauthorized, http.StatusUnauthorized, codeUnauthorized, "Send the header Authorization: Bearer with the API key of an employee, one that was not replaced or revoked.", challenge},
	{domain.ErrUnavailable, http.StatusServiceUnavailable, codeUnavailable, "Temporarily unavailable; retry.", retrySoon},
	{context.Canceled, http.StatusServiceUnavailable, codeUnavailable, "The request was cancelled; retry.", retrySoon},
}

// problem turns an error into the answer. An error without a row in problems is
// logged, here and only here, and one a minute of those of a store that is away.
func (a *API) problem(operation string, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*transfer.Error](err); ok {
		return transferProblem(e)
	}
	for _, row := range problems {
		if errors.Is(err, row.err) {
			if errors.Is(row.err, domain.ErrUnavailable) {
				a.outages.Do(func() { a.Log.Error("request answered 503", "operation", operation, "err", err) })
			}
			return &problem{
				Title: http.StatusText(row.status), Status: row.status, Code: row.code, Detail: row.detail, headers: row.headers,
			}
		}
	}
	a.Log.Error("request failed", "operation", operation, "err", err)
	return internal()
}

// transferProblem is why a file is not taken or not given.
func transferProblem(e *transfer.Error) *problem {
	p := &problem{Title: http.StatusText(e.Status), Status: e.Status, Code: e.Code, Detail: e.Detail}
	if e.RetryAfter > 0 {
		p.headers = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))}}
	}
	return p
}

func internal() *problem {
	return &problem{
		Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
		Code: codeInternal, Detail: "Internal error; it has been logged.",
	}
}

// invalid returns the problem of a request with invalid fields.
func invalid(detail string, fields ...fieldError) *problem {
	return &problem{
		Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity,
		Code: codeInvalid, Detail: detail, Errors: fields,
	}
}

// codes are those of problems that huma and the router find; the rest is invalid_request.
var codes = map[int]string{
	http.StatusNotFound:              domain.ErrNotFound.Error(),
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusRequestTimeout:        "timeout",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
}

// fixes replaces texts of huma that do not say how to fix the request.
var fixes = map[string]string{
	validation.MsgUnexpectedProperty: "unknown field; check its spelling, or leave it out",
	"unknown query parameter":        "unknown parameter; check its spelling, or leave it out",
}

// bodyReadFailed is huma's text for a caller who disconnects while the body is
// read. Huma reports it as a 500.
const bodyReadFailed = "cannot read request body"

// newProblem turns an error of huma into a problem. It does not repeat what the
// caller sent.
func newProblem(status int, detail string, errs ...error) huma.StatusError {
	switch {
	case detail == bodyReadFailed:
		status, errs = http.StatusBadRequest, nil
	case status >= http.StatusInternalServerError:
		return internal()
	case status == http.StatusUnsupportedMediaType:
		detail = "Send the header Content-Type: application/json."
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

// newFieldError names the missing field; huma names the object that lacks it.
func newFieldError(err error) fieldError {
	d, ok := err.(huma.ErrorDetailer)
	if !ok {
		return fieldError{"body", err.Error()}
	}
	detail, missing := d.ErrorDetail(), ""
	if n, _ := fmt.Sscanf(detail.Message, validation.MsgExpectedRequiredProperty, &missing); n == 1 {
		return fieldError{detail.Location + "." + missing, "expected to be present"}
	}
	return fieldError{detail.Location, cmp.Or(fixes[detail.Message], detail.Message)}
}

// Error returns the detail.
func (p *problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders returns the headers, for huma.
func (p *problem) GetHeaders() http.Header { return p.headers }

// ContentType returns the media type of the answer, for huma.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// write sends the problem where huma does not.
func (p *problem) write(w http.ResponseWriter) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // it fails only if the caller has disconnected
}
