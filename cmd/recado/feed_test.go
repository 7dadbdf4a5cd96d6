package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Three slow readers of the feed, two that poll and one that is connected, get each
// event that a CRM gets, once and in the order of its chat, while the program is
// killed again and again.
func TestTheFeedGivesEachEventOnceThroughKills(t *testing.T) {
	t.Parallel()
	messages, kills := 1500, 3
	if *long {
		messages, kills = 50_000, 10
	}
	program := build(t)
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.program = program
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			var done atomic.Bool // nothing more will happen
			readers := []*feedReader{newFeedReader(w, 50), newFeedReader(w, 10), newFeedReader(w, 200)}
			var reading sync.WaitGroup
			for i, r := range readers {
				read := r.poll
				if i == 2 {
					read = r.follow
				}
				reading.Go(func() {
					for !done.Load() {
						if !read() { // the program is being killed
							<-time.After(20 * time.Millisecond)
						}
					}
				})
			}
			writeThroughKills(w, messages, kills)
			wait := time.Minute + time.Duration(messages)*10*time.Millisecond // of a machine that does other things, too
			eventually(t, "the CRM has every message", wait, func() bool { return len(crm.heard("acme", 0)) == messages })
			eventually(t, "the readers have every event", wait, func() bool {
				return readers[0].count() == messages && readers[1].count() == messages && readers[2].count() == messages
			})
			done.Store(true)
			clientsWrite(w, 1) // the stream ends with it
			reading.Wait()
			want := map[string]bool{}
			for _, e := range crm.heard("acme", 0) {
				want[e.ID] = true
			}
			for i, r := range readers {
				r.check(t, i, want)
			}
		})
	}
}

// writeThroughKills lets clients write so many messages, ten in a webhook, and kills
// the program at even distances.
func writeThroughKills(w *world, messages, kills int) {
	const each = 10
	var acked atomic.Int64
	var writers sync.WaitGroup
	next := make(chan int)
	for range 4 {
		writers.Go(func() {
			for n := range next {
				var texts []string
				for i := range each {
					texts = append(texts, fmt.Sprintf("m-%d-%d", n, i))
				}
				for w.post(textBody("106540352242922", fmt.Sprint(5_000_000+n%40), texts...)) != http.StatusOK {
					<-time.After(20 * time.Millisecond)
				}
				acked.Add(each)
			}
		})
	}
	go func() {
		defer close(next)
		for n := range messages / each {
			next <- n
		}
	}()
	for k := range kills {
		eventually(w.t, "more was written", 60*time.Second, func() bool { return int(acked.Load()) >= messages*(k+1)/(kills+1) })
		w.kill()
		w.start()
	}
	writers.Wait()
}

// A feedReader reads the feed of acme from its start and remembers what it got.
type feedReader struct {
	world *world
	limit int

	mu     sync.Mutex
	cursor string
	events []event
}

func newFeedReader(w *world, limit int) *feedReader { return &feedReader{world: w, limit: limit} }

func (r *feedReader) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

func (r *feedReader) take(cursor string, events ...event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cursor, r.events = cursor, append(r.events, events...)
}

// poll reads a page.
func (r *feedReader) poll() bool {
	var page struct {
		Data       []event
		NextCursor string `json:"next_cursor"`
	}
	path := fmt.Sprintf("/v1/events?wait=1&types=message.created&limit=%d&after=%s", r.limit, url.QueryEscape(r.cursor))
	status, err := r.world.call(anaKey, http.MethodGet, path, nil, &page)
	if err != nil || status != http.StatusOK {
		return false
	}
	r.take(page.NextCursor, page.Data...)
	return true
}

// follow reads the stream until it breaks, or a client writes after the last message.
func (r *feedReader) follow() bool {
	request, err := http.NewRequestWithContext(r.world.t.Context(), http.MethodGet, "http://"+r.world.public+"/v1/events?types=message.created", nil)
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", r.cursor)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	id := ""
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "data":
			var e event
			if json.Unmarshal([]byte(value), &e) != nil {
				return false // the program was killed
			}
			if strings.HasPrefix(e.Data.Message.Text, "hello-") {
				return true
			}
			r.take(id, e)
		}
	}
	return false
}

// check compares the events with those that the CRM got.
func (r *feedReader) check(t *testing.T, i int, want map[string]bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen, last := map[string]bool{}, map[string]int64{}
	for _, e := range r.events {
		if seen[e.ID] || !want[e.ID] && !strings.HasPrefix(e.Data.Message.Text, "hello-") {
			t.Errorf("reader %d got %s twice, or the CRM never", i, e.ID)
		}
		if last[e.Chat.ID]++; e.Chat.Seq != last[e.Chat.ID] {
			t.Errorf("reader %d got seq %d of chat %s after %d", i, e.Chat.Seq, e.Chat.ID, last[e.Chat.ID]-1)
		}
		seen[e.ID] = true
	}
}
