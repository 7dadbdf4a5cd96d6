package waha

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// exists asks whether the peer has an account, and goes on with the chat where WhatsApp
// writes to it: a number may have another spelling there. The SendResult is of a peer
// to whom nothing is sent.
func (s *sending) exists(ctx context.Context) (missing *domain.SendResult) {
	if wait := s.turns.take(ctx, s.account()); wait > 0 {
		return s.notAsked(wait)
	}
	query := url.Values{"phone": {string(s.m.Peer)}, "session": {s.session}}
	reply, failed := s.do(ctx, http.MethodGet, "/api/contacts/check-exists?"+query.Encode(), nil)
	if failed != nil { // the text itself never left
		failed.Fate, failed.Failure.Reason = domain.FateNeverLeft, domain.ReasonUnreachable
		return failed
	}
	var said struct {
		Exists *bool `json:"numberExists"`
		Chat   jid   `json:"chatId"`
	}
	if reply.Status/100 != 2 || wire.Decode(reply.Body, &said) != nil || said.Exists == nil {
		return s.notChecked(reply)
	}
	if !*said.Exists {
		none := wire.Refused(&domain.Failure{Reason: domain.ReasonNoAccount, Cause: domain.Cause{
			Source: source, HTTPStatus: reply.Status, Code: "number_not_exists", Title: "the number has no WhatsApp account",
		}})
		return &none
	}
	if said.Chat.isChat() && said.Chat.peer() != "" {
		s.to = string(said.Chat)
	}
	return nil
}

// patience is for WhatsApp, which limits how often an account may ask.
var patience = &domain.Backoff{First: checkEvery, Factor: 1.5, Max: time.Minute}

// notAsked is the result where others wait for their turn to ask, too.
func (s *sending) notAsked(wait time.Duration) *domain.SendResult {
	result := wire.NotSent("check_exists", "the account asks WhatsApp for other numbers first")
	result.Fate, result.Failure.Reason, result.Retry, result.RetryAfter = domain.FateNeverLeft, domain.ReasonUnavailable, patience, wait
	return &result
}

// notChecked is the result where WAHA did not say whether the number exists: nothing
// was sent, and it is asked again.
func (s *sending) notChecked(reply wire.Reply) *domain.SendResult {
	result, own := s.refusal(reply)
	if !own || result.Failure.Reason == domain.ReasonOutcomeUnknown {
		result = reply.WithoutOwnError(source)
		result.Fate, result.Failure.Reason = domain.FateRefused, domain.ReasonUnavailable
	}
	return &result
}

const (
	checkEvery = 3 * time.Second // more often, WhatsApp answers with an error
	checkWaits = 5 * time.Second // how long a message waits for its turn to be checked
)

// The turns of sessions to ask WhatsApp for a number. One process at a time sends over a
// connection, so that nobody else needs to know.
type turns struct {
	mu   sync.Mutex
	next map[string]time.Time // when each session may ask again
}

// take waits until the session may ask. If that takes too long it returns how long.
func (t *turns) take(ctx context.Context, session string) time.Duration {
	t.mu.Lock()
	now := time.Now()
	next := t.next[session]
	if next.Before(now) {
		next = now
	}
	wait := next.Sub(now)
	if wait <= checkWaits {
		t.next[session] = next.Add(checkEvery)
	}
	t.mu.Unlock()
	if wait > checkWaits {
		return wait
	}
	select {
	case <-ctx.Done():
		return checkEvery
	case <-time.After(wait):
		return 0
	}
}
