package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A load is calls of one server, from many connections at once.
type load struct {
	address string
	script  *script
	calls   int
	callers int
	want    int           // the status of each answer
	every   time.Duration // from one call to the next, by the clock; zero: each caller at once after its answer
}

// A course is when each call was due and when it was answered. By the clock a
// call is due at its time, though its caller may be busy: who waits to be called
// waits all the same.
type course struct {
	begun    time.Time
	due      []time.Duration // since begun
	answered []time.Duration
	ended    time.Time
}

// perSecond is how many were answered.
func (c *course) perSecond() float64 { return rate(len(c.due), c.ended.Sub(c.begun)) }

// waited is from each call to its answer.
func (c *course) waited() []time.Duration { return between(c.due, c.answered) }

func webhooks(address string, s *script, calls int) load {
	return load{address: address, script: s, calls: calls, callers: callers, want: http.StatusOK}
}

// run makes the calls.
func (l load) run(ctx context.Context) (*course, error) {
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
			_ = c.conn.Close() // ends the calls
		}
	})
	defer stop()
	run := &course{begun: time.Now(), due: make([]time.Duration, l.calls), answered: make([]time.Duration, l.calls)}
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

func (l load) one(c *caller, run *course, i int) error {
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
