package webhooks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A library counts how often it is asked for a hook.
type library struct {
	mu    sync.Mutex
	asked int
	hooks map[domain.HookID]domain.Hook
	err   error
}

func (l *library) load(_ context.Context, id domain.HookID) (domain.Hook, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.err != nil {
		return domain.Hook{}, l.err
	}
	if hook, ok := l.hooks[id]; ok {
		return hook, nil
	}
	return domain.Hook{}, fmt.Errorf("hook %s: %w", id, domain.ErrNotFound)
}

func TestHowLongAHookIsCached(t *testing.T) {
	tests := []struct {
		name  string
		id    domain.HookID
		away  bool
		after time.Duration
		asked int
	}{
		{"a hook for ten seconds", "meta", false, hookTTL - 1, 1},
		{"but no longer", "meta", false, hookTTL, 2},
		{"a missing hook for a second", "nobody", false, missingTTL - 1, 1},
		{"but no longer", "nobody", false, missingTTL, 2},
		{"an error of the store not at all", "meta", true, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &library{hooks: map[domain.HookID]domain.Hook{"meta": {ID: "meta"}}}
				if tt.away {
					l.err = domain.ErrUnavailable
				}
				c := newHookCache(l.load)
				_, first := c.get(t.Context(), tt.id)
				time.Sleep(tt.after)
				_, second := c.get(t.Context(), tt.id)
				if l.asked != tt.asked {
					t.Errorf("asked %d times, want %d", l.asked, tt.asked)
				}
				for _, err := range []error{first, second} {
					if errors.Is(err, domain.ErrNotFound) != (tt.id == "nobody") || errors.Is(err, domain.ErrUnavailable) != tt.away {
						t.Errorf("got %v", err)
					}
				}
			})
		})
	}
}

// While the store is away, or hangs, a hook that was read before is answered as it was.
// The store is not asked for it by every webhook.
func TestAKnownHookStaysKnownWhileTheStoreIsAway(t *testing.T) {
	away := func(context.Context) error { return domain.ErrUnavailable }
	hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, load := range map[string]func(context.Context) error{"away": away, "hangs": hangs} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, works := 0, true
				c := newHookCache(func(ctx context.Context, id domain.HookID) (domain.Hook, error) {
					asked++
					if !works {
						return domain.Hook{}, load(ctx)
					}
					return domain.Hook{ID: id}, nil
				})
				get := func(what string, want int) {
					t.Helper()
					if hook, err := c.get(t.Context(), "meta"); err != nil || hook.ID != "meta" || asked != want {
						t.Errorf("%s: got %v, %v after %d questions, want %d", what, hook, err, asked, want)
					}
				}
				get("at first", 1)
				works = false
				time.Sleep(hookTTL)
				get("the store is away", 2)
				get("and again", 2)
				bounded, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := c.refresh(bounded, "meta", time.Now()); err == nil {
					t.Error("what the store has now is not known")
				}
				time.Sleep(missingTTL)
				works = true
				get("the store is back", 4)
				time.Sleep(hookTTL - 1)
				get("and for ten seconds", 4)
			})
		})
	}
}

func TestUnknownHooksTakeBoundedMemory(t *testing.T) {
	c := newHookCache((&library{}).load)
	for i := range 3 * maxEntries {
		if _, err := c.get(t.Context(), domain.HookID(fmt.Sprint(i))); !errors.Is(err, domain.ErrNotFound) {
			t.Fatal(err)
		}
		if n := len(c.entries); n > maxEntries {
			t.Fatalf("%d entries", n)
		}
	}
}

func TestConcurrentForgedCallsQueryTheStoreTwiceAtMost(t *testing.T) {
	const calls = 200
	var arrived, done sync.WaitGroup
	arrived.Add(calls)
	l := &library{hooks: map[domain.HookID]domain.Hook{"meta": {ID: "meta"}}}
	c := newHookCache(func(ctx context.Context, id domain.HookID) (domain.Hook, error) {
		arrived.Wait() // the first question is open until all have come
		return l.load(ctx, id)
	})
	for range calls {
		done.Go(func() {
			since := time.Now()
			arrived.Done()
			if hook, err := c.refresh(t.Context(), "meta", since); err != nil || hook.ID != "meta" {
				t.Errorf("got %v, %v", hook, err)
			}
		})
	}
	done.Wait()
	if l.asked > 2 {
		t.Errorf("%d calls asked %d times", calls, l.asked)
	}
}
