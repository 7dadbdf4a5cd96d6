package domain_test

import (
	"fmt"
	"testing"
	"time"

	"recado/domain"
)

// When the messenger lets the account write to nobody new, Recado does not try: each
// try makes it worse. Those who wrote are answered.
func TestStrangersAreNotWrittenToForAWhile(t *testing.T) {
	for _, test := range []struct {
		name string
		said time.Duration // by the messenger; zero: nothing
		wait time.Duration
	}{
		{"for a day", 0, 24 * time.Hour},
		{"as long as the messenger says", time.Hour, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := limitedTo(50)
			refused := domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonStrangers), RetryAfter: test.said}
			s.did(t, writes("2", "in.1"), asks("msg_1", "1", "hi"), asks("msg_2", "2", "hello"), begun("msg_1"))
			if r := s.did(t, applyResult("msg_1", refused))[0]; failedWith(r.Message) != domain.ReasonStrangers || len(r.Signals) != 1 {
				t.Errorf("refused: %q, %d signals", failedWith(r.Message), len(r.Signals))
			}
			s.did(t, asks("msg_3", "3", "hi"))
			if r := s.did(t, begun("msg_3"))[0]; failedWith(r.Message) != domain.ReasonStrangers || r.Message.Attempts != 0 {
				t.Errorf("another stranger: %q after %d attempts", failedWith(r.Message), r.Message.Attempts)
			}
			if r := s.did(t, begun("msg_2"))[0]; r.Message.Status != domain.Queued || r.Message.Attempts != 1 {
				t.Errorf("an answer is %s", r.Message.Status)
			}
			s.now = s.now.Add(test.wait)
			s.did(t, asks("msg_4", "4", "hi"))
			if r := s.did(t, begun("msg_4"))[0]; r.Message.Attempts != 1 {
				t.Errorf("afterwards a stranger is %s", r.Message.Status)
			}
		})
	}
}

// A refusal to answer says nothing of strangers.
func TestARefusedAnswerBarsNobody(t *testing.T) {
	s := limitedTo(50)
	s.did(t, writes("1", "in.1"), asks("msg_1", "1", "hi"), asks("msg_2", "2", "hi"), begun("msg_1"),
		applyResult("msg_1", domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonStrangers)}))
	if r := s.did(t, begun("msg_2"))[0]; r.Message.Attempts != 1 {
		t.Errorf("a stranger is %s", r.Message.Status)
	}
}

// A messenger without an interface for companies bans accounts that write to many
// people who never wrote.
func TestFewStrangersAreWrittenToInADay(t *testing.T) {
	s := limitedTo(100)
	strangers := domain.WhatsAppBusiness.Traits().Strangers
	written := 0
	writesTo := func(peer string) domain.Message {
		written++
		id := domain.MessageID(fmt.Sprint("msg_", written))
		s.did(t, asks(id, domain.PeerID(peer), "hi"))
		m := s.did(t, begun(id))[0].Message
		if m.Attempts == 1 {
			s.did(t, applyResult(id, domain.SendResult{Fate: domain.FateAccepted, ProviderID: domain.ProviderID("out." + id)}))
		}
		return m
	}
	for i := range strangers {
		if m := writesTo(fmt.Sprint(i)); m.Attempts != 1 {
			t.Fatalf("stranger %d of %d: %q", i+1, strangers, failedWith(m))
		}
	}
	if m := writesTo("too many"); failedWith(m) != domain.ReasonStrangers || m.Attempts != 0 {
		t.Errorf("one too many: %q after %d attempts", failedWith(m), m.Attempts)
	}
	if m := writesTo("0"); m.Attempts != 1 {
		t.Errorf("the first one again: %q", failedWith(m))
	}
	s.did(t, writes("a client", "in.1"))
	if m := writesTo("a client"); m.Attempts != 1 {
		t.Errorf("an answer: %q", failedWith(m))
	}
	s.now = s.now.AddDate(0, 0, 1)
	if m := writesTo("too many"); m.Attempts != 1 {
		t.Errorf("on the next day: %q", failedWith(m))
	}
}
