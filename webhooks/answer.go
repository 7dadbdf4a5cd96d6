package webhooks

import (
	"errors"
	"fmt"
	"net/http"

	"recado/domain"
	"recado/metrics"
)

// An answer is how a webhook call that ended with err is answered.
type answer struct {
	err    error
	status int
	text   string
	result metrics.WebhookResult
}

// A stranger gets the same text whether the hook exists or not.
const (
	forgedText   = "the signature is missing or wrong"
	mismatchText = "verify token mismatch"
)

// answers reads top to bottom; the first match wins. Any other error means that
// the store does not answer: the messenger will send the webhook again.
var answers = []answer{
	{nil, http.StatusOK, "", metrics.WebhookAccepted},
	{errNoKind, http.StatusNotFound, "no such kind of webhook", metrics.WebhookUnknown},
	{domain.ErrNotFound, http.StatusUnauthorized, forgedText, metrics.WebhookUnknown},
	{domain.ErrForged, http.StatusUnauthorized, forgedText, metrics.WebhookForged},
	{errNoHandshake, http.StatusForbidden, mismatchText, metrics.WebhookUnknown},
	{errTokenMismatch, http.StatusForbidden, mismatchText, metrics.WebhookForged},
	{errTooLarge, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d MiB", maxBody>>20), metrics.WebhookTooLarge},
	{errIncomplete, http.StatusBadRequest, "the body is incomplete or came too slowly", metrics.WebhookBroken},
	{errPanic, http.StatusInternalServerError, "a fault in Recado, which is logged", metrics.WebhookFailed},
}

var unavailable = answer{nil, http.StatusServiceUnavailable, "not stored, please send it again", metrics.WebhookUnavailable}

func answerTo(err error) answer {
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a
		}
	}
	return unavailable
}

// write answers the call. Challenge is the body of a 200; a webhook's is empty,
// since a messenger may take a body for a command.
func (a answer) write(w http.ResponseWriter, challenge string) {
	switch {
	case a.status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	case a.status == http.StatusOK && challenge == "":
		w.WriteHeader(http.StatusOK)
		return
	case a.status == http.StatusOK:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write([]byte(challenge)) // if it fails, the caller is gone
		return
	}
	http.Error(w, a.text, a.status)
}
