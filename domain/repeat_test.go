package domain_test

import (
	"testing"
	"time"

	"recado/domain"
)

const ourName domain.ProviderID = "3EB0"

func begunAs(id domain.MessageID, name domain.ProviderID) domain.Update {
	return from(domain.SendBegun{Message: id, Name: name})
}

var unheard = domain.SendResult{Fate: domain.FateUnknown}

// A messenger that recognises our id is asked again, until the hour is over.
func TestAMessageThatIsRecognisedIsSentAgain(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"))
	for attempt := 1; ; attempt++ {
		s.now = s.messages["msg_1"].NextAt
		if s.now.IsZero() {
			s.now = noon
		}
		m := s.did(t, begunAs("msg_1", ourName), applyResult("msg_1", unheard))[1].Message
		if m.Status == domain.Failed {
			if failedWith(m) != domain.ReasonOutcomeUnknown || attempt < 5 {
				t.Errorf("after %d attempts it failed with %q", attempt, failedWith(m))
			}
			return
		}
		if m.ProviderID != ourName || m.MaybeAt.IsZero() || m.Open() || !m.NextAt.After(s.now) {
			t.Fatalf("after attempt %d it is %+v", attempt, m)
		}
	}
}

// A status, or an echo, by our id is the evidence, also while an attempt is open.
func TestEvidenceFindsAMessageByOurName(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begunAs("msg_1", ourName))
	m := s.did(t, from(domain.StatusReported{ProviderID: ourName, Status: domain.Delivered}))[0].Message
	if m.ID != "msg_1" || m.Status != domain.Delivered {
		t.Errorf("the status found %s, %s", m.ID, m.Status)
	}
	if m = s.did(t, applyResult("msg_1", unheard))[0].Message; m.Status != domain.Delivered {
		t.Errorf("an answer that never came made it %s", m.Status)
	}
}

// No other kind of messenger, and no other type, is sent again.
func TestOnlyWhatIsRecognisedIsSentAgain(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"))
	if m := s.did(t, applyResult("msg_1", unheard))[0].Message; m.UnknownAt.IsZero() || m.ProviderID != "" {
		t.Errorf("without a name it is %+v", m)
	}
}

// That a messenger could not be reached says nothing of the attempt before.
func TestAnAttemptThatNeverLeftDoesNotHideOneThatMay(t *testing.T) {
	gone := domain.SendResult{Fate: domain.FateNeverLeft, Failure: because(domain.ReasonUnreachable)}
	for _, tt := range []struct {
		before domain.SendResult
		want   domain.Reason
	}{{unheard, domain.ReasonOutcomeUnknown}, {gone, domain.ReasonExpired}} {
		s := limitedTo(50)
		s.did(t, asks("msg_1", "1", "hi"), begunAs("msg_1", ourName), applyResult("msg_1", tt.before))
		s.now = s.now.Add(time.Minute)
		s.did(t, begunAs("msg_1", ourName), applyResult("msg_1", gone))
		s.now = noon.Add(time.Hour + time.Second)
		if m := s.did(t, begunAs("msg_1", ourName))[0].Message; failedWith(m) != tt.want {
			t.Errorf("after %s it failed with %q, want %q", tt.before.Fate, failedWith(m), tt.want)
		}
	}
}

// Nor does such a message end as one that was not sent: the client may have it, and its
// dialog stays counted.
func TestAMessageThatMayHaveLeftKeepsItsDialog(t *testing.T) {
	gone := domain.SendResult{Fate: domain.FateNeverLeft, Failure: because(domain.ReasonUnreachable)}
	for _, tt := range []struct {
		name   string
		before domain.SendResult
		tried  time.Duration // after it was accepted
		want   domain.Reason
		used   int64
	}{
		{"an attempt may have left, the last did not", unheard, time.Hour, domain.ReasonOutcomeUnknown, 1},
		{"an attempt may have left, and its time is over", unheard, time.Hour + time.Second, domain.ReasonOutcomeUnknown, 1},
		{"none left", gone, time.Hour, domain.ReasonUnreachable, 0},
		{"none left, and its time is over", gone, time.Hour + time.Second, domain.ReasonExpired, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := limitedTo(50)
			s.did(t, asks("msg_1", "1", "hi"), begunAs("msg_1", ourName), applyResult("msg_1", tt.before))
			s.now = noon.Add(tt.tried)
			s.did(t, begunAs("msg_1", ourName), applyResult("msg_1", gone))
			if got := failedWith(s.messages["msg_1"]); got != tt.want || s.used("2026-05") != tt.used {
				t.Errorf("it failed with %q, and %d dialogs are used; want %q and %d", got, s.used("2026-05"), tt.want, tt.used)
			}
		})
	}
}

// An engine that gives a name of its own is believed.
func TestTheMessengersNameReplacesOurs(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begunAs("msg_1", ourName))
	m := s.did(t, applyResult("msg_1", domain.SendResult{Fate: domain.FateAccepted, ProviderID: "theirs"}))[0].Message
	if m.Status != domain.Sent || m.ProviderID != "theirs" {
		t.Errorf("it is %s as %s", m.Status, m.ProviderID)
	}
}

// So is one that names the message by our id and by its own.
func TestEvidenceReplacesOurName(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begunAs("msg_1", ourName), applyResult("msg_1", unheard))
	m := s.did(t, from(domain.StatusReported{Message: "msg_1", ProviderID: "theirs", Status: domain.Sent}))[0].Message
	if m.Status != domain.Sent || m.ProviderID != "theirs" {
		t.Errorf("it is %s as %s", m.Status, m.ProviderID)
	}
	if m = s.did(t, from(domain.StatusReported{ProviderID: "theirs", Status: domain.Read}))[0].Message; m.ID != "msg_1" || m.Status != domain.Read {
		t.Errorf("a status by that name found %s, %s", m.ID, m.Status)
	}
}

// The limit on strangers concerns who never wrote.
func TestWhoWroteIsNoStranger(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"), begun("msg_1"))
	if m := s.did(t, applyResult("msg_1", refusedWith(domain.ReasonStrangers, 0)))[0].Message; failedWith(m) != domain.ReasonStrangers {
		t.Errorf("to a stranger it failed with %q", failedWith(m))
	}
	s.did(t, writes("2", "in.1"), asks("msg_2", "2", "hi"), begun("msg_2"))
	if m := s.did(t, applyResult("msg_2", refusedWith(domain.ReasonStrangers, 0)))[0].Message; failedWith(m) != domain.ReasonRestricted {
		t.Errorf("to who wrote it failed with %q", failedWith(m))
	}
}
