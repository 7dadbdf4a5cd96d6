package simulator

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// A Limit is how many messages a messenger takes, and how it refuses those that come
// faster. The zero Limit takes all.
type Limit struct {
	Every  time.Duration                    // one message
	Burst  int                              // of them at once after a silence
	Refuse func(wait time.Duration) Refusal // in whole seconds
}

// Limits are what the messenger states. A Simulator heeds them if it is Strict.
type Limits struct {
	Account Limit
	Pair    Limit // of an account and a person
	Group   Limit // of an account and a group
}

// A meter counts what a Limit takes.
type meter struct{ tokens *rate.Limiter }

// refusal takes a message, or returns how it is refused.
func (m *meter) refusal(l Limit, now time.Time) *Refusal {
	if l.Every == 0 {
		return nil
	}
	if m.tokens == nil {
		m.tokens = rate.NewLimiter(rate.Every(l.Every), l.Burst)
	}
	if m.tokens.AllowN(now, 1) {
		return nil
	}
	missing := (1 - m.tokens.TokensAt(now)) * l.Every.Seconds()
	r := l.Refuse(time.Duration(math.Ceil(missing)) * time.Second)
	return &r
}

// tooFast returns how a message to a chat is refused that comes faster than the
// messenger states, or nil. The caller holds mu.
func (s *Simulator) tooFast(c *Chat) *Refusal {
	if !s.cfg.Strict {
		return nil
	}
	limits, now := c.Account.player.Messenger().Limits, time.Now()
	chat := limits.Pair
	if c.Group != nil {
		chat = limits.Group
	}
	if r := c.meter.refusal(chat, now); r != nil {
		return r
	}
	return c.Account.meter.refusal(limits.Account, now)
}
