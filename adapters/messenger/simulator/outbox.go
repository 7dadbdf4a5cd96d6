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
	maxWaiting = 20_000 // webhooks of one outbox
	maxFlying  = 40     // webhooks of one outbox at once; Telegram's own default
)

// A webhook is a call of Recado that is to be made.
type webhook struct {
	chat   string // webhooks of one chat go one at a time, in their order; empty: no order
	about  string // whose message it is of, for people
	header http.Header
	body   []byte
	born   time.Time
	tries  int // that failed
}

// An outbox sends the webhooks for one address of Recado.
type outbox struct {
	kind    domain.Kind
	url     string
	manners manners
	client  *http.Client
	tell    func(Told)
	random  func(tries int) float64

	wake chan struct{}

	mu      sync.Mutex // guards the fields below
	due     agenda[*webhook]
	behind  map[string][]*webhook // by chats that have a webhook due or under way: those behind it
	waiting int                   // all webhooks that are not taken yet
	flying  int
}

// add plans webhooks. False: there is no room, and none of them is planned.
func (o *outbox) add(plans ...planned) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting+len(plans) > maxWaiting {
		return false
	}
	for _, p := range plans {
		o.waiting++
		p.born = p.at
		if p.chat != "" {
			if behind, busy := o.behind[p.chat]; busy {
				o.behind[p.chat] = append(behind, p.webhook)
				continue
			}
			o.behind[p.chat] = nil
		}
		o.due.add(p.at, p.webhook)
	}
	o.stir()
	return true
}

// A planned webhook is to be sent at a time.
type planned struct {
	at time.Time
	*webhook
}

// stir makes run look again.
func (o *outbox) stir() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run sends what is due until ctx ends.
func (o *outbox) run(ctx context.Context) {
	var flights sync.WaitGroup
	defer flights.Wait()
	for ctx.Err() == nil {
		w, wait := o.next()
		if w != nil {
			flights.Go(func() { o.deliver(ctx, w) })
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
func (o *outbox) next() (*webhook, time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.flying >= maxFlying {
		return nil, -1
	}
	w, due, wait := o.due.next(time.Now())
	if due {
		o.flying++
	}
	return w, wait
}

// deliver sends a webhook once, and plans it again if it was not taken.
func (o *outbox) deliver(ctx context.Context, w *webhook) {
	a := post(ctx, o.client, o.url, w, o.manners.patience)
	if ctx.Err() != nil {
		return
	}
	if o.manners.takes(a.status) {
		o.finish(w)
		return
	}
	w.tries++
	first := w.tries == 1 // the rest says nothing new
	wait := o.manners.wait(w.tries, o.random(w.tries))
	if o.manners.obeys && a.retryAfter > 0 {
		wait = a.retryAfter
	}
	told := Told{Kind: o.kind, From: o.manners.name, To: "Recado", Habit: "sent-again"}
	if time.Since(w.born) > o.manners.expiry {
		o.finish(w)
		told.What = "a webhook of " + w.about + " is given up, after " + a.what
		o.tell(told)
		return
	}
	told.What = "a webhook of " + w.about + ", after " + a.what
	o.again(w, wait) // another flight may have it from here
	if first {
		o.tell(told)
	}
}

// finish forgets a webhook; the next of its chat is due.
func (o *outbox) finish(w *webhook) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying--
	o.waiting--
	if behind := o.behind[w.chat]; len(behind) > 0 {
		o.due.add(time.Now(), behind[0])
		o.behind[w.chat] = slices.Delete(behind, 0, 1)
	} else {
		delete(o.behind, w.chat)
	}
	o.stir()
}

// again plans a webhook anew; its chat waits for it.
func (o *outbox) again(w *webhook, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying--
	o.due.add(time.Now().Add(wait), w)
	o.stir()
}
