package jobs

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/domain"
)

// withWorker runs a worker and its hints, through asynq and a Redis, by the
// clock of a bubble.
func withWorker(t *testing.T, store *fakeStore, connector fakeConnector, test func(t *testing.T, s shop, wire *wire)) {
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{server: miniredis.NewMiniRedis()}
		defer wire.server.Close()
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, Dialer: wire.dial})
		defer client.Close()
		s := newShopOn(t, client, store, connector)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { s.cfg.Hints.Run(ctx) })
		wg.Go(func() {
			if err := s.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		test(t, s, wire)
		cancel()
		wg.Wait()
	})
}

// A wire leads to a Redis without a port, and can be cut.
type wire struct {
	server *miniredis.Miniredis
	mu     sync.Mutex
	away   bool
	conns  []net.Conn
}

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away {
		return nil, errAway
	}
	if w.server.Server() == nil { // Dial starts it
		first, err := w.server.Dial()
		if err != nil {
			return nil, err
		}
		first.Close()
	}
	client, server := net.Pipe()
	conn := newRoomy(client)
	w.server.Server().ServeConn(newRoomy(server))
	w.conns = append(w.conns, conn)
	return conn, nil
}

// A roomy connection takes what is written at once, as TCP does. In a pipe a client and
// a server that write at the same moment would wait for each other, and a server for a
// client that does not read.
type roomy struct {
	net.Conn
	out    chan []byte
	once   sync.Once
	closed chan struct{}
}

func newRoomy(pipe net.Conn) *roomy {
	c := &roomy{Conn: pipe, out: make(chan []byte, 1000), closed: make(chan struct{})}
	go c.send()
	return c
}

func (c *roomy) Write(b []byte) (int, error) {
	select {
	case c.out <- bytes.Clone(b):
		return len(b), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

// send passes on what was written, until the connection is closed.
func (c *roomy) send() {
	for {
		select {
		case <-c.closed:
			return
		case b := <-c.out:
			if _, err := c.Conn.Write(b); err != nil {
				return
			}
		}
	}
}

func (c *roomy) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func (w *wire) cut(away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = away
	for _, conn := range w.conns {
		conn.Close()
	}
	w.conns = nil
}

// takes counts by lane how often it was drained.
func takes(store *fakeStore) (count func(domain.Lane) int) {
	var mu sync.Mutex
	n := map[domain.Lane]int{}
	store.take = func(l domain.Lane) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		n[l]++
		return false, nil
	}
	return func(l domain.Lane) int {
		mu.Lock()
		defer mu.Unlock()
		return n[l]
	}
}

var oneOfEach = []domain.Lane{"inbox:3", "send:shop", "callback:crm"}

func TestAHintLeadsToADrain(t *testing.T) {
	store := newStore()
	count := takes(store)
	withWorker(t, store, words, func(t *testing.T, s shop, _ *wire) {
		for _, l := range oneOfEach {
			s.cfg.Hints.Hint(l)
		}
		time.Sleep(10 * pollEvery)
		for _, l := range oneOfEach {
			if n := count(l); n != 1 {
				t.Errorf("%s was drained %d times", l, n)
			}
		}
	})
}

func TestAnIdleWorkerHardlyAsksRedis(t *testing.T) {
	store := newStore()
	count := takes(store)
	withWorker(t, store, words, func(t *testing.T, s shop, wire *wire) {
		time.Sleep(time.Minute)
		before := wire.server.CommandCount()
		time.Sleep(time.Minute)
		if n := wire.server.CommandCount() - before; n > 300*len(domain.Lanes) { // each second it asks every queue, by two commands or three each; asynq has more to ask
			t.Errorf("it sends %d commands in an idle minute", n)
		}
		s.cfg.Hints.Hint("inbox:3")
		time.Sleep(2 * pollEvery)
		if n := count("inbox:3"); n != 1 {
			t.Errorf("drained %d times, %v after a hint", n, 2*pollEvery)
		}
	})
}

func TestAnIdleWorkerFindsAJobThatNoMessageAnnounced(t *testing.T) {
	store := newStore()
	count := takes(store)
	withWorker(t, store, words, func(t *testing.T, s shop, _ *wire) {
		time.Sleep(time.Minute)
		if _, err := s.cfg.Hints.client.Enqueue(asynq.NewTask(jobDrain, []byte("send:shop")), asynq.Queue("send")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(idlePoll + 2*pollEvery)
		if n := count("send:shop"); n != 1 {
			t.Errorf("drained %d times", n)
		}
	})
}

// asynq tries a completion call that failed again with a dead context, so that
// a job whose work is done stays and runs once more, a minute later. It keeps
// the lane from nobody: a job is only a hint.
func TestAJobThatCannotBeEndedDoesNoHarm(t *testing.T) {
	store := newStore()
	count := takes(store)
	withWorker(t, store, words, func(t *testing.T, s shop, wire *wire) {
		fault := &faultOnce{}
		s.cfg.Redis.AddHook(fault)
		for drained := range 3 {
			s.cfg.Hints.Hint("inbox:3")
			time.Sleep(10 * pollEvery)
			if n := count("inbox:3"); n != drained+1 {
				t.Errorf("drained %d times after %d hints", n, drained+1)
			}
		}
		time.Sleep(2 * time.Second) // asynq's own retry of the call
		if left, err := wire.server.List("asynq:{inbox}:active"); !fault.happened.Load() || err != nil || len(left) != 1 {
			t.Errorf("the fault happened: %v; jobs that did not end: %v, %v", fault.happened.Load(), left, err)
		}
	})
}

// faultOnce fails the first script that completes a job.
type faultOnce struct{ happened atomic.Bool }

func (*faultOnce) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*faultOnce) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *faultOnce) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.Contains(cmd.String(), ":processed:") && f.happened.CompareAndSwap(false, true) {
			err := errors.New("the connection broke")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func TestTheSweepFindsWhatAWipedRedisLost(t *testing.T) {
	store := newStore()
	count := takes(store)
	var due atomic.Bool
	store.dueLanes = func() ([]domain.Lane, error) {
		if due.Swap(false) {
			return oneOfEach, nil
		}
		return nil, nil
	}
	withWorker(t, store, words, func(t *testing.T, s shop, wire *wire) {
		for _, l := range oneOfEach { // the client knows the queues now
			s.cfg.Hints.Hint(l)
		}
		time.Sleep(10 * pollEvery)
		wire.server.FlushAll()
		due.Store(true)
		time.Sleep(sweepEvery + 10*pollEvery)
		for _, l := range oneOfEach {
			if n := count(l); n != 2 {
				t.Errorf("%s was drained %d times", l, n)
			}
		}
	})
}

func TestAWorkerWithoutRedisGoesOn(t *testing.T) {
	store := newStore()
	count := takes(store)
	var due atomic.Bool
	store.dueLanes = func() ([]domain.Lane, error) {
		if due.Load() {
			return oneOfEach, nil
		}
		return nil, nil
	}
	withWorker(t, store, words, func(t *testing.T, s shop, wire *wire) {
		wire.cut(true)
		due.Store(true)
		time.Sleep(2 * sweepEvery)
		for _, l := range oneOfEach {
			if count(l) == 0 {
				t.Errorf("%s is not drained without Redis", l)
			}
		}
		due.Store(false)
		time.Sleep(2 * sweepEvery)
		before := count("send:shop")
		s.cfg.Hints.Hint("send:shop")
		time.Sleep(2 * sweepEvery)
		if count("send:shop") == before {
			t.Error("a hint without Redis leads to no drain")
		}
		wire.cut(false)
		due.Store(true)
		time.Sleep(sweepEvery)
		before = wire.server.CommandCount()
		time.Sleep(3 * sweepEvery)
		if wire.server.CommandCount() == before {
			t.Error("Redis is not used when it is back")
		}
		due.Store(false)
	})
}

func TestAWorkerThatStopsEndsWhatItBegan(t *testing.T) {
	o := &outbox{queue: []domain.MessageID{"chat/1", "chat/2"}}
	store := o.store()
	var left, late atomic.Bool
	store.leave = func(domain.ProcessID) error { left.Store(true); return nil }
	store.release = func(domain.Lane) error { late.Store(left.Load()); return nil }
	withWorker(t, store, accepts(domain.SendTimeout-1), func(_ *testing.T, s shop, _ *wire) {
		s.cfg.Hints.Hint(shopLane)
		time.Sleep(time.Second)
	})
	if len(o.ended) != 1 || len(o.queue) != 1 {
		t.Errorf("recorded %v, left %v", o.ended, o.queue)
	}
	if !left.Load() || late.Load() {
		t.Errorf("the process left: %v; before it gave the lane back: %v", left.Load(), late.Load())
	}
}
