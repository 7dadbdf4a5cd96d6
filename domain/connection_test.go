package domain_test

import (
	"encoding/json"
	"testing"
	"time"

	"recado/domain"
)

func refusedWith(r domain.Reason, wait time.Duration) domain.SendResult {
	return domain.SendResult{Fate: domain.FateRefused, Failure: because(r), RetryAfter: wait}
}

// An answer that means us, not the message, stops the connection; what is
// queued waits for an hour, and then fails for the same cause.
func TestABrokenConnectionIsSuspended(t *testing.T) {
	for reason, policy := range domain.Policies {
		if !policy.Suspend {
			continue
		}
		s := limitedTo(50)
		s.did(t, asks("msg_1", "1", "hi"), asks("msg_2", "2", "hi"), asks("msg_3", "3", "hi"), begun("msg_1"), begun("msg_2"))
		s.did(t, applyResult("msg_1", refusedWith(reason, 0)))
		s.did(t, applyResult("msg_2", refusedWith(reason, 0)))
		var statuses []string
		for _, e := range s.events {
			if e.Type == domain.EventConnectionStatus {
				var said struct {
					Connection struct{ ID string }
					Data       struct {
						Status string
						Cause  domain.Cause
					}
				}
				if err := json.Unmarshal(e.Body, &said); err != nil || e.Chat != "" || said.Connection.ID != "wa-1" || said.Data.Cause.Code != "1" {
					t.Errorf("reported %s, %v", e.Body, err)
				}
				statuses = append(statuses, said.Data.Status)
			}
		}
		if len(statuses) != 1 || statuses[0] != "suspended" {
			t.Errorf("%s: reported %v, want suspended once", reason, statuses)
		}
		if r := s.did(t, begun("msg_3"))[0]; r.Outcome != domain.Repeated || r.Message.Status != domain.Queued {
			t.Errorf("%s: a message of a suspended connection is %s, %s", reason, r.Outcome, r.Message.Status)
		}
		s.now = s.now.Add(time.Hour + time.Second)
		if m := s.did(t, begun("msg_3"))[0].Message; failedWith(m) != reason || m.Failure.Cause.Code != "1" {
			t.Errorf("%s: after an hour it failed with %q", reason, failedWith(m))
		}
	}
}

func TestAStatusThatMeansUsSuspendsToo(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1"}))
	s.did(t, from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Failed, Failure: because(domain.ReasonLocked)}))
	if s.routes[0].Suspended == nil {
		t.Error("the connection is not suspended")
	}
}

// Throttling slows what it speaks of: the connection, or only the chat.
func TestThrottlingSlowsWhatItSpeaksOf(t *testing.T) {
	for _, tt := range []struct {
		reason domain.Reason
		whole  bool
	}{
		{domain.ReasonThrottled, true},
		{domain.ReasonPairThrottled, false},
		{domain.ReasonUnavailable, false},
	} {
		s := limitedTo(50)
		s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"))
		m := s.did(t, applyResult("msg_1", refusedWith(tt.reason, time.Minute)))[0].Message
		if m.NextAt.Before(s.now.Add(time.Minute)) {
			t.Errorf("%s: tried again at %s", tt.reason, m.NextAt)
		}
		if whole := s.sendAfter.Equal(m.NextAt); whole != tt.whole {
			t.Errorf("%s: the connection waits until %v, the message until %v", tt.reason, s.sendAfter, m.NextAt)
		}
	}
}
