package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"recado/cmd/recado-telegram/mtproto"
	"recado/cmd/recado-telegram/store"
)

const (
	maxInFlight = 16                 // webhooks of one account
	expiry      = 7 * 24 * time.Hour // of a webhook that Recado does not take
	longestWait = time.Minute
)

// A lane delivers the webhooks of an account: of each chat one at a time, in their order.
type lane struct {
	store      *store.Store
	connection string
	url        string
	secret     string
	client     *http.Client
	log        *slog.Logger
	wake       chan struct{}
	taken      mtproto.Counter // by the kind of the update

	mu   sync.Mutex     // guards the fields below
	busy map[int64]bool // chats with a webhook in flight
	last string         // why the last delivery failed; empty: it did not
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run delivers what is due until the context ends.
func (l *lane) run(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for ctx.Err() == nil {
		due, next := l.due(ctx)
		for _, w := range due {
			calls.Go(func() { l.deliver(ctx, w) })
		}
		wait := longestWait
		if !next.IsZero() {
			wait = max(0, time.Until(next))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// due takes the webhooks that may be delivered now, and says when others are.
func (l *lane) due(ctx context.Context) (chosen []store.Webhook, next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.busy) >= maxInFlight {
		return nil, time.Time{} // the end of a delivery wakes it
	}
	due, next, err := l.store.Due(ctx, l.connection, 2*maxInFlight)
	if err != nil {
		if ctx.Err() == nil {
			l.log.Error("reading webhooks failed", "connection", l.connection, "error", err)
		}
		return nil, time.Now().Add(time.Second)
	}
	for _, w := range due {
		if !l.busy[w.Chat] && len(l.busy) < maxInFlight {
			l.busy[w.Chat] = true
			chosen = append(chosen, w)
		}
	}
	return chosen, next
}

// deliver posts a webhook once, and removes it or plans its next try.
func (l *lane) deliver(ctx context.Context, w store.Webhook) {
	failed := l.post(ctx, w)
	if ctx.Err() != nil {
		failed = ctx.Err()
	}
	done := context.WithoutCancel(ctx)
	var err error
	switch {
	case failed == nil:
		l.taken.Add(kindOf(w.Body))
		err = l.store.Delivered(done, w.ID)
	case ctx.Err() != nil: // it stays due
	case time.Since(w.At) > expiry:
		l.log.Error("a webhook was given up", "connection", l.connection, "id", w.ID)
		err = l.store.Delivered(done, w.ID)
	default:
		err = l.store.Again(done, w.ID, time.Now().Add(waitAfter(w.Tries+1)))
	}
	if err != nil {
		l.log.Error("storing a delivery failed", "connection", l.connection, "error", err)
	}
	l.mu.Lock()
	delete(l.busy, w.Chat)
	l.last = ""
	if failed != nil {
		l.last = failed.Error()
	}
	l.mu.Unlock()
	l.nudge()
}

// kindOf is the field of an update: its body has one.
func kindOf(body []byte) string {
	kind, _, _ := bytes.Cut(bytes.TrimPrefix(body, []byte(`{"`)), []byte(`"`))
	return string(kind)
}

// waitAfter is the wait after so many failed tries: none, 2, 4, 8 … 60 s.
func waitAfter(tries int) time.Duration {
	if tries <= 1 {
		return 0
	}
	return min(time.Second<<min(tries-1, 6), longestWait)
}

func (l *lane) post(ctx context.Context, w store.Webhook) error {
	body := fmt.Appendf(nil, `{"update_id":%d,`, w.ID)
	body = append(body, w.Body[1:]...)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", l.secret)
	answer, err := l.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4<<10)) // so that the connection is used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	return nil
}

// lastError says why the last delivery failed; empty: it did not.
func (g *Gateway) lastError(connection string) string {
	for _, l := range g.lanes {
		if l.connection == connection {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.last
		}
	}
	return ""
}
