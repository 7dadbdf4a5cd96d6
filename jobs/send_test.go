package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

const shopLane = domain.Lane("send:shop")

// accepts is a messenger that takes everything after a while.
func accepts(took time.Duration) fakeConnector {
	return fakeConnector{send: func(context.Context, domain.Outgoing) domain.SendResult {
		time.Sleep(took)
		return domain.SendResult{Fate: domain.FateAccepted}
	}}
}

// An outbox is a store with queued messages, "chat/number" each. It fulfils the
// contract of domain.Outbox: the oldest of a chat is due unless it is in flight.
type outbox struct {
	mu    sync.Mutex
	queue []domain.MessageID
	open  map[domain.MessageID]bool
	ended []domain.SendEnded
}

func chatOf(m domain.MessageID) domain.ChatID {
	chat, _, _ := strings.Cut(string(m), "/")
	return domain.ChatID(chat)
}

func (o *outbox) store() *fakeStore {
	o.open = map[domain.MessageID]bool{}
	s := newStore()
	s.due = func(limit int) (due []domain.MessageID, _ error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		seen := map[domain.ChatID]bool{}
		for _, m := range o.queue {
			if !seen[chatOf(m)] && !o.open[m] && len(due) < limit {
				due = append(due, m)
			}
			seen[chatOf(m)] = true
		}
		return due, nil
	}
	s.apply = func(b domain.Batch) (domain.Receipt, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, u := range b.Updates {
			switch f := u.Fact.(type) {
			case domain.SendBegun:
				o.open[f.Message] = true
			case domain.SendEnded:
				o.ended = append(o.ended, f)
				o.queue = slices.DeleteFunc(slices.Clone(o.queue), func(m domain.MessageID) bool { return m == f.Message })
			}
		}
		return applied(b)
	}
	return s
}

func TestSendsOfAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		for n := range 5 {
			for chat := range 40 {
				o.queue = append(o.queue, domain.MessageID(fmt.Sprintf("chat%d/%d", chat, n)))
			}
		}
		total := len(o.queue)
		var mu sync.Mutex
		inFlight, most := map[domain.ChatID]int{}, 0
		order := map[domain.ChatID][]domain.MessageID{}
		enter := func(m domain.MessageID, n int) {
			mu.Lock()
			defer mu.Unlock()
			inFlight[chatOf(m)] += n
			sum := 0
			for chat, n := range inFlight {
				if sum += n; n > 1 {
					t.Errorf("%d of %s in flight", n, chat)
				}
			}
			most = max(most, sum)
			if n > 0 {
				order[chatOf(m)] = append(order[chatOf(m)], m)
			}
		}
		s := newShop(t, o.store(), fakeConnector{send: func(_ context.Context, m domain.Outgoing) domain.SendResult {
			enter(m.ID, 1)
			defer enter(m.ID, -1)
			time.Sleep(time.Duration(1+len(m.ID)%7) * time.Millisecond)
			return domain.SendResult{Fate: domain.FateAccepted, ProviderID: domain.ProviderID("wamid." + m.ID)}
		}})
		s.drain(t.Context(), shopLane)
		if most != sendsAtOnce {
			t.Errorf("%d in flight at most, want %d", most, sendsAtOnce)
		}
		for chat, sent := range order {
			if len(sent) != 5 || !slices.IsSorted(sent) {
				t.Errorf("%s got %v", chat, sent)
			}
		}
		if len(o.ended) != total || len(o.queue) != 0 {
			t.Errorf("recorded %d of %d", len(o.ended), total)
		}
		for _, e := range o.ended {
			if e.Result.ProviderID != domain.ProviderID("wamid."+e.Message) {
				t.Errorf("%s got the answer %v of another", e.Message, e.Result)
			}
		}
		if n := s.counted(t, "recado_sends_total", "waba", "sent"); n != float64(total) {
			t.Errorf("counted %v", n)
		}
	})
}

func TestOnlyMessagesWhoseAttemptThisCallOpenedAreSent(t *testing.T) {
	failed := func(reason domain.Reason) domain.Result {
		return domain.Result{
			Outcome: domain.Applied, Kind: domain.WABA,
			Message: domain.Message{Status: domain.Failed, Failure: &domain.Failure{Reason: reason}},
		}
	}
	results := map[domain.MessageID]domain.Result{
		"good": {
			Outcome: domain.Applied, Kind: domain.WABA,
			Chat: domain.Chat{Peer: "before", MovedTo: "after", IsGroup: true},
			Message: domain.Message{
				ID: "good", Status: domain.Queued, Type: domain.TypeText, Text: "hola", ReplyTo: "wamid.1", Attempts: 3,
			},
		},
		"another worker's": {Outcome: domain.Repeated},
		"gone":             {Outcome: domain.Ignored},
		"blocked":          failed(domain.ReasonChatBlocked),
		"expired":          failed(domain.ReasonExpired),
	}
	store := newStore()
	due := []domain.MessageID{"another worker's", "blocked", "good", "gone", "expired"}
	store.due = func(int) ([]domain.MessageID, error) {
		list := due
		due = nil
		return list, nil
	}
	var ended []domain.MessageID
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		r := domain.Receipt{Endpoints: []domain.EndpointID{"crm"}}
		for _, u := range b.Updates {
			if u.Connection != "shop" || u.Received.IsZero() {
				t.Errorf("update %+v", u)
			}
			switch f := u.Fact.(type) {
			case domain.SendBegun:
				r.Results = append(r.Results, results[f.Message])
			case domain.SendEnded:
				ended = append(ended, f.Message)
				r.Results = append(r.Results, domain.Result{Outcome: domain.Applied, Kind: domain.WABA, Message: domain.Message{Status: domain.Sent}})
			}
		}
		return r, nil
	}
	var sent []domain.Outgoing
	s := newShop(t, store, fakeConnector{send: func(_ context.Context, m domain.Outgoing) domain.SendResult {
		sent = append(sent, m)
		return domain.SendResult{Fate: domain.FateAccepted}
	}})
	s.drain(t.Context(), shopLane)
	want := []domain.Outgoing{{
		ID: "good", Peer: "after", IsGroup: true, Type: domain.TypeText, Text: "hola", ReplyTo: "wamid.1", Attempt: 3,
	}}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("sent: %s", diff)
	}
	if !slices.Equal(ended, []domain.MessageID{"good"}) {
		t.Errorf("recorded %v", ended)
	}
	if n := s.counted(t, "recado_sends_total", "waba", "failed"); n != 2 {
		t.Errorf("counted %v as failed", n)
	}
	for _, reason := range []string{"chat_blocked", "expired"} {
		if n := s.counted(t, "recado_failures_total", "unknown_error", "waba", reason); n != 1 {
			t.Errorf("counted %v for %s", n, reason)
		}
	}
	if !slices.Equal(s.hinted(), []domain.Lane{"callback:crm"}) {
		t.Errorf("hinted %v", s.hinted())
	}
	if strings.Contains(s.log.String(), "hola") {
		t.Errorf("the log holds a text: %s", s.log)
	}
}

func TestTheOutcomeOfASendIsCounted(t *testing.T) {
	refused := domain.SendResult{Fate: domain.FateRefused, Failure: &domain.Failure{Reason: domain.ReasonThrottled}}
	tests := []struct {
		name    string
		answer  domain.SendResult
		after   domain.DeliveryStatus
		outcome domain.Outcome
		counted string // empty: nowhere
	}{
		{"accepted", domain.SendResult{Fate: domain.FateAccepted}, domain.Sent, domain.Applied, "sent"},
		{"accepted, its status came first", domain.SendResult{Fate: domain.FateAccepted}, domain.Read, domain.Applied, "sent"},
		{"refused for now", refused, domain.Queued, domain.Applied, "retried"},
		{"refused for good", refused, domain.Failed, domain.Applied, "failed"},
		{"nobody knows", domain.SendResult{Fate: domain.FateUnknown}, domain.Queued, domain.Applied, ""},
		{"nobody knows, and the messenger recognises a repeat", domain.SendResult{Fate: domain.FateUnknown}, domain.Queued, domain.Applied, "retried"},
		{"accepted, with the id of another message", domain.SendResult{Fate: domain.FateAccepted}, domain.Queued, domain.Applied, ""},
		{"refused for now, without a reason", domain.SendResult{Fate: domain.FateRefused}, domain.Queued, domain.Applied, "retried"},
		{"recorded before", domain.SendResult{Fate: domain.FateAccepted}, domain.Sent, domain.Repeated, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &outbox{queue: []domain.MessageID{"chat/1"}}
			store := o.store()
			apply := store.apply
			store.apply = func(b domain.Batch) (domain.Receipt, error) {
				r, err := apply(b)
				if _, ok := b.Updates[0].Fact.(domain.SendEnded); ok {
					r.Results[0].Outcome, r.Results[0].Message.Status = tt.outcome, tt.after
					if tt.counted == "retried" {
						r.Results[0].Message.NextAt = time.Now().Add(time.Second)
					}
					if tt.after == domain.Failed {
						r.Results[0].Message.Failure = tt.answer.Failure
					}
				}
				return r, err
			}
			s := newShop(t, store, fakeConnector{send: func(context.Context, domain.Outgoing) domain.SendResult { return tt.answer }})
			s.drain(t.Context(), shopLane)
			if diff := cmp.Diff([]domain.SendEnded{{Message: "chat/1", Result: tt.answer}}, o.ended); diff != "" {
				t.Errorf("recorded: %s", diff)
			}
			for _, outcome := range []string{"sent", "retried", "failed"} {
				if n := s.counted(t, "recado_sends_total", "waba", outcome); (n == 1) != (outcome == tt.counted) {
					t.Errorf("counted %v as %s", n, outcome)
				}
			}
		})
	}
}

func TestAbandonedAttemptsAreJudgedFirst(t *testing.T) {
	for name, failure := range map[string]error{"and then others are sent": nil, "and without it nothing is sent": errAway} {
		t.Run(name, func(t *testing.T) {
			o := &outbox{queue: []domain.MessageID{"chat/1"}}
			store := o.store()
			apply, due := store.apply, store.due
			store.abandoned = func() ([]domain.MessageID, error) { return []domain.MessageID{"lost/1", "lost/2"}, nil }
			store.apply = func(b domain.Batch) (domain.Receipt, error) {
				if failure != nil {
					return domain.Receipt{}, failure
				}
				return apply(b)
			}
			store.due = func(limit int) ([]domain.MessageID, error) {
				unknown := domain.SendResult{Fate: domain.FateUnknown}
				want := []domain.SendEnded{{Message: "lost/1", Result: unknown}, {Message: "lost/2", Result: unknown}}
				if diff := cmp.Diff(want, o.ended[:2]); diff != "" {
					t.Errorf("judged: %s", diff)
				}
				return due(limit)
			}
			s := newShop(t, store, accepts(0))
			s.drain(t.Context(), shopLane)
			if sent := len(o.ended) == 3; sent != (failure == nil) {
				t.Errorf("recorded %v", o.ended)
			}
		})
	}
}

func TestOneUnstorableSendDoesNotHoldUpTheOthers(t *testing.T) {
	for _, guilty := range []domain.Fact{domain.SendBegun{}, domain.SendEnded{}} {
		t.Run(fmt.Sprintf("%T", guilty), func(t *testing.T) {
			o := &outbox{queue: []domain.MessageID{"a/1", "b/1", "guilty/1", "c/1"}}
			store := o.store()
			apply, due, asked := store.apply, store.due, 0
			store.due = func(limit int) ([]domain.MessageID, error) {
				if asked++; asked > 1 {
					return nil, nil
				}
				return due(limit)
			}
			store.apply = func(b domain.Batch) (domain.Receipt, error) {
				for _, u := range b.Updates {
					if fmt.Sprintf("%T", u.Fact) == fmt.Sprintf("%T", guilty) && messageOf(u).ID == "guilty/1" {
						return domain.Receipt{}, &domain.DataError{Err: errors.New("panic in the rules")}
					}
				}
				return apply(b)
			}
			s := newShop(t, store, accepts(0))
			s.drain(t.Context(), shopLane)
			if !slices.Equal(o.queue, []domain.MessageID{"guilty/1"}) {
				t.Errorf("left %v", o.queue)
			}
			if n := strings.Count(s.log.String(), "update not stored"); n != 1 {
				t.Errorf("logged %s", s.log)
			}
		})
	}
}

func TestASendEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{queue: []domain.MessageID{"chat/1"}}
		s := newShop(t, o.store(), fakeConnector{send: func(ctx context.Context, _ domain.Outgoing) domain.SendResult {
			<-ctx.Done()
			return domain.SendResult{Fate: domain.FateUnknown}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // the program stops: it is not broken off
		defer cancel()
		begun := time.Now()
		s.drain(ctx, shopLane)
		if took := time.Since(begun); took != domain.SendTimeout || len(o.ended) != 1 {
			t.Errorf("recorded %v after %v", o.ended, took)
		}
	})
}

func TestAStoppingWorkerBeginsNoSend(t *testing.T) {
	tests := []struct {
		name string
		stop func(shop, context.CancelFunc)
	}{
		{"the program stops", func(_ shop, cancel context.CancelFunc) { cancel() }},
		{"the process was declared dead and is a new one", func(s shop, _ context.CancelFunc) {
			s.process.mu.Lock()
			defer s.process.mu.Unlock()
			s.process.joinedAs = "p2"
		}},
		{"the process may be dead", func(s shop, _ context.CancelFunc) {
			s.process.mu.Lock()
			defer s.process.mu.Unlock()
			s.process.lastBeat = time.Now().Add(-domain.DeadAfter)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outbox{queue: []domain.MessageID{"a/1", "a/2", "b/1", "b/2"}}
				s := newShop(t, o.store(), accepts(time.Second))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(500*time.Millisecond, func() { tt.stop(s, cancel) })
				s.drain(ctx, shopLane)
				if !slices.Equal(o.queue, []domain.MessageID{"a/2", "b/2"}) {
					t.Errorf("left %v, want only the messages that were not begun", o.queue)
				}
			})
		})
	}
}

func TestAConnectionThatCannotSend(t *testing.T) {
	tests := []struct {
		name       string
		connection func() (domain.Connection, error)
	}{
		{"its kind has no connector", func() (domain.Connection, error) {
			return domain.Connection{ID: "shop", Kind: domain.TelegramBot}, nil
		}},
		{"nobody knows it", func() (domain.Connection, error) { return domain.Connection{}, domain.ErrNotFound }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &outbox{queue: []domain.MessageID{"chat/1"}}
			store := o.store()
			store.connection = tt.connection
			s := newShop(t, store, accepts(0))
			s.drain(t.Context(), shopLane)
			if len(o.open) != 0 || s.log.String() == "" {
				t.Errorf("began %v, logged %q", o.open, s.log)
			}
		})
	}
}

func TestATurnEndsAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		for n := range 40 {
			o.queue = append(o.queue, domain.MessageID(fmt.Sprintf("chat/%02d", n)))
		}
		store := o.store()
		store.hasWork = func(domain.Lane) (bool, error) { return len(o.queue) > 0, nil }
		s := newShop(t, store, accepts(time.Minute))
		s.keepAlive(t)
		begun := time.Now()
		s.drain(t.Context(), shopLane)
		if took := time.Since(begun); took < maxTurn || took > maxTurn+2*time.Minute || len(o.queue) == 0 {
			t.Errorf("left %d after %v", len(o.queue), took)
		}
		if !slices.Equal(s.hinted(), []domain.Lane{shopLane}) {
			t.Errorf("hinted %v, though more is due", s.hinted())
		}
	})
}

// One send panics where it is told to, and its neighbours are recorded with their answers.
func TestAPanicInOneSendIsItsOwn(t *testing.T) {
	const guilty = "guilty/1"
	unknown, accepted := domain.SendResult{Fate: domain.FateUnknown}, domain.SendResult{Fate: domain.FateAccepted}
	tests := []struct {
		name   string
		send   func(domain.Outgoing) domain.SendResult
		record func([]domain.Result)
		want   domain.SendResult
	}{
		{"in the connector", func(m domain.Outgoing) domain.SendResult {
			if m.ID == guilty {
				panic("out of luck")
			}
			return accepted
		}, nil, unknown},
		{"when it is counted", nil, func(results []domain.Result) {
			for i := range results {
				if results[i].Message.ID == guilty {
					results[i].Message.Status, results[i].Message.Failure = domain.Failed, nil // its reason is logged
				}
			}
		}, accepted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outbox{queue: []domain.MessageID{"a/1", "b/1", guilty, "c/1", "d/1"}}
				store := o.store()
				apply := store.apply
				store.apply = func(b domain.Batch) (domain.Receipt, error) {
					r, err := apply(b)
					if _, ended := b.Updates[0].Fact.(domain.SendEnded); ended && tt.record != nil {
						tt.record(r.Results)
					}
					return r, err
				}
				s := newShop(t, store, fakeConnector{send: func(_ context.Context, m domain.Outgoing) domain.SendResult {
					time.Sleep(time.Second)
					if tt.send == nil {
						return accepted
					}
					return tt.send(m)
				}})
				s.keepAlive(t)
				s.drain(t.Context(), shopLane)
				if len(o.ended) != 5 || len(o.queue) != 0 {
					t.Fatalf("recorded %v, left %v", o.ended, o.queue)
				}
				for _, e := range o.ended {
					want := accepted
					if e.Message == guilty {
						want = tt.want
					}
					if diff := cmp.Diff(want, e.Result); diff != "" {
						t.Errorf("%s: %s", e.Message, diff)
					}
				}
				if !strings.Contains(s.log.String(), "panic: ") {
					t.Errorf("the panic is not logged: %s", s.log)
				}
			})
		})
	}
}
