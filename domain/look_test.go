package domain_test

import (
	"testing"
	"time"

	"recado/domain"
)

// A look that is asked for begins at the moment, and is made at once; so is the next
// where one could not read everything.
func TestALookIsAskedFor(t *testing.T) {
	s := limitedTo(50)
	tell := func(f domain.Fact) (looks bool, to time.Time) {
		u := from(f)
		u.Hook, u.Account, u.Connection, u.Received = "", "", "wa-1", s.now
		s.looks = false
		s.did(t, u)
		return s.looks, s.routes[0].Watched.LookedTo
	}
	looked := func(to time.Time) domain.Fact { return domain.ConnectionWatched{Seen: domain.Watched{LookedTo: to}} }
	for _, test := range []struct {
		name  string
		fact  domain.Fact
		looks bool
		to    time.Time
	}{
		{"a look", looked(s.now), false, s.now},
		{"one that is asked for", domain.LookRequested{Since: s.now.Add(-time.Hour)}, true, s.now.Add(-time.Hour)},
		{"the look, which leaves a rest", domain.ConnectionWatched{Seen: domain.Watched{LookedTo: s.now.Add(-30 * time.Minute)}, Again: s.now}, true, s.now.Add(-30 * time.Minute)},
		{"one that fails", looked(time.Time{}), false, s.now.Add(-30 * time.Minute)},
		{"the rest", looked(s.now), false, s.now},
		{"one that asks for another soon", domain.ConnectionWatched{Again: s.now.Add(time.Minute)}, true, s.now},
	} {
		if looks, to := tell(test.fact); looks != test.looks || !to.Equal(test.to) {
			t.Errorf("%s: another out of turn: %t, looked to %s", test.name, looks, to)
		}
	}
}
