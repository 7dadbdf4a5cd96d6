package waha

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"recado/domain"
)

// fateNotFound is the fate of a message that WAHA does not know.
const fateNotFound domain.Fate = "not found"

// findIn looks for the text in the chat where WhatsApp writes to the peer, and in the one
// of the number as it was given: nobody knows under which spelling an attempt was made
// whose process died.
func (s *sending) findIn(ctx context.Context, given string) domain.SendResult {
	found := s.find(ctx, s.to)
	if given != s.to && found.Fate == fateNotFound {
		return s.find(ctx, given)
	}
	return found
}

// keepMaybe is the result of an attempt that could not be made. An attempt before may
// have sent the text all the same, unless there is no account.
func (s *sending) keepMaybe(missing domain.SendResult) domain.SendResult {
	if s.m.Maybe && missing.Reason() != domain.ReasonNoAccount {
		missing.Fate = domain.FateNeverLeft
	}
	return missing
}

// find looks in the chat for the text by its id. What cannot be looked up stays unknown.
func (s *sending) find(ctx context.Context, chat string) domain.SendResult {
	reply, failed := s.do(ctx, http.MethodGet, s.messagePath(chat, string(s.id))+"?downloadMedia=false", nil)
	name, pending := takenAs(reply)
	switch {
	case failed != nil:
		failed.Fate, failed.Failure.Reason = domain.FateUnknown, domain.ReasonOutcomeUnknown
		return *failed
	case name == s.id:
		return s.accepted(s.id, pending)
	case reply.Status == http.StatusNotFound && s.repeatable(ctx):
		return domain.SendResult{Fate: fateNotFound}
	}
	unknown, _ := s.failed(reply)
	unknown.Fate, unknown.Failure.Reason = domain.FateUnknown, domain.ReasonOutcomeUnknown
	return unknown
}

// repeatable reports whether the session takes ids of ours, so that a message without a
// trace of its id was not sent.
func (s *sending) repeatable(ctx context.Context) bool {
	var about environment
	return !s.renaming.has(s.account()) && s.ask(ctx, http.MethodGet, "/api/server/version", nil, &about) == nil &&
		namesMessages(about.Engine) && slices.Compare(numbers(about.Version), oldest) >= 0
}

func namesMessages(engine string) bool { return engine == "GOWS" || engine == "NOWEB" }

// A renaming remembers which sessions took a text under another id than ours, whatever
// WAHA says of its version and engine. It forgets nothing until the process ends.
type renaming struct {
	mu       sync.Mutex
	accounts map[string]bool // see call.account
}

func (r *renaming) add(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accounts[account] = true
}

func (r *renaming) has(account string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accounts[account]
}
