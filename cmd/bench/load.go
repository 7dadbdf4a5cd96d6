package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A load calls one server over many connections at once.
type load struct {
	address string
	script  *script
	calls   int
	callers int
	want    int           // the expected status of each answer
	every   time.Duration // open loop: from one call to the next; zero: closed loop, each caller calls again after its answer
}

// Timings say when each call was due and when it was answered. In an open loop a call
// is due at its time even if its caller is still busy, so that waiting for a caller
// counts.
type timings struct {
	begun    time.Time
	due      []time.Duration // since begun
	answered []time.Duration
	ended    time.Time
}

// perSecond returns how many calls were answered in a second.
func (c *timings) perSecond() float64 { return rate(len(c.due), c.ended.Sub(c.begun)) }

// waited returns the time from each call to its answer.
func (c *timings) waited() []time.Duration { return between(c.due, c.answered) }

func webhooks(address string, s *script, calls int) load {
	return load{address: address, script: s, calls: calls, callers: callers, want: http.StatusOK}
}

// run makes the calls.
func (l load) run(ctx context.Context) (*timings, error) {
	conns := make([]*caller, min(l.callers, l.calls))
	for i := range conns {
		c, err := dial(l.address)
		if err != nil {
			return nil, err
		}
		defer c.conn.Close()
		conns[i] = c
	}
	stop := context.AfterFunc(ctx, func() {
		for _, c := range conns {
			_ = c.conn.Close() // interrupts the calls
		}
	})
	defer stop()
	run := &timings{begun: time.Now(), due: make([]time.Duration, l.calls), answered: make([]time.Duration, l.calls)}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, len(conns))
	for _, c := range conns {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < l.calls; i = int(next.Add(1)) - 1 {
				if err := l.one(c, run, i); err != nil {
					errs <- fmt.Errorf("call %d of %s: %w", i, l.address, err)
					return
				}
			}
		})
	}
	wg.Wait()
	run.ended = time.Now()
	select {
	case err := <-errs:
		return nil, err
	default:
		return run, nil
	}
}

func (l load) one(c *caller, run *timings, i int) error {
	run.due[i] = time.Since(run.begun)
	if l.every > 0 {
		run.due[i] = time.Duration(i) * l.every
		time.Sleep(run.due[i] - time.Since(run.begun))
	}
	status, err := c.call(l.script.at(i))
	run.answered[i] = time.Since(run.begun)
	if err == nil && status != l.want {
		err = fmt.Errorf("status %d, not %d", status, l.want)
	}
	return err
}
