package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A post office is a store with messages that wait over one connection, as the
// contract of domain.Outbox has it, and a messenger that refuses what comes too fast.
type postOffice struct {
	mu        sync.Mutex
	queue     []*letter // in the order in which they were accepted
	sendAfter time.Time

	pace        domain.Pace // that the messenger bears, exactly
	took        time.Duration
	ban         time.Duration // how long it takes nothing after a refusal
	whole       *bucket
	chats       map[domain.ChatID]*bucket
	banned      time.Time
	calls       int
	refused     int
	whileBanned int
}

type letter struct {
	domain.Waiting
	accepted, next, called time.Time
	open, sent             bool
}

func (o *postOffice) accept(class domain.Class, chat string) *letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := &letter{accepted: time.Now(), Waiting: domain.Waiting{
		Message: domain.MessageID(fmt.Sprintf("%s/%d", chat, len(o.queue))), Chat: domain.ChatID(chat), Class: class,
	}}
	o.queue = append(o.queue, l)
	return l
}

func (o *postOffice) store() *fakeStore {
	s := newStore()
	s.waiting = func(limit int) (due []domain.Waiting, _ error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.due(limit), nil
	}
	s.hasWork = func(domain.Lane) (bool, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(o.due(1)) > 0, nil
	}
	s.dueLanes = func() (lanes []domain.Lane, _ error) {
		if due, _ := s.hasWork(shopLane); due {
			lanes = append(lanes, shopLane)
		}
		return lanes, nil
	}
	s.deferSends = func(wait map[domain.MessageID]time.Duration) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		for m, d := range wait {
			o.letter(m).next = time.Now().Add(d)
		}
		return nil
	}
	s.apply = func(b domain.Batch) (r domain.Receipt, _ error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, u := range b.Updates {
			r.Results = append(r.Results, o.apply(u.Fact))
		}
		return r, nil
	}
	return s
}

// due lists the first letters of chats, in the class of the most urgent of the chat.
func (o *postOffice) due(limit int) (due []domain.Waiting) {
	if time.Now().Before(o.sendAfter) {
		return nil
	}
	heads := map[domain.ChatID]*domain.Waiting{}
	var order []*domain.Waiting
	for _, l := range o.queue {
		if l.sent {
			continue
		}
		if head, known := heads[l.Chat]; known {
			if head != nil {
				head.Class = min(head.Class, l.Class)
			}
			continue
		}
		heads[l.Chat] = nil
		if !l.open && !l.next.After(time.Now()) {
			w := l.Waiting
			heads[l.Chat] = &w
			order = append(order, &w)
		}
	}
	for _, class := range []domain.Class{domain.ClassLive, domain.ClassBulk} {
		n := 0
		for _, w := range order {
			if w.Class == class && n < limit {
				due = append(due, *w)
				n++
			}
		}
	}
	return due
}

func (o *postOffice) letter(m domain.MessageID) *letter {
	return o.queue[slices.IndexFunc(o.queue, func(l *letter) bool { return l.Message == m })]
}

func (o *postOffice) apply(f domain.Fact) domain.Result {
	r := domain.Result{Outcome: domain.Applied, Kind: domain.WABA, Message: domain.Message{Status: domain.Queued}}
	switch f := f.(type) {
	case domain.SendBegun:
		l := o.letter(f.Message)
		l.open = true
		r.Message.ID, r.Message.Class, r.Chat = l.Message, l.Class, domain.Chat{ID: l.Chat, IsGroup: l.Group}
	case domain.SendEnded:
		l := o.letter(f.Message)
		l.open = false
		if f.Result.Fate == domain.FateAccepted {
			l.sent, r.Message.Status = true, domain.Sent
			break
		}
		l.next = time.Now().Add(f.Result.RetryAfter)
		if f.Result.Reason() == domain.ReasonThrottled {
			o.sendAfter = l.next
		}
	}
	return r
}

// Send is the messenger.
func (o *postOffice) send(_ context.Context, m domain.Outgoing) domain.SendResult {
	o.mu.Lock()
	now := time.Now()
	l := o.letter(m.ID)
	if l.called.IsZero() {
		l.called = now
	}
	answer := o.answer(l, now)
	o.mu.Unlock()
	time.Sleep(o.took)
	return answer
}

func (o *postOffice) answer(l *letter, now time.Time) domain.SendResult {
	o.calls++
	if o.chats == nil {
		o.whole, o.chats = newBucket(o.pace.Connection, 1, now), map[domain.ChatID]*bucket{}
	}
	if _, known := o.chats[l.Chat]; !known {
		o.chats[l.Chat] = newBucket(o.pace.Pair, 1, now)
	}
	if now.Before(o.banned) {
		o.whileBanned++
	} else if o.chats[l.Chat].take(now) {
		if o.whole.take(now) {
			return domain.SendResult{Fate: domain.FateAccepted}
		}
		o.banned = now.Add(o.ban)
	}
	o.refused++
	return domain.SendResult{
		Fate: domain.FateRefused, Failure: &domain.Failure{Reason: domain.ReasonPairThrottled}, RetryAfter: max(o.ban, time.Second),
	}
}

// work drains the lane, as the sweep has it, until all is sent.
func (o *postOffice) work(t *testing.T, paced domain.Pace) (took time.Duration) {
	t.Helper()
	s := newShop(t, o.store(), fakeConnector{send: o.send, pace: paced})
	s.keepAlive(t)
	begun := time.Now()
	for range 10_000 {
		s.drain(t.Context(), shopLane)
		o.mu.Lock()
		left := slices.ContainsFunc(o.queue, func(l *letter) bool { return !l.sent })
		o.mu.Unlock()
		if !left {
			return time.Since(begun) - idleWait
		}
		time.Sleep(time.Second)
	}
	t.Fatal("not all was sent")
	return 0
}

// Telegram's limits of a bot, as it states them.
var bot = domain.Pace{
	Connection: domain.Per(30, time.Second, 30), Pair: domain.Per(1, time.Second, 3), Unnamed: true,
}

func TestABotSendsAsFastAsItMayAndIsNotRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &postOffice{pace: bot, took: 50 * time.Millisecond, ban: 5 * time.Second}
		for n := range 600 {
			o.accept(domain.ClassBulk, fmt.Sprint("chat", n%30))
		}
		took := o.work(t, bot)
		if took < 18*time.Second || took > 23*time.Second || o.refused > 5 {
			t.Errorf("600 messages to 30 chats took %v with %d refusals, want 20 s with next to none", took, o.refused)
		}
	})
}

// The bot's limit is lower than its pace, and a refusal does not say whose limit it is.
func TestABotThatIsForbiddenToSendWaitsAsAWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &postOffice{pace: bot, took: 50 * time.Millisecond, ban: 5 * time.Second}
		o.pace.Connection = domain.Per(20, time.Second, 20)
		for n := range 600 {
			o.accept(domain.ClassBulk, fmt.Sprint("chat", n))
		}
		took := o.work(t, bot)
		if o.whileBanned > 60 || took > time.Minute {
			t.Errorf("%d of %d calls while it was forbidden, %v in all; want < 60, and half the pace after it", o.whileBanned, o.calls, took)
		}
	})
}

func TestAChatThatIsRefusedDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &postOffice{pace: domain.Pace{Pair: domain.Per(1, 10*time.Second, 1)}, took: 50 * time.Millisecond}
		for range 5 {
			o.accept(domain.ClassLive, "busy")
		}
		quiet := o.accept(domain.ClassLive, "quiet")
		took := o.work(t, domain.Pace{})
		if wait := quiet.called.Sub(quiet.accepted); wait > time.Second || took < 40*time.Second {
			t.Errorf("the other chat waited %v, all took %v", wait, took)
		}
	})
}

func TestAnEmployeesMessagesGoBesideACampaign(t *testing.T) {
	for name, pace := range map[string]domain.Pace{
		"as fast as the slots allow":   {},
		"as fast as the messenger may": {Connection: domain.Per(80, time.Second, 80), Pair: domain.Per(10, time.Minute, 45)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &postOffice{pace: pace, took: 200 * time.Millisecond}
				for n := range 1000 {
					o.accept(domain.ClassBulk, fmt.Sprint("campaign", n))
				}
				var live [20]*letter
				for n := range live {
					time.AfterFunc(time.Duration(n)*300*time.Millisecond, func() { live[n] = o.accept(domain.ClassLive, fmt.Sprint("client", n)) })
				}
				took := o.work(t, pace)
				synctest.Wait()
				for _, l := range live {
					if wait := l.called.Sub(l.accepted); wait > time.Second {
						t.Errorf("%s waited %v", l.Chat, wait)
					}
				}
				if took > 15*time.Second || o.refused > 0 {
					t.Errorf("1,020 messages took %v with %d refusals, want 13 s", took, o.refused)
				}
			})
		})
	}
}

// A flood of live messages leaves a campaign a quarter.
func TestACampaignGoesOnBesideEmployees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pace := domain.Pace{Connection: domain.Per(10, time.Second, 10)}
		o := &postOffice{pace: pace, took: 50 * time.Millisecond}
		var bulk []*letter
		for n := range 300 {
			o.accept(domain.ClassLive, fmt.Sprint("client", n))
			if n < 30 {
				bulk = append(bulk, o.accept(domain.ClassBulk, fmt.Sprint("campaign", n)))
			}
		}
		o.work(t, pace)
		for n, l := range bulk {
			if wait := l.called.Sub(l.accepted); wait > time.Duration(n+1)*400*time.Millisecond+time.Second {
				t.Errorf("message %d of the campaign waited %v", n, wait)
			}
		}
	})
}

// The next turn knows what the turn before used up.
func TestALaneThatWasIdleDoesNotStartAfresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &postOffice{pace: bot, took: 50 * time.Millisecond}
		s := newShop(t, o.store(), fakeConnector{send: o.send, pace: bot})
		s.keepAlive(t)
		for range 20 {
			o.accept(domain.ClassLive, "client")
			s.drain(t.Context(), shopLane)
			time.Sleep(100 * time.Millisecond)
		}
		for range 30 {
			s.drain(t.Context(), shopLane)
			time.Sleep(time.Second)
		}
		if o.refused > 0 || o.calls != 20 {
			t.Errorf("%d calls with %d refusals", o.calls, o.refused)
		}
	})
}
