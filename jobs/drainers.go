package jobs

import (
	"sync"

	"recado/domain"
)

// drainers are the goroutines of this process that drain a lane, at most one for
// each lane. A hint of a lane that has one does not go through Redis: it wakes
// the drainer, which then looks at the store once more before it ends.
type drainers struct {
	mu   sync.Mutex
	wake map[domain.Lane]chan struct{} // of each drainer; a channel holds one value
}

func newDrainers() *drainers { return &drainers{wake: map[domain.Lane]chan struct{}{}} }

// start registers a drainer of the lane and returns the channel that wakes it. If
// the lane has a drainer already, start wakes that one and returns false.
func (d *drainers) start(l domain.Lane) (wake <-chan struct{}, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wakeLocked(l) {
		return nil, false
	}
	ch := make(chan struct{}, 1)
	d.wake[l] = ch
	return ch, true
}

// wakeUp wakes the drainer of the lane, and reports whether the lane has one.
func (d *drainers) wakeUp(l domain.Lane) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wakeLocked(l)
}

func (d *drainers) wakeLocked(l domain.Lane) bool {
	ch, found := d.wake[l]
	if found {
		select {
		case ch <- struct{}{}:
		default: // it is awake already
		}
	}
	return found
}

// end removes the drainer of the lane, and reports whether it was woken after it
// last looked at the store.
func (d *drainers) end(l domain.Lane) (missed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	missed = len(d.wake[l]) > 0
	delete(d.wake, l)
	return missed
}
