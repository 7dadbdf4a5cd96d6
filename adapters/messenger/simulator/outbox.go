package simulator

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"recado/domain"
)

const (
	maxWaiting  = 20_000 // webhooks of one outbox
	maxInFlight = 40     // webhooks of one outbox at once; Telegram's own default
)

// A Webhook is a call of Recado that is to be made.
type Webhook struct {
	Chat   string // webhooks of one chat go one at a time, in their order; empty: no order
	Header http.Header
	Body   []byte

	about string // whose message it is of, for people
	born  time.Time
	tries int // that failed
}

// An outbox sends the webhooks for one address of Recado.
type outbox struct {
	kind    domain.Kind
	name    string // of the messenger
	url     string
	manners Manners
	client  *http.Client
	log     func(Note)
	random  func(tries int) float64

	wake chan struct{}

	mu       sync.Mutex // guards the fields below
	due      agenda[*Webhook]
	behind   map[string][]*Webhook // by chats that have a webhook due or under way: those behind it
	waiting  int                   // all webhooks that are not taken yet
	inFlight int
}

// add plans webhooks. False: there is no room, and none of them is planned.
func (o *outbox) add(plans ...Planned) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting+len(plans) > maxWaiting {
		return false
	}
	for _, p := range plans {
		o.waiting++
		p.born = p.At
		if p.Chat != "" {
			if behind, busy := o.behind[p.Chat]; busy {
				o.behind[p.Chat] = append(behind, p.Webhook)
				continue
			}
			o.behind[p.Chat] = nil
		}
		o.due.add(p.At, p.Webhook)
	}
	o.nudge()
	return true
}

// A Planned webhook is to be sent at a time.
type Planned struct {
	At time.Time
	*Webhook
}

// nudge makes run look again.
func (o *outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run sends what is due until ctx ends.
func (o *outbox) run(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for ctx.Err() == nil {
		w, wait := o.next()
		if w != nil {
			calls.Go(func() { o.deliver(ctx, w) })
			continue
		}
		pause(ctx, wait, o.wake)
	}
}

// pause waits for the time, a negative one for ever, or until it is woken.
func pause(ctx context.Context, wait time.Duration, wake <-chan struct{}) {
	var late <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ctx.Done():
	case <-wake:
	case <-late:
	}
}

// next takes a webhook that is due, or returns how long there is nothing to do.
func (o *outbox) next() (*Webhook, time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.inFlight >= maxInFlight {
		return nil, -1
	}
	w, due, wait := o.due.next(time.Now())
	if due {
		o.inFlight++
	}
	return w, wait
}

// deliver sends a webhook once, and plans it again if it was not taken.
func (o *outbox) deliver(ctx context.Context, w *Webhook) {
	a := post(ctx, o.client, o.url, w, o.manners.Patience)
	if ctx.Err() != nil {
		return
	}
	if o.manners.Takes(a.status) {
		o.finish(w)
		return
	}
	w.tries++
	first := w.tries == 1 // the rest says nothing new
	wait := o.manners.Wait(w.tries, o.random(w.tries))
	if o.manners.RetryAfter && a.retryAfter > 0 {
		wait = a.retryAfter
	}
	note := Note{Kind: o.kind, From: o.name, To: "Recado", Habit: "sent-again"}
	if time.Since(w.born) > o.manners.Expiry {
		o.finish(w)
		note.What = "a webhook of " + w.about + " is given up, after " + a.what
		o.log(note)
		return
	}
	note.What = "a webhook of " + w.about + ", after " + a.what
	o.again(w, wait) // another call may own it from here
	if first {
		o.log(note)
	}
}

// finish forgets a webhook; the next of its chat is due.
func (o *outbox) finish(w *Webhook) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inFlight--
	o.waiting--
	if behind := o.behind[w.Chat]; len(behind) > 0 {
		o.due.add(time.Now(), behind[0])
		o.behind[w.Chat] = slices.Delete(behind, 0, 1)
	} else {
		delete(o.behind, w.Chat)
	}
	o.nudge()
}

// again plans a webhook once more; its chat waits for it.
func (o *outbox) again(w *Webhook, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inFlight--
	o.due.add(time.Now().Add(wait), w)
	o.nudge()
}
