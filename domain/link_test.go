package domain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// linkDown is a report that the account is not linked; lasting: a person repairs it.
func linkDown(moment time.Time, lasting bool) domain.Update {
	why := &domain.Failure{Reason: domain.ReasonDisconnected, Cause: domain.Cause{Source: "test", Code: "SCAN_QR_CODE", Title: "not linked"}}
	return at(moment, from(domain.ConnectionReported{Link: domain.Link{Down: why, Lasting: lasting}}))
}

func linkUp(moment time.Time) domain.Update { return at(moment, from(domain.ConnectionReported{})) }

// statuses lists the statuses of connections that events told.
func statuses(s *memory) string {
	var list []string
	for _, e := range s.events {
		if _, status, found := strings.Cut(string(e.Body), `"data":{"status":"`); e.Type == domain.EventConnectionStatus && found {
			status, _, _ = strings.Cut(status, `"`)
			list = append(list, status)
		}
	}
	return strings.Join(list, " ")
}

// Nothing is sent and nothing fails before its hour; it goes on by itself.
func TestADisconnectedAccountHealsByItself(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), linkDown(noon, false))
	if r := s.did(t, begun("msg_1"))[0]; r.Outcome != domain.Repeated || r.Message.Status != domain.Queued {
		t.Errorf("over a disconnected account a message is %s, %s", r.Outcome, r.Message.Status)
	}
	s.did(t, linkUp(noon.Add(time.Minute)))
	if r := s.did(t, begun("msg_1"))[0]; r.Outcome != domain.Applied || r.Message.Attempts != 1 {
		t.Errorf("afterwards it is %s, attempt %d", r.Outcome, r.Message.Attempts)
	}
	if got := statuses(s); got != "disconnected ok" {
		t.Errorf("told %q", got)
	}
}

func TestWhatWaitsForADisconnectedAccountFailsAfterAnHour(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), linkDown(noon, false))
	s.now = s.now.Add(time.Hour + time.Second)
	if m := s.did(t, begun("msg_1"))[0].Message; failedWith(m) != domain.ReasonDisconnected {
		t.Errorf("it failed with %q", failedWith(m))
	}
}

// Reports come twice and in any order.
func TestTheNewestReportOfALinkCounts(t *testing.T) {
	s := limitedTo(50)
	later := noon.Add(time.Minute)
	for i, want := range []domain.Outcome{domain.Applied, domain.Repeated, domain.Late} {
		u := []domain.Update{linkUp(later), linkUp(later), linkDown(noon, false)}[i]
		if got := s.did(t, u)[0].Outcome; got != want {
			t.Errorf("report %d is %s, want %s", i+1, got, want)
		}
	}
	if s.routes[0].Suspended != nil || statuses(s) != "" {
		t.Errorf("an old report stopped the connection: told %q", statuses(s))
	}
}

// Some messengers report in whole seconds: what is new in the same second counts.
func TestTwoReportsOfALinkInOneSecond(t *testing.T) {
	s := limitedTo(50)
	for i, want := range []domain.Outcome{domain.Applied, domain.Applied, domain.Repeated} {
		u := []domain.Update{linkUp(noon), linkDown(noon, false), linkDown(noon, false)}[i]
		if got := s.did(t, u)[0].Outcome; got != want {
			t.Errorf("report %d is %s, want %s", i+1, got, want)
		}
	}
	if got := statuses(s); got != "disconnected" {
		t.Errorf("told %q", got)
	}
}

// What a person has to repair is suspended when it lasts; linking the account again
// is the repair.
func TestALinkThatIsDownForLongSuspends(t *testing.T) {
	s := limitedTo(50)
	s.did(t, linkDown(noon, true), linkDown(noon.Add(domain.LinkPatience-time.Second), true))
	if got := statuses(s); got != "disconnected" {
		t.Errorf("before its time told %q", got)
	}
	s.did(t, linkDown(noon.Add(domain.LinkPatience), true), linkDown(noon.Add(2*domain.LinkPatience), true))
	if got := statuses(s); got != "disconnected suspended" {
		t.Errorf("told %q", got)
	}
	s.did(t, linkUp(noon.Add(time.Hour)))
	if got := statuses(s); got != "disconnected suspended ok" {
		t.Errorf("told %q", got)
	}
}

// An account that its messenger locked is suspended at once, and goes on when the
// messenger says that it works again.
func TestALockedAccountIsSuspendedAtOnce(t *testing.T) {
	s := limitedTo(50)
	locked := &domain.Failure{Reason: domain.ReasonLocked, Cause: domain.Cause{Source: "test", Code: "FROZEN", Title: "locked"}}
	s.did(t, at(noon, from(domain.ConnectionReported{Link: domain.Link{Down: locked}})))
	if got := statuses(s); got != "suspended" || s.routes[0].Suspended.Cause.Subcode != "FROZEN" {
		t.Errorf("told %q", got)
	}
	s.did(t, linkUp(noon.Add(time.Minute)))
	if got := statuses(s); got != "suspended ok" {
		t.Errorf("told %q", got)
	}
}

// What a refused send showed first, and the messenger reported then, ends with the
// messenger's word, in every order of the three. The company gets one event for each status.
func TestALockedAccountThatASendFoundGoesOn(t *testing.T) {
	refused := applyResult("msg_1", refusedWith(domain.ReasonLocked, 0))
	locked := at(noon.Add(2*time.Second), from(domain.ConnectionReported{Link: domain.Link{Down: &domain.Failure{
		Reason: domain.ReasonLocked, Cause: domain.Cause{Source: "test", Code: "FROZEN", Title: "locked"},
	}}}))
	works := linkUp(noon.Add(9 * time.Second))
	for name, order := range map[string][]domain.Update{
		"the send, the lock, the end": {refused, locked, works},
		"the lock, the send, the end": {locked, refused, works},
		"the lock, the end, the send": {locked, works, refused},
	} {
		s := limitedTo(50)
		s.now = noon.Add(time.Second)
		s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"))
		s.now = noon.Add(10 * time.Second)
		s.did(t, order...)
		if got := statuses(s); s.routes[0].Suspended != nil || got != "suspended ok" {
			t.Errorf("%s: the events are %q, suspended by %v", name, got, s.routes[0].Suspended)
		}
	}
}

// A suspension of another cause is not ended by a link.
func TestALinkEndsNoOtherSuspension(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedWith(domain.ReasonUnauthorized, 0)))
	s.did(t, linkDown(noon, false), linkUp(noon.Add(time.Minute)))
	if s.routes[0].Suspended == nil || statuses(s) != "suspended" {
		t.Errorf("told %q", statuses(s))
	}
}

// The look at the messenger finds what no webhook told.
func TestALookReportsTheLink(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedWith(domain.ReasonDisconnected, 0)))
	look := from(domain.ConnectionWatched{Seen: domain.Watched{Link: &domain.Link{At: noon}}})
	look.Hook, look.Account, look.Connection = "", "", "wa-1"
	s.did(t, look)
	if got := statuses(s); got != "disconnected ok" {
		t.Errorf("told %q", got)
	}
}

// A messenger that takes messages and sends none suspends, until it reports anew that it
// works. One that is sent is a new beginning.
func TestMessagesThatAreGivenBackSuspend(t *testing.T) {
	s := limitedTo(50)
	n := 0
	becomes := func(status domain.DeliveryStatus) {
		n++
		id, name := domain.MessageID(fmt.Sprint("msg_", n)), domain.ProviderID(fmt.Sprint("wamid.", n))
		why := because(domain.ReasonRestricted)
		s.did(t, asks(id, "1", "hi"), begun(id), applyResult(id, domain.SendResult{Fate: domain.FateAccepted, ProviderID: name, Pending: true}))
		report := from(domain.StatusReported{ProviderID: name, Status: status, Failure: why})
		s.did(t, report, report)
	}
	for _, status := range []domain.DeliveryStatus{domain.Failed, domain.Failed, domain.Failed, domain.Failed, domain.Sent, domain.Failed, domain.Failed, domain.Failed, domain.Failed} {
		becomes(status)
	}
	if got := statuses(s); got != "" {
		t.Errorf("after four in a row told %q", got)
	}
	becomes(domain.Failed)
	if got, why := statuses(s), s.routes[0].Suspended; got != "suspended" || why == nil || why.Cause.Code != "1" {
		t.Errorf("after five in a row told %q, for %+v", got, why)
	}
	s.did(t, linkDown(noon, false))
	if got := statuses(s); got != "suspended" {
		t.Errorf("when it is down told %q", got)
	}
	s.did(t, linkUp(noon.Add(time.Minute)))
	becomes(domain.Failed)
	if got := statuses(s); got != "suspended ok" {
		t.Errorf("when it works again told %q", got)
	}
}
