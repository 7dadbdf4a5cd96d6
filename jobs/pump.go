package jobs

import (
	"context"
	"sync"
	"time"
)

// A pump keeps pieces of a lane's work under way, up to a width, and commits
// what came of them together: while one commit runs, the next gathers.
type pump[W, R any] struct {
	// claim commits that up to n pieces of work are begun, and returns them. News
	// is false if nobody nudged since the last claim.
	claim func(ctx context.Context, n int, news bool) ([]W, error)
	// do works on one piece and reports what came of it, once or several times.
	do func(ctx context.Context, work W, report func(R))
	// record commits what came of the work.
	record func(ctx context.Context, results []R) error
	// width tells how many pieces may be under way now; 0: begin no more.
	width func() int
	// nudge says that there may be more to claim.
	nudge <-chan struct{}
	// pace is from one look at the store to the next, at least, while little is
	// under way; zero: none. What comes meanwhile is claimed, and recorded, together.
	pace time.Duration
}

// run works until there is nothing to claim for a while, and what was begun is
// recorded. A record that fails is tried until it succeeds: an answer must not
// be lost while this process lives and its store may come back. Nothing is
// claimed after a claim that failed.
func (p pump[W, R]) run(ctx context.Context) error {
	var (
		came    = gathered[R]{wake: make(chan struct{}, 1)}
		busy    int // pieces under way, or whose end was not seen yet
		news    = true
		claimed error
	)
	for {
		looked := time.Now()
		results, ended := came.take()
		busy -= ended
		if len(results) > 0 {
			if err := p.surely(ctx, results); err != nil {
				return err
			}
		}
		width := p.width()
		if n := width - busy; n > 0 && claimed == nil {
			var work []W
			news = nudged(p.nudge) || news
			work, claimed = p.claim(ctx, n, news)
			news = false
			busy += len(work)
			for _, w := range work {
				go func() {
					p.do(ctx, w, came.add)
					came.end()
				}()
			}
		}
		if busy == 0 {
			if claimed != nil || width == 0 || !more(ctx, p.nudge) {
				return claimed
			}
			news = true
			continue
		}
		select {
		case <-came.wake:
		case <-p.nudge:
			news = true
		}
		if busy < fullBatch {
			pause(ctx, nil, p.pace-time.Since(looked))
		}
	}
}

// nudged takes a nudge, if there is one.
func nudged(nudge <-chan struct{}) bool {
	select {
	case <-nudge:
		return true
	default:
		return false
	}
}

// gathered is what came of the work since it was last taken.
type gathered[R any] struct {
	wake chan struct{} // holds one: something came

	mu      sync.Mutex // guards following
	results []R
	ended   int // pieces that report nothing more
}

func (g *gathered[R]) add(r R) { g.change(func() { g.results = append(g.results, r) }) }

func (g *gathered[R]) end() { g.change(func() { g.ended++ }) }

func (g *gathered[R]) change(f func()) {
	g.mu.Lock()
	f()
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// take empties it. With the end of a piece come all of its results, or they
// came before.
func (g *gathered[R]) take() (results []R, ended int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	results, ended = g.results, g.ended
	g.results, g.ended = nil, 0
	return results, ended
}

// surely records, again and again while the store is away; the lane is kept
// meanwhile. A program that is told to stop gives up after a while: the
// attempts stay open and are judged by who comes next.
func (p pump[W, R]) surely(ctx context.Context, done []R) error {
	giveUp := time.Now().Add(stopWithin)
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		err := p.record(try, done)
		cancel()
		if err == nil || ctx.Err() != nil && time.Now().After(giveUp) {
			return err
		}
		if ctx.Err() == nil {
			giveUp = time.Now().Add(stopWithin)
		}
		<-time.After(wait)
	}
}
