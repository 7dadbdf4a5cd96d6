package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// Refused is the answer of a messenger that said no.
func Refused(why *domain.Failure) domain.SendResult {
	return domain.SendResult{Fate: domain.FateRefused, Failure: why}
}

// NotSent is the answer to a message that we refuse ourselves.
func NotSent(code, title string) domain.SendResult {
	return Refused(&domain.Failure{Reason: domain.ReasonInvalid, Cause: domain.Cause{Source: "recado", Code: code, Title: title}})
}

// WithoutOwnError is the answer to a reply in which the messenger of that name said
// nothing of its own: a 4xx refused all the same, and whatever else may have
// sent the message.
func (r Reply) WithoutOwnError(messenger string) domain.SendResult {
	why := &domain.Failure{Reason: ByStatus(r.Status), Cause: domain.Cause{
		Source: messenger, HTTPStatus: r.Status, Code: "http_" + strconv.Itoa(r.Status),
		Title: http.StatusText(r.Status) + ", without a word of the messenger",
	}}
	switch {
	case r.Cut != nil:
		why.Cause.Details = Brief(r.Cut.Error())
	case !json.Valid(r.Body):
		why.Cause.Details = "the answer is not JSON"
	}
	if r.Status/100 == 4 {
		answer := Refused(why)
		answer.RetryAfter = r.RetryAfter(time.Now())
		return answer
	}
	why.Reason = domain.ReasonOutcomeUnknown
	return domain.SendResult{Fate: domain.FateUnknown, Failure: why}
}

// ByStatus is the reason that an HTTP status alone gives.
func ByStatus(status int) domain.Reason {
	switch {
	case status == http.StatusTooManyRequests:
		return domain.ReasonThrottled
	case status == http.StatusRequestTimeout, status >= 500:
		return domain.ReasonUnavailable
	}
	return domain.ReasonUnrecognized
}

// longestWait bounds RetryAfter; a message gives up long before.
const longestWait = 24 * time.Hour

// Wait makes a bounded delay of seconds.
func Wait(seconds int64) time.Duration {
	return time.Duration(min(seconds, int64(longestWait/time.Second))) * time.Second
}

// RetryAfter reads the header of that name, seconds or a date; zero: none that
// is still to come.
func (r Reply) RetryAfter(now time.Time) time.Duration {
	given := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(given, 10, 32); err == nil {
		return Wait(int64(seconds))
	}
	date, err := http.ParseTime(given)
	if err != nil {
		return 0
	}
	return max(0, min(date.Sub(now), longestWait))
}
