package simulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Manners are how a messenger sends webhooks.
type Manners struct {
	Patience   time.Duration // a slower answer counts as none, although Recado may have taken it
	Takes      func(status int) bool
	RetryAfter bool // it heeds the answer's Retry-After
	Wait       func(tries int, random float64) time.Duration
	Expiry     time.Duration // after which a webhook is given up
}

// Hurry divides the times of the messengers, so that nobody falls asleep over them.
const Hurry = 10

// An answer is what Recado said to a webhook.
type answer struct {
	status     int // zero: nothing
	retryAfter time.Duration
	what       string // in words
}

// post calls Recado once.
func post(ctx context.Context, client *http.Client, url string, w *Webhook, patience time.Duration) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(w.Body))
	if err != nil {
		return answer{what: "an address that is none"}
	}
	req.Header = w.Header.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	switch {
	case ctx.Err() != nil:
		return answer{what: fmt.Sprintf("no answer in %s", patience)}
	case err != nil:
		return answer{what: "no answer"}
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return answer{resp.StatusCode, time.Duration(min(seconds, 3600)) * time.Second, fmt.Sprintf("the answer %d", resp.StatusCode)}
}
