package groupcommit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

const (
	takes = 20 * time.Millisecond
	hangs = "hangs"
)

// A desk answers numbers by themselves, in transactions that take a while.
type desk struct {
	Batcher[string, string]
	errs map[string]error // by what is asked

	mu    sync.Mutex
	done  [][]string      // what was asked together
	begun []time.Duration // when it began
	since time.Time
}

func newDesk() *desk {
	d := &desk{since: time.Now()}
	d.Batcher = Batcher[string, string]{
		Do: d.do, Size: func(string) int { return 1 }, MaxSize: 64, FlushAt: 4, Concurrency: 2, Timeout: time.Second,
	}
	return d
}

func (d *desk) do(ctx context.Context, asked []string) (answers []string, err error) {
	d.mu.Lock()
	d.done = append(d.done, asked)
	d.begun = append(d.begun, time.Since(d.since))
	d.mu.Unlock()
	time.Sleep(takes)
	for _, q := range asked {
		switch {
		case q == hangs:
			<-ctx.Done()
			err = domain.ErrUnavailable
		case q == "panics":
			panic("at the disco")
		case d.errs[q] != nil:
			err = d.errs[q]
		}
		answers = append(answers, q)
	}
	return answers, err
}

// ask asks at once, in this order, and returns what each was told.
func (d *desk) ask(asked ...string) map[string]error {
	errs := map[string]error{}
	var callers sync.WaitGroup
	for _, q := range asked {
		callers.Go(func() {
			answer, err := d.Submit(context.Background(), q)
			if err == nil && answer != q {
				err = fmt.Errorf("is answered %s", answer)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			errs[q] = err
		})
		synctest.Wait()
	}
	callers.Wait()
	return errs
}

func count(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	return list
}

func TestGatherer(t *testing.T) {
	bad := &domain.DataError{Err: errors.New("no such text")}
	away := fmt.Errorf("%w: no connection", domain.ErrUnavailable)
	ms := func(n time.Duration) time.Duration { return n * time.Millisecond }
	for _, tt := range []struct {
		name  string
		set   func(*desk)
		asked []string
		done  [][]string      // what was done together
		begun []time.Duration // nil: not looked at
		errs  map[string]error
	}{
		{"who comes alone waits for nobody", nil, count(1), [][]string{{"0"}}, []time.Duration{0}, nil},
		{
			"who comes meanwhile goes together", nil, count(4),
			[][]string{{"0"}, {"1", "2", "3"}},
			[]time.Duration{0, takes},
			nil,
		},
		{
			"as many as are full do not wait", nil, count(6),
			[][]string{{"0"}, {"1", "2", "3", "4"}, {"5"}},
			[]time.Duration{0, 0, takes},
			nil,
		},
		{
			"but for the width", func(d *desk) { d.Concurrency = 1 }, count(6),
			[][]string{{"0"}, {"1", "2", "3", "4", "5"}},
			[]time.Duration{0, takes},
			nil,
		},
		{
			"a transaction is bounded", func(d *desk) { d.Concurrency, d.MaxSize = 1, 2 }, count(6),
			[][]string{{"0"}, {"1", "2"}, {"3", "4"}, {"5"}},
			[]time.Duration{0, takes, 2 * takes, 3 * takes},
			nil,
		},
		{
			"by size, and it holds one at least", func(d *desk) { d.Concurrency, d.MaxSize, d.Size = 1, 10, func(q string) int { return len(q) } },
			[]string{"now", "larger than any", "small", "short", "s"},
			[][]string{{"now"}, {"larger than any"}, {"small", "short"}, {"s"}},
			[]time.Duration{0, takes, 2 * takes, 3 * takes},
			nil,
		},
		{
			"few wait for the pace", func(d *desk) { d.MinInterval = ms(50) }, count(3),
			[][]string{{"0"}, {"1", "2"}},
			[]time.Duration{0, ms(50)},
			nil,
		},
		{
			"many do not", func(d *desk) { d.MinInterval = ms(50) }, count(6),
			[][]string{{"0"}, {"1", "2", "3", "4"}, {"5"}},
			[]time.Duration{0, 0, ms(50)},
			nil,
		},
		{
			"others go past one that hangs", nil,
			[]string{hangs, "1", "2"},
			[][]string{{hangs}, {"1", "2"}},
			[]time.Duration{0, maxHold},
			map[string]error{hangs: domain.ErrUnavailable},
		},
		{
			"what cannot be stored fails alone", func(d *desk) { d.errs = map[string]error{"2": bad} }, count(4),
			[][]string{{"0"}, {"1", "2", "3"}, {"1"}, {"2"}, {"3"}},
			nil,
			map[string]error{"2": bad},
		},
		{
			"a store that is away is told to all", func(d *desk) { d.errs = map[string]error{"2": away} }, count(4),
			[][]string{{"0"}, {"1", "2", "3"}},
			nil,
			map[string]error{"1": away, "2": away, "3": away},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk()
				if tt.set != nil {
					tt.set(d)
				}
				errs := d.ask(tt.asked...)
				if !slices.EqualFunc(d.done, tt.done, slices.Equal) {
					t.Errorf("did %v, want %v", d.done, tt.done)
				}
				if tt.begun != nil && !slices.Equal(d.begun, tt.begun) {
					t.Errorf("began after %v, want %v", d.begun, tt.begun)
				}
				for _, q := range tt.asked {
					if err, ok := errs[q]; !ok || !errors.Is(err, tt.errs[q]) {
						t.Errorf("%s is told %v, want %v", q, err, tt.errs[q])
					}
				}
			})
		})
	}
}

func TestAPanicIsTheErrorOfWhoCausedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := newDesk().ask("0", "panics", "2")
		if bad := (*domain.DataError)(nil); !errors.As(errs["panics"], &bad) || errs["0"] != nil || errs["2"] != nil {
			t.Errorf("told %v", errs)
		}
	})
}

func TestWhoIsGoneAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := d.Submit(ctx, "0"); !errors.Is(err, domain.ErrUnavailable) || len(d.done) != 0 {
			t.Errorf("told %v, did %v", err, d.done)
		}
	})
}

func TestEachIsAnsweredOnceHoweverManyAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.MinInterval = 3 * time.Millisecond
		var callers sync.WaitGroup
		for _, q := range count(1000) {
			callers.Go(func() {
				for range 5 {
					if answer, err := d.Submit(t.Context(), q); err != nil || answer != q {
						t.Errorf("%s is told %q, %v", q, answer, err)
					}
				}
			})
		}
		callers.Wait()
		if n := len(slices.Concat(d.done...)); n != 5000 {
			t.Errorf("did %d, want 5000", n)
		}
	})
}

// A database that takes a hundred milliseconds for each request has time for ten.
func TestASlowDatabaseIsAskedForLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk()
		d.Concurrency = 1
		d.Do = func(ctx context.Context, requests []string) ([]string, error) {
			time.Sleep(time.Duration(len(requests)) * 100 * time.Millisecond)
			return requests, ctx.Err()
		}
		begun := time.Now()
		var callers sync.WaitGroup
		for _, q := range count(64) {
			callers.Go(func() {
				for {
					_, err := d.Submit(t.Context(), q)
					if err == nil {
						return
					}
					if !errors.Is(err, domain.ErrTimeout) || !errors.Is(err, domain.ErrUnavailable) {
						t.Errorf("%s is told %v", q, err)
					}
					time.Sleep(50 * time.Millisecond)
				}
			})
		}
		callers.Wait()
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("took %v", took)
		}
		if d.limit.Of(d.MaxSize) > 20 {
			t.Errorf("it tries %d at once", d.limit.Of(d.MaxSize))
		}
	})
}
