package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A strict messenger refuses what comes faster than it states, with its own words.
func TestAStrictMessengerRefusesWhatComesTooFast(t *testing.T) {
	many := func(n int) (peers []string) {
		for i := range n {
			peers = append(peers, fmt.Sprintf("7%08d9", i))
		}
		return peers
	}
	tests := []struct {
		name   string
		kind   domain.Kind
		peers  []string
		after  int // so many messages comes the refusal
		reason domain.Reason
		wait   time.Duration
	}{
		{"a number sends 80 a second", domain.WABA, many(81), 80, domain.ReasonThrottled, time.Second},
		{"a pair gets 45 at once", domain.WABA, slices.Repeat(many(1), 46), 45, domain.ReasonPairThrottled, 0},
		{"a bot sends 30 a second", domain.TelegramBot, many(31), 30, domain.ReasonPairThrottled, time.Second},
		{"a chat gets 3 at once", domain.TelegramBot, slices.Repeat(many(1), 4), 3, domain.ReasonPairThrottled, time.Second},
		{"a group gets 5 at once", domain.TelegramBot, slices.Repeat([]string{"-1001987654321"}, 6), 5, domain.ReasonPairThrottled, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Strict = true
				w, stop := play(t, cfg)
				defer stop()
				for i, peer := range tt.peers {
					a := w.send(t, tt.kind, peer, "¡Hola!")
					if i < tt.after && a.Fate != domain.FateAccepted {
						t.Fatalf("message %d: %s", i, answerInWords(a))
					}
					if i == tt.after && (a.Fate != domain.FateRefused || a.Reason() != tt.reason || a.RetryAfter != tt.wait) {
						t.Errorf("message %d: %s %v", i, answerInWords(a), a.RetryAfter)
					}
				}
			})
		})
	}
}
