package jobs

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"recado/domain"
)

// A board is Hints that run, over a Redis by the clock of a bubble.
type board struct {
	*Hints
	redis *miniredis.Miniredis
	log   *bytes.Buffer
}

func onBoard(t *testing.T, test func(t *testing.T, b board)) {
	synctest.Test(t, func(t *testing.T) {
		server := miniredis.NewMiniRedis()
		defer server.Close()
		client := redis.NewClient(&redis.Options{
			Addr: "127.0.0.1:1", MaxRetries: -1,
			Dialer: func(context.Context, string, string) (net.Conn, error) { return server.Dial() },
		})
		defer client.Close()
		var log bytes.Buffer
		h := NewHints(client, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { h.Run(ctx) })
		synctest.Wait()
		test(t, board{h, server, &log})
		cancel()
		wg.Wait()
	})
}

// jobs counts those that wait in a queue.
func (b board) jobs(t *testing.T, queue string) int {
	t.Helper()
	synctest.Wait()
	list, err := b.redis.List("asynq:{" + queue + "}:pending")
	if err != nil && err != miniredis.ErrKeyNotFound {
		t.Fatal(err)
	}
	return len(list)
}

func TestTheFirstHintLeavesAtOnce(t *testing.T) {
	onBoard(t, func(t *testing.T, b board) {
		for _, l := range []domain.Lane{"inbox:3", "send:shop", "callback:crm", "replay:crm", "media:shop"} {
			b.Hint(l)
		}
		for _, queue := range domain.Lanes {
			if n := b.jobs(t, string(queue.Kind)); n != 1 {
				t.Errorf("%d jobs in %s", n, queue.Kind)
			}
		}
	})
}

func TestManyHintsOfALaneAreFewJobs(t *testing.T) {
	onBoard(t, func(t *testing.T, b board) {
		for range 100 {
			b.Hint("inbox:3")
			b.Hint("send:shop")
			time.Sleep(time.Millisecond)
		}
		time.Sleep(hintEvery) // the last must leave too
		for queue, want := range map[string]int{"inbox": 6, "send": 6} {
			if n := b.jobs(t, queue); n < want-1 || n > want {
				t.Errorf("%d jobs in %s, want %d", n, queue, want)
			}
		}
		before := b.jobs(t, "inbox")
		time.Sleep(time.Second)
		if n := b.jobs(t, "inbox"); n != before {
			t.Errorf("%d jobs without a hint", n-before)
		}
	})
}

func TestAHintDuringAnotherIsNotLost(t *testing.T) {
	onBoard(t, func(t *testing.T, b board) {
		b.Hint("inbox:3")
		b.jobs(t, "inbox")
		b.Hint("inbox:3") // too early
		if n := b.jobs(t, "inbox"); n != 1 {
			t.Errorf("%d jobs", n)
		}
		time.Sleep(hintEvery)
		if n := b.jobs(t, "inbox"); n != 2 {
			t.Errorf("%d jobs, the second hint is lost", n)
		}
	})
}

func TestAHintWithoutRedisAndWorkerIsLoggedAndForgotten(t *testing.T) {
	onBoard(t, func(t *testing.T, b board) {
		b.redis.SetError("away")
		b.Hint("inbox:3")
		if n := b.jobs(t, "inbox"); n != 0 || strings.Count(b.log.String(), "Redis takes no jobs") != 1 {
			t.Errorf("%d jobs, logged %s", n, b.log)
		}
		b.redis.SetError("")
		time.Sleep(hintEvery)
		b.Hint("inbox:3") // as the sweep does
		if n := b.jobs(t, "inbox"); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

func TestTheQueuesAreAnnouncedAgainToAWipedRedis(t *testing.T) {
	onBoard(t, func(t *testing.T, b board) {
		b.Hint("inbox:3")
		b.jobs(t, "inbox")
		b.redis.FlushAll()
		b.renewClient()
		time.Sleep(hintEvery)
		b.Hint("inbox:3")
		if n := b.jobs(t, "inbox"); n != 1 {
			t.Errorf("%d jobs", n)
		}
		if queues, err := b.redis.SMembers("asynq:queues"); err != nil || !slices.Equal(queues, []string{"inbox"}) {
			t.Errorf("announced %v, %v: a queue that is not announced is not watched", queues, err)
		}
	})
}

func TestHintNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a goroutine that blocks for ever fails the bubble
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"}) // never dialled: Run does not run
		defer client.Close()
		h := NewHints(client, slog.New(slog.DiscardHandler))
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				for n := range 1000 {
					h.Hint(domain.SendLane(domain.ConnectionID(fmt.Sprint(i * n % 97))))
				}
			})
		}
		wg.Wait()
	})
}
