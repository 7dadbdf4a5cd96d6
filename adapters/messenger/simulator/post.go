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

// manners are how a messenger sends webhooks.
type manners struct {
	name     string        // of the messenger
	patience time.Duration // a slower answer counts as none, although Recado may have taken it
	takes    func(status int) bool
	obeys    bool // the answer's Retry-After
	wait     func(tries int, random float64) time.Duration
	expiry   time.Duration // after which a webhook is given up
}

// hurry divides the times of the messengers, so that nobody falls asleep over them.
const hurry = 10

// Meta wants 200, tries for 7 days, and does not say when.
var meta = manners{
	name:     "Meta",
	patience: 5 * time.Second,
	takes:    func(status int) bool { return status == http.StatusOK },
	wait: func(tries int, random float64) time.Duration {
		wait := min(10*time.Second<<min(tries-1, 10), time.Hour)
		return time.Duration((1 + random/4) * float64(wait) / hurry)
	},
	expiry: 7 * 24 * time.Hour / hurry,
}

// Telegram wants any 2xx and tries for a day: at once, after 2 s, 4 s, and so
// on to 64 s, then after one to two minutes.
var telegram = manners{
	name:     "Telegram",
	patience: 60 * time.Second / hurry,
	takes:    func(status int) bool { return status/100 == 2 },
	obeys:    true,
	wait: func(tries int, random float64) time.Duration {
		switch {
		case tries == 1:
			return 0
		case tries <= 7:
			return time.Second << (tries - 1) / hurry
		}
		return time.Duration((1 + random) * float64(time.Minute) / hurry)
	},
	expiry: 24 * time.Hour / hurry,
}

// An answer is what Recado said to a webhook.
type answer struct {
	status     int // zero: nothing
	retryAfter time.Duration
	what       string // in words
}

// post calls Recado once.
func post(ctx context.Context, client *http.Client, url string, w *webhook, patience time.Duration) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(w.body))
	if err != nil {
		return answer{what: "an address that is none"}
	}
	req.Header = w.header.Clone()
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
