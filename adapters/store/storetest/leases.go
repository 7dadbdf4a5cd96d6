package storetest

import (
	"context"
	"time"

	"recado/domain"
)

var leaseRows = []row{
	{"a lane has one living owner, who may take it again", func(t lab) {
		a, b := t.join(), t.join()
		lane := domain.SendLane(phone)
		t.takes(true, lane, a)
		t.takes(true, lane, a)
		t.takes(false, lane, b)
		t.takes(true, domain.SendLane(bot), b)
	}},
	{"a lane that is given back is free", func(t lab) {
		a, b := t.join(), t.join()
		lane := domain.SendLane(phone)
		t.takes(true, lane, a)
		t.must(t.store.Release(t.Context(), lane, b)) // it is not b's to give
		t.takes(false, lane, b)
		t.must(t.store.Release(t.Context(), lane, a))
		t.takes(true, lane, b)
	}},
	{"the lanes of a process that leaves are free at once", func(t lab) {
		a, b := t.join(), t.join()
		t.takes(true, domain.SendLane(phone), a)
		t.takes(true, domain.SendLane(bot), a)
		t.must(t.store.Leave(t.Context(), a))
		t.takes(true, domain.SendLane(phone), b)
		t.takes(true, domain.SendLane(bot), b)
		t.beats(false, a)
	}},
	{"a process that is silent for two seconds is dead, and its lanes go to the living", func(t lab) {
		lane := domain.SendLane(phone)
		a, b := t.join(), t.join()
		t.takes(true, lane, a)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for taken := false; !taken; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatal("the lane of a silent process was never free")
			}
			t.beats(true, b)
			var err error
			taken, err = t.store.Take(ctx, lane, b)
			t.must(err)
		}
		if silent := time.Since(began); silent < 1900*time.Millisecond || silent > 5*time.Second {
			t.Errorf("the lane was free after %s", silent)
		}
		t.beats(false, a)
		t.beats(true, b)
		t.must(t.store.Release(t.Context(), lane, a)) // a late word of the dead
		t.takes(false, lane, t.join())
	}},
	{"who was declared dead stays dead, and joins anew", func(t lab) {
		a := t.join()
		t.pass(3 * time.Second)
		t.beats(false, a)
		t.beats(false, a)
		again := t.join()
		if again == a {
			t.Errorf("joined as %s again", a)
		}
		t.beats(true, again)
	}},
	{"a lane of a process that lives is not taken, however long it is held", func(t lab) {
		lane := domain.SendLane(phone)
		a, b := t.join(), t.join()
		t.takes(true, lane, a)
		for range 3 {
			t.pass(1500 * time.Millisecond)
			t.beats(true, a)
			t.beats(true, b)
			t.takes(false, lane, b)
		}
		t.pass(1500 * time.Millisecond)
		t.beats(true, b)
		t.pass(time.Second)
		t.takes(true, lane, b) // a was silent for 2.5 s
	}},
	{"a clock that is set back frees what a dead process held", func(t lab) {
		lane := domain.SendLane(phone)
		t.takes(true, lane, t.join())
		t.clockStepped(-time.Hour)
		b := t.join()
		t.takes(false, lane, b) // its owner may be alive
		t.pass(3 * time.Second)
		t.takes(true, lane, b)
		if step, err := t.store.RepairClock(t.Context()); step != 0 || err != nil {
			t.Errorf("a second look finds a step of %s, %v", step, err)
		}
	}},
	{"a living process holds its lanes when the clock is set back", func(t lab) {
		lane := domain.SendLane(phone)
		a, b := t.join(), t.join()
		t.takes(true, lane, a)
		t.pass(-time.Hour)
		t.beats(true, a)
		t.takes(false, lane, b)
		_, err := t.store.RepairClock(t.Context())
		t.must(err)
		for range 3 {
			t.beats(true, a)
			t.takes(false, lane, b)
			t.pass(1500 * time.Millisecond)
		}
	}},
	{"what waits for a time waits no longer when the clock is set back", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), ends(domain.SendBegun{Message: msg(1)}), ends(busy(1)), asks(send(2, "78880000000", "two")))
		for _, d := range t.claim(crm, 10) {
			t.record(failed(d))
		}
		t.takes(true, domain.SendLane(bot), t.join())
		t.clockStepped(-2 * time.Hour)
		t.works(domain.SendLane(phone), true) // the second
		t.works(domain.CallbackLane(crm), false)
		t.applyEach(ends(domain.SendBegun{Message: msg(2)}), ends(unknown(2)))
		t.works(domain.SendLane(phone), false)
		t.pass(10 * time.Minute)
		t.works(domain.SendLane(phone), true)
		t.works(domain.CallbackLane(crm), true)
	}},
	{"a clock that goes as it should needs no repair", func(t lab) {
		t.takes(true, domain.SendLane(phone), t.join())
		for _, d := range []time.Duration{0, time.Hour, -time.Second} {
			t.pass(d)
			if step, err := t.store.RepairClock(t.Context()); step != 0 || err != nil {
				t.Errorf("after %s: a step of %s, %v", d, step, err)
			}
		}
	}},
	{"a lane has work while something is due in it", func(t lab) {
		t.works(domain.InboxLaneOf(meta), false)
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("{}")}))
		t.works(domain.InboxLaneOf(meta), true)
		t.works(domain.InboxLaneOf(elsewhere()), false)

		t.works(domain.SendLane(phone), false)
		t.works(domain.CallbackLane(crm), false)
		t.applyEach(asks(send(1, peer, "one")))
		t.works(domain.SendLane(phone), true)
		t.works(domain.SendLane(bot), false)
		t.works(domain.CallbackLane(crm), true)
		t.works(domain.CallbackLane(ticks), false)
		t.works(domain.CallbackLane("nowhere"), false)
	}},
	{"a lane has no work in what waits for its time", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), asks(send(2, peer, "two")), ends(domain.SendBegun{Message: msg(1)}))
		t.works(domain.SendLane(phone), true) // if its owner died, the attempt must be ended
		t.applyEach(ends(busy(1)))
		t.works(domain.SendLane(phone), false)
		t.applyEach(asks(send(3, "78880000000", "three")))
		t.works(domain.SendLane(phone), true)
		t.applyEach(ends(domain.SendBegun{Message: msg(3)}), ends(unknown(3)))
		t.works(domain.SendLane(phone), false)

		for _, d := range t.claim(crm, 10) {
			t.record(failed(d))
		}
		t.works(domain.CallbackLane(crm), false)
	}},
}

// clockStepped sets the clock back and checks that the store finds by how much.
func (t lab) clockStepped(d time.Duration) {
	t.Helper()
	t.pass(d)
	step, err := t.store.RepairClock(t.Context())
	t.must(err)
	if off := step + d; off.Abs() > 5*time.Second {
		t.Errorf("a step of %s is taken for one of %s", d, step)
	}
}

func (t lab) join() domain.ProcessID {
	t.Helper()
	p, err := t.store.Join(t.Context())
	t.must(err)
	return p
}

func (t lab) takes(want bool, l domain.Lane, p domain.ProcessID) {
	t.Helper()
	if got, err := t.store.Take(t.Context(), l, p); err != nil || got != want {
		t.Errorf("taking %s gave %v, %v; want %v", l, got, err, want)
	}
}

func (t lab) beats(want bool, p domain.ProcessID) {
	t.Helper()
	if got, err := t.store.Beat(t.Context(), p); err != nil || got != want {
		t.Errorf("a beat gave %v, %v; want %v", got, err, want)
	}
}

func (t lab) works(l domain.Lane, want bool) {
	t.Helper()
	if got, err := t.store.HasWork(t.Context(), l); err != nil || got != want {
		t.Errorf("%s has work: %v, %v; want %v", l, got, err, want)
	}
}
