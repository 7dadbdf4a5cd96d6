package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"recado/domain"
)

// rounds is how often a race is run: each time the workers meet elsewhere.
const rounds = 20

var raceRows = []row{
	{"two first messages of a new peer make one chat", func(t lab) {
		for i := range rounds {
			p := domain.PeerID(fmt.Sprint("peer-", i))
			t.race(func(n int) domain.Update { return toPhone(n, says(p, domain.ProviderID(fmt.Sprint(p, n)), "hello")) }, 2)
			if c := t.chat(p); c.Unanswered != 2 || c.InboundSeq != 2 {
				t.Fatalf("chat %+v, want two messages", c)
			}
		}
		t.numbered(2 * rounds)
	}},
	{"who meets a new peer waits for the one who met him first", func(t lab) {
		slow := t.slow(toPhone(1, says(peer, "in.1", "one")))
		other := t.begin(toPhone(2, says(peer, "in.2", "two")))
		slow.finish()
		<-other
		if c := t.chat(peer); c.Unanswered != 2 {
			t.Errorf("chat %+v, want two messages", c)
		}
		t.numbered(2)
	}},
	{"webhooks that two workers apply are applied once", func(t lab) {
		for i := range rounds {
			t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("{}"), webhook("{}")}))
			hooks := t.next(meta)
			batch := domain.Batch{
				Lane:    domain.InboxLane(meta),
				Inbox:   []int64{hooks[0].ID, hooks[1].ID},
				Updates: []domain.Update{toPhone(i, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), "hello"))},
			}
			var applied, taken atomic.Int64
			together(2, func(n int) {
				switch _, err := t.worker(n).Apply(t.Context(), batch); {
				case err == nil:
					applied.Add(1)
				case errors.Is(err, domain.ErrTaken):
					taken.Add(1)
				default:
					t.Error(err)
				}
			})
			if applied.Load() != 1 || taken.Load() != 1 {
				t.Fatalf("%d applied it, %d found it taken", applied.Load(), taken.Load())
			}
		}
		t.numbered(rounds)
	}},
	{"a message that two workers hear of is one message", func(t lab) {
		for i := range rounds {
			p := domain.PeerID(fmt.Sprint("peer-", i))
			r := t.race(func(int) domain.Update { return toPhone(1, says(p, domain.ProviderID(fmt.Sprint("in.", i)), "hello")) }, 3)
			if r[domain.Applied] != 1 || r[domain.Repeated] != 2 {
				t.Fatalf("outcomes %v", r)
			}
		}
		t.numbered(rounds)
	}},
	{"200 sends with the same client_ref are one message", func(t lab) {
		r := t.race(func(n int) domain.Update {
			f := send(n, peer, "ours")
			f.ClientRef = "ref-1"
			return asks(f)
		}, 200)
		if r[domain.Applied] != 1 || r[domain.Repeated] != 199 || len(t.messages(t.chat(peer).ID)) != 1 {
			t.Errorf("outcomes %v", r)
		}
		t.numbered(1)
	}},
	{"statuses from several workers end at the highest", func(t lab) {
		steps := []domain.DeliveryStatus{domain.Sent, domain.Delivered, domain.Read}
		for i := range rounds {
			id := domain.ProviderID(fmt.Sprint("out.", i))
			m := t.applyEach(toPhone(i, wrote(peer, id, "hello"))).Message
			t.race(func(n int) domain.Update { return toPhone(i+1+n%3, status(id, steps[n%3])) }, 6)
			if got := t.message(m.ID); got.Status != domain.Read || !got.ReadAt.Equal(second(i+3)) || !got.DeliveredAt.Equal(second(i+2)) {
				t.Fatalf("message %+v", got)
			}
		}
	}},
	{"of several who begin to send a message one does", func(t lab) {
		for i := range rounds {
			t.applyEach(asks(send(i, peer, fmt.Sprint(i))))
			r := t.race(func(int) domain.Update { return ends(domain.SendBegun{Message: msg(i)}) }, 4)
			if r[domain.Applied] != 1 || r[domain.Repeated] != 3 || t.message(msg(i)).Attempts != 1 {
				t.Fatalf("outcomes %v, message %+v", r, t.message(msg(i)))
			}
		}
	}},
	{"of a look and a send at once neither undoes what the other noted", func(t lab) {
		problem := domain.Signal{Kind: domain.SignalWebhook, Level: domain.LevelWarning, Title: "the session has no webhook"}
		for i := range rounds {
			t.applyEach(asks(send(i, domain.PeerID(fmt.Sprint("stranger-", i)), "hello")))
			t.race(func(n int) domain.Update {
				if n == 0 {
					return ends(domain.SendBegun{Message: msg(i)})
				}
				seen := domain.Watched{Waiting: int64(i)}
				if i%2 == 0 {
					seen.Problems = []domain.Signal{problem}
				}
				return toPhone(i, domain.ConnectionWatched{Seen: seen})
			}, 2)
			c, err := t.store.Connection(t.Context(), phone)
			t.must(err)
			if seen := c.Watched; len(seen.Strangers) != i+1 || seen.Waiting != int64(i) || len(seen.Problems) != (i+1)%2 {
				t.Fatalf("after round %d there are %d strangers, and %d webhooks wait", i, len(seen.Strangers), seen.Waiting)
			}
		}
	}},
	{"nothing of a peer is stored once his block is", func(t lab) {
		for i := range rounds {
			p := domain.PeerID(fmt.Sprint("peer-", i))
			chat := t.applyEach(toPhone(0, says(p, domain.ProviderID(fmt.Sprint(p, "first")), "first"))).Chat.ID
			var then []string
			together(4, func(n int) {
				if n == 0 {
					t.later(n, asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
					then = t.texts(chat)
					return
				}
				for j := range 5 {
					t.later(n, toPhone(j, says(p, domain.ProviderID(fmt.Sprint(p, n, j)), "hello")))
				}
			})
			t.same("messages", t.texts(chat), then)
		}
	}},
	{"a block waits for the batch that is being applied, and the next batch for the block", func(t lab) {
		chat := t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
		slow := t.slow(toPhone(2, says(peer, "in.2", "two")))
		blocked := t.begin(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
		slow.finish()
		<-blocked
		t.gives(domain.Dropped, toPhone(3, says(peer, "in.3", "three")))
		t.same("messages", t.texts(chat), []string{"two", "one"})
	}},
	{"batches over the same chats in any order all succeed", func(t lab) {
		const workers, chats = 6, 20
		together(workers, func(w int) {
			for i := range 10 {
				var batch []domain.Update
				for _, c := range rand.Perm(chats) {
					p := domain.PeerID(fmt.Sprint("peer-", c))
					id := domain.ProviderID(fmt.Sprint(w, ".", i, ".", c))
					batch = append(batch, toPhone(i, wrote(p, id, "hello")), toPhone(i+1, status(id, domain.Delivered)))
				}
				t.later(w, batch...)
			}
		})
		if got := t.chats(); len(got) != chats {
			t.Errorf("%d chats, want %d", len(got), chats)
		}
		for _, c := range t.chats() {
			if got := t.messages(c.ID); len(got) != 10*workers {
				t.Errorf("chat of %s has %d messages", c.Peer, len(got))
			}
		}
		t.numbered(2 * 10 * workers * chats)
	}},
	{"a status and the answer that names its message meet at last", func(t lab) {
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}))
		slow := t.slow(toPhone(2, status("out.1", domain.Read)))
		answered := t.begin(ends(accepted(1, "out.1")))
		select {
		case <-answered: // its transaction found no orphan, and that of the status no message
		case <-time.After(time.Second): // this store lets no other transaction pass
		}
		slow.finish()
		<-answered
		t.joined(1)
	}},
	{"statuses and answers that race meet at last", func(t lab) {
		for i := range rounds {
			t.applyEach(asks(send(i, peer, fmt.Sprint(i))), ends(domain.SendBegun{Message: msg(i)}))
			id := domain.ProviderID(fmt.Sprint("out.", i))
			t.race(func(n int) domain.Update {
				return []domain.Update{ends(accepted(i, id)), toPhone(2, status(id, domain.Read))}[n]
			}, 2)
			t.joined(i)
		}
	}},
	{"several workers count the successes of an endpoint right", func(t lab) {
		for i := range 10 {
			t.applyEach(toPhone(i, says(domain.PeerID(fmt.Sprint(i)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		due := t.claim(crm, 10)
		together(10, func(n int) {
			if _, _, err := t.worker(n).Record(t.Context(), crm, []domain.Try{{Delivery: due[n], OK: true}}); err != nil {
				t.Error(err)
			}
		})
		if e := t.endpoint(crm); e.Successes != 10 {
			t.Errorf("%v successes, want 10", e.Successes)
		}
	}},
	{"of several processes that take a lane one has it", func(t lab) {
		for i := range rounds {
			lane := domain.Lane(fmt.Sprint("send:", i))
			var taken atomic.Int64
			together(8, func(n int) {
				p, err := t.worker(n).Join(t.Context())
				if err != nil {
					t.Error(err)
				}
				ok, err := t.worker(n).Take(t.Context(), lane, p)
				if err != nil {
					t.Error(err)
				}
				if ok {
					taken.Add(1)
				}
			})
			if taken.Load() != 1 {
				t.Fatalf("%d processes have the lane", taken.Load())
			}
		}
	}},
	{"a registry that several declare is declared once", func(t lab) {
		r := domain.Registry{Companies: []domain.Company{{ID: "initech", Name: "Initech", TimeZone: "UTC"}}}
		var lines atomic.Int64
		together(5, func(n int) {
			got, err := t.worker(n).Declare(t.Context(), r, false)
			if err != nil {
				t.Error(err)
			}
			lines.Add(int64(len(got)))
		})
		if lines.Load() != 1 {
			t.Errorf("%d lines, want one", lines.Load())
		}
	}},
}

// race applies n updates at once, each as a batch, and counts the outcomes.
func (t lab) race(update func(n int) domain.Update, n int) map[domain.Outcome]int {
	t.Helper()
	var mu sync.Mutex
	outcomes := map[domain.Outcome]int{}
	together(n, func(i int) {
		r, err := t.worker(i).Apply(t.Context(), domain.Batch{Updates: []domain.Update{update(i)}})
		if err != nil {
			t.Errorf("worker %d: %v", i, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		outcomes[r.Results[0].Outcome]++
	})
	return outcomes
}

// worker is the store as the n-th of several processes has it open, if it can be.
func (t lab) worker(n int) domain.Store {
	if w, ok := t.store.(Workers); ok {
		return w.Worker(n)
	}
	return t.store
}

// later applies updates in a worker, from another goroutine than the test's.
func (t lab) later(worker int, updates ...domain.Update) {
	if _, err := t.worker(worker).Apply(t.Context(), domain.Batch{Updates: updates}); err != nil {
		t.Error(err)
	}
}

// begin begins to apply an update in another worker than slow; what it returns is
// closed when that is done.
func (t lab) begin(u domain.Update) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.later(1, u)
	}()
	return done
}

// A slowBatch is being applied: its transaction is between Decide and the commit.
type slowBatch struct{ finish func() }

// slow begins to apply an update and returns when its transaction has decided.
// It stands still because it has also something to put aside, whose text is
// asked for before the commit.
func (t lab) slow(u domain.Update) slowBatch {
	t.Helper()
	decided, finish, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	var once sync.Once
	stray := domain.Update{Hook: "nobody's", Kind: domain.WhatsAppBusiness, Fact: says(peer, "stray", "stray"), Item: func() []byte {
		once.Do(func() { close(decided) })
		select {
		case <-finish:
		case <-ctx.Done():
		}
		return []byte("stray")
	}}
	go func() {
		defer close(done)
		t.later(0, u, stray)
	}()
	<-decided
	return slowBatch{func() {
		close(finish)
		<-done
		cancel()
	}}
}

// joined checks that the sweep leaves message n read.
func (t lab) joined(n int) {
	t.Helper()
	due := t.deadlines()
	t.applyEach(due...)
	if m := t.message(msg(n)); m.Status != domain.Read || !m.ReadAt.Equal(second(2)) {
		t.Errorf("after the sweep found %d updates due, message %+v is not read", len(due), m)
	}
	if due = t.deadlines(); len(due) != 0 {
		t.Errorf("the sweep finds %v again", due)
	}
}
