package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A bench is a pump of numbered pieces that takes them from a stock and books
// their results. It runs by the clock of a synctest bubble.
type bench struct {
	pump[int, int]
	claims  []int   // how many pieces each claim asked for
	records [][]int // the results of each record, also of those that failed
	booked  []int
}

// newBench makes a pump of width two that takes its pieces from the stock, works
// a millisecond on each, and reports its number.
func newBench(stock ...int) *bench {
	b := &bench{}
	b.pump = pump[int, int]{
		claim: func(_ context.Context, n int, _ bool) ([]int, error) {
			n = min(n, len(stock))
			work := stock[:n]
			stock = stock[n:]
			return work, nil
		},
		do: func(_ context.Context, work int, report func(int)) {
			time.Sleep(time.Millisecond)
			report(work)
		},
		record: func(context.Context, []int) error { return nil },
		width:  func() int { return 2 },
	}
	return b
}

func (b *bench) run(ctx context.Context) error {
	claim, record := b.claim, b.record
	b.claim = func(ctx context.Context, n int, woken bool) ([]int, error) {
		b.claims = append(b.claims, n)
		return claim(ctx, n, woken)
	}
	b.record = func(ctx context.Context, results []int) error {
		b.records = append(b.records, results)
		err := record(ctx, results)
		if err == nil {
			b.booked = append(b.booked, results...)
		}
		return err
	}
	return b.pump.run(ctx)
}

// took runs the bench and returns how long it took.
func (b *bench) took(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	if err := b.run(t.Context()); err != nil {
		t.Error(err)
	}
	return time.Since(begun)
}

var errAway = errors.New("the store is away")

func TestPumpEndsWhenNothingIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		if took := b.took(t); took != idleWait || len(b.records) != 0 || len(b.claims) != 1 {
			t.Errorf("after %v, records %v, claims %v", took, b.records, b.claims)
		}
	})
}

func TestPumpWithoutWidthBeginsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2)
		b.width = func() int { return 0 }
		if took := b.took(t); took != 0 || len(b.claims) != 0 {
			t.Errorf("after %v, claims %v", took, b.claims)
		}
	})
}

func TestPumpRecordsInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2, 3, 4, 5)
		b.width = func() int { return 5 }
		b.do = func(_ context.Context, work int, report func(int)) {
			time.Sleep(time.Duration(work) * time.Millisecond)
			report(work)
		}
		b.record = func(context.Context, []int) error { time.Sleep(time.Second); return nil }
		b.took(t)
		if diff := cmp.Diff([][]int{{1}, {2, 3, 4, 5}}, b.records); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPumpLooksAtTheStoreNoMoreOftenThanItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2, 3, 4, 5)
		b.width = func() int { return 5 }
		b.pace = 10 * time.Millisecond
		b.do = func(_ context.Context, work int, report func(int)) {
			time.Sleep(time.Duration(3*work) * time.Millisecond)
			report(work)
		}
		b.took(t)
		if diff := cmp.Diff([][]int{{1, 2, 3}, {4, 5}}, b.records); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPumpClaimsUpToTheWidthAfterTheRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2, 3)
		width := 1
		b.width = func() int { return width }
		b.record = func(context.Context, []int) error { width = 2; return nil }
		b.took(t)
		if !slices.Equal(b.claims[:2], []int{1, 2}) || len(b.booked) != 3 {
			t.Errorf("claims %v, booked %v", b.claims, b.booked)
		}
	})
}

func TestPumpTriesARecordUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2, 3)
		back := time.Now().Add(time.Hour)
		b.record = func(context.Context, []int) error {
			if time.Now().Before(back) {
				if len(b.claims) > 1 {
					t.Errorf("claimed %v while a record is pending", b.claims)
				}
				return errAway
			}
			return nil
		}
		took := b.took(t)
		slices.Sort(b.booked)
		if !slices.Equal(b.booked, []int{1, 2, 3}) || took < time.Hour || took > time.Hour+5*time.Second {
			t.Errorf("booked %v after %v", b.booked, took)
		}
	})
}

func TestPumpRecordsWhatIsInFlightWhenAClaimFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2)
		stock := b.claim
		b.claim = func(ctx context.Context, n int, woken bool) ([]int, error) {
			if len(b.claims) > 1 {
				return nil, errAway
			}
			return stock(ctx, n, woken)
		}
		b.do = func(_ context.Context, work int, report func(int)) {
			time.Sleep(time.Duration(work) * time.Second)
			report(work)
		}
		if err := b.run(t.Context()); !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(b.booked, []int{1, 2}) || len(b.claims) != 2 {
			t.Errorf("booked %v, claims %v", b.booked, b.claims)
		}
	})
}

// Wherever a panic comes, the pump waits for what is in flight, records it, and
// returns the panic. Only the piece that panicked may be lost.
func TestAPanicEndsThePumpInOrder(t *testing.T) {
	tests := []struct {
		name   string
		set    func(*bench)
		booked []int
	}{
		{"in a claim", func(b *bench) {
			stock := b.claim
			b.claim = func(ctx context.Context, n int, woken bool) ([]int, error) {
				if len(b.claims) > 1 {
					panic("out of luck")
				}
				return stock(ctx, n, woken)
			}
		}, []int{1, 2, 3}},
		{"in a piece", func(b *bench) {
			do := b.do
			b.do = func(ctx context.Context, work int, report func(int)) {
				if work == 2 {
					panic("out of luck")
				}
				do(ctx, work, report)
			}
		}, []int{1, 3}},
		{"in a record", func(b *bench) {
			b.do = func(_ context.Context, work int, report func(int)) { time.Sleep(time.Second); report(work) }
			b.record = func(_ context.Context, results []int) error {
				if slices.Contains(results, 2) {
					panic("out of luck")
				}
				return nil
			}
		}, []int{1, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(1, 2, 3)
				b.width = func() int { return 3 }
				b.do = func(_ context.Context, work int, report func(int)) {
					time.Sleep(time.Duration(work) * time.Second)
					report(work)
				}
				tt.set(b)
				err := b.run(t.Context())
				if err == nil || !strings.Contains(err.Error(), "panic: out of luck") {
					t.Errorf("ended with %v", err)
				}
				slices.Sort(b.booked)
				if !slices.Equal(b.booked, tt.booked) {
					t.Errorf("booked %v, want %v", b.booked, tt.booked)
				}
			})
		})
	}
}

func TestAPumpThatFailsWaitsForWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := newBench(1, 30)
		var ended atomic.Int32
		b.do = func(_ context.Context, work int, report func(int)) {
			time.Sleep(time.Duration(work) * time.Second)
			ended.Add(1)
			report(work)
		}
		b.record = func(context.Context, []int) error { return errAway }
		time.AfterFunc(time.Second, cancel)
		if err := b.run(ctx); !errors.Is(err, errAway) || ended.Load() != 2 {
			t.Errorf("ended with %v after %d of 2 pieces", err, ended.Load())
		}
	})
}

func TestPumpBeginsWhatComesWithAFailedClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.claim = func(context.Context, int, bool) ([]int, error) { return []int{1}, errAway }
		if err := b.run(t.Context()); !errors.Is(err, errAway) || !slices.Equal(b.booked, []int{1}) {
			t.Errorf("got %v, booked %v", err, b.booked)
		}
	})
}

func TestAHintClaimsBesideASlowPiece(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		wake := make(chan struct{}, 1)
		b.wake = wake
		stock := make(chan []int, 1)
		stock <- []int{1}
		b.claim = func(context.Context, int, bool) ([]int, error) {
			select {
			case work := <-stock:
				return work, nil
			default:
				return nil, nil
			}
		}
		b.do = func(_ context.Context, work int, report func(int)) {
			if work == 1 {
				time.Sleep(time.Hour)
			}
			report(work)
		}
		time.AfterFunc(time.Second, func() { stock <- []int{2}; wake <- struct{}{} })
		if took := b.took(t); took != time.Hour+idleWait || !slices.Equal(b.booked, []int{2, 1}) {
			t.Errorf("booked %v after %v", b.booked, took)
		}
	})
}

func TestAClaimKnowsWhetherAHintCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 2, 3)
		wake := make(chan struct{}, 1)
		b.wake = wake
		b.width = func() int { return 1 }
		stock := b.claim
		var got []bool
		b.claim = func(ctx context.Context, n int, woken bool) ([]int, error) {
			got = append(got, woken)
			return stock(ctx, n, woken)
		}
		b.do = func(_ context.Context, work int, report func(int)) {
			if work == 2 {
				wake <- struct{}{} // while it is in flight, and nothing may be claimed
			}
			report(work)
		}
		b.took(t)
		if want := []bool{true, false, true, false}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestPumpThatIsStopped(t *testing.T) {
	tests := []struct {
		name   string
		away   bool
		booked []int
		least  time.Duration
	}{
		{"begins no more and records what was begun", false, []int{1, 2}, time.Second},
		{"gives up a store that stays away", true, nil, 500*time.Millisecond + stopTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				b := newBench(1, 2, 3, 4)
				b.width = func() int {
					if ctx.Err() != nil {
						return 0
					}
					return 2
				}
				b.do = func(_ context.Context, work int, report func(int)) { time.Sleep(time.Second); report(work) }
				b.record = func(ctx context.Context, _ []int) error {
					if tt.away {
						return errAway
					}
					return ctx.Err()
				}
				time.AfterFunc(500*time.Millisecond, cancel)
				begun := time.Now()
				err := b.run(ctx)
				slices.Sort(b.booked)
				if !slices.Equal(b.booked, tt.booked) || (err != nil) != tt.away || len(b.claims) != 1 {
					t.Errorf("booked %v, claims %v, %v", b.booked, b.claims, err)
				}
				if took := time.Since(begun); took < tt.least || took > tt.least+3*time.Second {
					t.Errorf("took %v, want about %v", took, tt.least)
				}
			})
		})
	}
}

// A piece reports its number a number of times, and takes a while each time.
type piece struct {
	times int
	each  time.Duration
}

// Whatever the pieces, the widths and the failures of the store: no more pieces
// are in flight than the width, every result is recorded once, and those of a
// piece in their order.
func TestPumpLosesNothing(t *testing.T) {
	ms := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 20).Draw(t, "ms")) * time.Millisecond
	})
	aPiece := rapid.Custom(func(t *rapid.T) piece {
		return piece{rapid.IntRange(0, 4).Draw(t, "times"), ms.Draw(t, "each")}
	})
	rapid.Check(t, func(rt *rapid.T) {
		pieces := rapid.SliceOfN(aPiece, 0, 20).Draw(rt, "pieces")
		width := rapid.IntRange(1, 5).Draw(rt, "width")
		fails := rapid.SliceOfN(rapid.Bool(), 10, 10).Draw(rt, "fails")
		commit := ms.Draw(rt, "commit")
		booked, widest := map[int][]int{}, 0
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			inFlight, begun, commits := 0, 0, 0
			enter := func(n int) {
				mu.Lock()
				defer mu.Unlock()
				inFlight += n
				widest = max(widest, inFlight)
			}
			p := pump[int, [2]int]{
				width: func() int { return width },
				claim: func(_ context.Context, n int, _ bool) (work []int, _ error) {
					for ; len(work) < n && begun < len(pieces); begun++ {
						work = append(work, begun)
					}
					return work, nil
				},
				do: func(_ context.Context, i int, report func([2]int)) {
					enter(1)
					for n := range pieces[i].times {
						time.Sleep(pieces[i].each)
						report([2]int{i, n})
					}
					enter(-1)
				},
				record: func(_ context.Context, results [][2]int) error {
					time.Sleep(commit)
					commits++
					if commits < len(fails) && fails[commits] {
						return errAway
					}
					for _, r := range results {
						booked[r[0]] = append(booked[r[0]], r[1])
					}
					return nil
				},
			}
			if err := p.run(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if widest > width {
			rt.Fatalf("%d pieces in flight, the width is %d", widest, width)
		}
		for i, piece := range pieces {
			want := make([]int, piece.times)
			for n := range want {
				want[n] = n
			}
			if !slices.Equal(booked[i], want) {
				rt.Fatalf("piece %d: recorded %v, want %v", i, booked[i], want)
			}
		}
	})
}
