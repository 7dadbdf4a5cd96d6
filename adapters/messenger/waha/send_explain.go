package waha

import (
	"context"
	"net/http"
	"strings"
	"time"

	"recado/domain"
)

// explain asks WAHA for what a refusal leaves open.
func (s *sending) explain(ctx context.Context, result domain.SendResult, asked bool) domain.SendResult {
	switch {
	case result.Reason() == domain.ReasonStrangers:
		result.RetryAfter = s.timelock(ctx)
	case s.lacksLid(result) && !asked:
		if missing := s.exists(ctx); missing != nil {
			return *missing
		}
	}
	return result
}

// lacksLid reports whether the engine found no hidden number of a peer who may have no
// account.
func (s *sending) lacksLid(r domain.SendResult) bool {
	return r.Failure != nil && s.m.Peer.IsPhone() && strings.Contains(strings.ToLower(r.Failure.Cause.Title), noLid)
}

// timelock is for how long WhatsApp lets the account write to nobody new; zero: WAHA does
// not know.
func (s *sending) timelock(ctx context.Context) time.Duration {
	var info sessionInfo
	if s.ask(ctx, http.MethodGet, "/api/sessions/"+s.session, nil, &info) != nil {
		return 0
	}
	return max(0, time.Until(info.Me.Timelock.Ends.Time))
}
