package webhooks

import (
	"errors"
	"net/http"

	"recado/domain"
	"recado/metrics"
)

// An answer to a webhook.
type answer struct {
	err    error
	status int
	text   string
	result metrics.WebhookResult
}

// answers reads top to bottom; the first match wins. What is none of these is
// the store that does not answer: the messenger will send it again.
var answers = []answer{
	{nil, http.StatusOK, "", metrics.WebhookAccepted},
	{domain.ErrNotFound, http.StatusNotFound, "no such hook", metrics.WebhookUnknown},
	{domain.ErrForged, http.StatusUnauthorized, "the signature is missing or wrong", metrics.WebhookForged},
	{errTooLarge, http.StatusRequestEntityTooLarge, "the body is larger than 4 MiB", metrics.WebhookTooLarge},
	{errBroken, http.StatusBadRequest, "the body did not arrive whole", metrics.WebhookBroken},
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

func (a answer) write(w http.ResponseWriter) {
	switch a.status {
	case http.StatusOK:
		w.WriteHeader(http.StatusOK) // an empty body: a messenger may take a body for a command
		return
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	http.Error(w, a.text, a.status)
}
