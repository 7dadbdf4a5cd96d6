package webhooks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

const commitTakes = 5 * time.Millisecond

// ledger is a store whose commits take a while, by the clock of a bubble.
type ledger struct {
	mu      sync.Mutex
	commits [][]domain.Webhook
}

func (l *ledger) append(_ context.Context, hooks []domain.Webhook) error {
	time.Sleep(commitTakes)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits = append(l.commits, hooks)
	for _, h := range hooks {
		if h.Hook == "guilty" {
			return errors.New("cannot be stored")
		}
	}
	return nil
}

// inBubble runs a test of a committer over a ledger.
func inBubble(t *testing.T, test func(t *testing.T, c *committer, l *ledger)) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		c := newCommitter(l.append)
		defer c.close()
		test(t, c, l)
	})
}

// appendAll appends n webhooks at once and returns what each was answered.
func appendAll(c *committer, n int, hook func(i int) domain.Webhook) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = c.append(hook(i)) })
	}
	wg.Wait()
	return errs
}

func numbered(i int) domain.Webhook { return domain.Webhook{Hook: domain.HookID(fmt.Sprint(i))} }

func TestALoneWebhookWaitsForNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, c *committer, l *ledger) {
		for range 3 {
			begun := time.Now()
			if err := c.append(numbered(1)); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took != commitTakes {
				t.Errorf("took %v, the commit %v", took, commitTakes)
			}
		}
	})
}

func TestConcurrentWebhooksShareCommits(t *testing.T) {
	inBubble(t, func(t *testing.T, c *committer, l *ledger) {
		for i, err := range appendAll(c, 500, numbered) {
			if err != nil {
				t.Errorf("webhook %d: %v", i, err)
			}
		}
		if n := len(l.commits); n > 2 {
			t.Errorf("500 webhooks took %d commits", n)
		}
		var stored []domain.HookID
		for _, h := range slices.Concat(l.commits...) {
			stored = append(stored, h.Hook)
		}
		slices.Sort(stored)
		if len(stored) != 500 || len(slices.Compact(stored)) != 500 {
			t.Errorf("stored %d of 500, or one twice", len(stored))
		}
	})
}

func TestACommitIsBounded(t *testing.T) {
	tests := []struct {
		name      string
		webhooks  int
		body      []byte // they share it
		most      int
		fewest    int // commits
		mostTimes int
	}{
		{"by rows", 3500, nil, commitRows, 4, 6},
		{"by bytes", 20, make([]byte, 4<<20), 2, 10, 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *committer, l *ledger) {
				appendAll(c, tt.webhooks, func(int) domain.Webhook { return domain.Webhook{Body: tt.body} })
				for _, batch := range l.commits {
					if len(batch) > tt.most {
						t.Errorf("a commit has %d webhooks, want %d at most", len(batch), tt.most)
					}
				}
				if n := len(l.commits); n < tt.fewest || n > tt.mostTimes {
					t.Errorf("%d commits, want %d to %d", n, tt.fewest, tt.mostTimes)
				}
			})
		})
	}
}

func TestAFailedCommitFailsItsOwnWebhooks(t *testing.T) {
	inBubble(t, func(t *testing.T, c *committer, l *ledger) {
		errs := appendAll(c, 500, func(i int) domain.Webhook {
			if i == 250 {
				return domain.Webhook{Hook: "guilty"}
			}
			return numbered(i)
		})
		failed := map[domain.HookID]bool{}
		for _, batch := range l.commits {
			if slices.ContainsFunc(batch, func(h domain.Webhook) bool { return h.Hook == "guilty" }) {
				for _, h := range batch {
					failed[h.Hook] = true
				}
			}
		}
		for i, err := range errs {
			if lost := i == 250 || failed[numbered(i).Hook]; (err != nil) != lost {
				t.Errorf("webhook %d: %v, its commit failed: %v", i, err, lost)
			}
		}
	})
}

func TestAStoreThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommitter(func(ctx context.Context, _ []domain.Webhook) error { <-ctx.Done(); return ctx.Err() })
		defer c.close()
		begun := time.Now()
		if err := c.append(numbered(1)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != commitTimeout {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

func TestCloseWaitsForTheLastCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		c := newCommitter(l.append)
		answered := make(chan []error, 1)
		go func() { answered <- appendAll(c, 100, numbered) }()
		synctest.Wait()
		c.close()
		if n := len(slices.Concat(l.commits...)); n != 100 {
			t.Errorf("closed with %d of 100 committed", n)
		}
		if err := errors.Join(<-answered...); err != nil {
			t.Error(err)
		}
	})
}
