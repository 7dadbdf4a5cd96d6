package domain_test

import (
	"slices"
	"testing"
	"time"

	"recado/domain"
)

// A warning says once an hour that webhooks are lost. The webhook of a young message may
// be on its way.
func TestMessagesThatNoWebhookToldOfAreReported(t *testing.T) {
	s := limitedTo(50)
	arrives := func(id domain.ProviderID, age time.Duration, found bool) int {
		u := at(s.now.Add(-age), writes("1", id))
		u.Received, u.Found = s.now, found
		return len(s.did(t, u)[0].Signals)
	}
	signals := []int{
		arrives("told", time.Hour, false),
		arrives("young", 10*time.Second, true),
		arrives("lost.1", 2*time.Minute, true),
		arrives("lost.2", 2*time.Minute, true),
	}
	s.now = s.now.Add(time.Hour)
	signals = append(signals, arrives("lost.2", time.Hour, true), arrives("lost.3", 2*time.Minute, true))
	if want := []int{0, 0, 1, 0, 0, 1}; !slices.Equal(signals, want) {
		t.Errorf("signals %v, want %v", signals, want)
	}
	if got := s.routes[0].Watched.MissedAt; !got.Equal(s.now) {
		t.Errorf("last missed at %s", got)
	}
}
