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

// Each further refusal doubles the pause, up to a week, until a stranger was written to. A
// message that was on its way when a pause began does not lengthen it.
func TestThePauseForStrangersDoubles(t *testing.T) {
	s := limitedTo(50)
	refused := domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonStrangers)}
	n := 0
	writesToStranger := func() domain.MessageID {
		n++
		id := domain.MessageID(fmt.Sprint("msg_", n))
		s.did(t, asks(id, domain.PeerID(fmt.Sprint(n)), "hi"), begun(id))
		return id
	}
	for i, days := range []int{1, 2, 4, 7, 7, 1} {
		if i == 5 {
			s.did(t, applyResult(writesToStranger(), domain.SendResult{Fate: domain.FateAccepted, ProviderID: "out"}))
		}
		one, other := writesToStranger(), writesToStranger()
		s.did(t, applyResult(one, refused), applyResult(other, refused))
		if got, want := s.routes[0].Watched.StrangersFrom.Sub(s.now), time.Duration(days)*24*time.Hour; got != want {
			t.Errorf("pause %d takes %s, want %s", i+1, got, want)
		}
		s.now = s.routes[0].Watched.StrangersFrom
	}
}

// Where a peer wrote, and the messenger refuses the answer as one to a stranger, nothing
// more is tried in that chat for an hour, and other chats go on.
func TestAChatRestsAfterARefusedAnswer(t *testing.T) {
	s := limitedTo(50)
	s.did(t, writes("1", "in.1"), writes("2", "in.2"), asks("msg_1", "1", "hi"), begun("msg_1"))
	refused := domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonStrangers)}
	if m := s.did(t, applyResult("msg_1", refused))[0].Message; failedWith(m) != domain.ReasonRestricted {
		t.Errorf("the answer failed with %q", failedWith(m))
	}
	s.now = s.now.Add(time.Hour - time.Second)
	s.did(t, asks("msg_2", "1", "hi"), asks("msg_3", "2", "hi"))
	if m := s.did(t, begun("msg_2"))[0].Message; failedWith(m) != domain.ReasonRestricted || m.Attempts != 0 {
		t.Errorf("within the hour: %q after %d attempts", failedWith(m), m.Attempts)
	}
	if m := s.did(t, begun("msg_3"))[0].Message; m.Attempts != 1 {
		t.Errorf("in another chat: %q", failedWith(m))
	}
	s.now = s.now.Add(time.Second)
	s.did(t, asks("msg_4", "1", "hi"))
	if m := s.did(t, begun("msg_4"))[0].Message; m.Attempts != 1 {
		t.Errorf("after the hour: %q", failedWith(m))
	}
}

// That a peer has an account is known for a month, whatever became of the message, and
// messages go to the number as the messenger writes it.
func TestTheMessengersWordThatAPeerExistsIsKept(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "5511987654321", "hi"), begun("msg_1"))
	refused := domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonInvalid), Found: true, Peers: []domain.PeerID{"551187654321"}}
	c := s.did(t, applyResult("msg_1", refused))[0].Chat
	if !c.Found(s.now.Add(domain.FoundFor-time.Second)) || c.Found(s.now.Add(domain.FoundFor)) || c.Address() != "551187654321" {
		t.Errorf("the chat with %s is %+v", c.Address(), c.Reach)
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
