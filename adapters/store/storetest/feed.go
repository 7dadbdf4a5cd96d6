package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"recado/domain"
)

var feedRows = []row{
	{"the feed has every event of the company once, page by page", func(t lab) {
		for i := range 7 {
			t.applyEach(toPhone(i, says(domain.PeerID(fmt.Sprint("peer-", i%2)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		var list []hearing
		place := domain.FeedPlace{}
		for more := true; more; {
			page := t.feed(place, 3)
			if len(page.Events) > 3 {
				t.Fatalf("%d events on a page of 3", len(page.Events))
			}
			list, place, more = append(list, t.hearings(page)...), page.Next, page.More
		}
		t.same("events", list, t.heard(crm))
		if page := t.feed(place, 3); len(page.Events) > 0 || page.More {
			t.Errorf("after the end there is %+v", page)
		}
		t.applyEach(toPhone(9, says(peer, "in.9", "late")))
		if page := t.feed(place, 3); len(page.Events) != 1 {
			t.Errorf("%d events after the place, want the one that is new", len(page.Events))
		}
	}},
	{"each event of the feed gives the place after it", func(t lab) {
		for i := range 4 {
			t.apply(toPhone(i, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), "hello")), toPhone(i, domain.MessageEdited{ProviderID: domain.ProviderID(fmt.Sprint("in.", i)), ByPeer: true, Text: "two"}))
		}
		all := t.feed(domain.FeedPlace{}, 100).Events
		if len(all) != 8 {
			t.Fatalf("%d events, want 8", len(all))
		}
		for i, e := range all {
			rest := t.feed(e.Place, 100).Events
			t.same("events after the place", rest, all[i+1:])
		}
	}},
	{"nobody reads the events of another company", func(t lab) {
		end, err := t.store.FeedEnd(t.Context())
		t.must(err)
		t.applyEach(toPhone(1, says(peer, "in.1", "one")))
		page, err := t.store.Events(t.Context(), globex, domain.EventQuery{Limit: 10})
		t.must(err)
		news, err := t.store.HaveEvents(t.Context(), map[domain.CompanyID]domain.FeedPlace{globex: end})
		t.must(err)
		if len(page.Events) > 0 || len(news) > 0 {
			t.Errorf("globex reads %d events, and is told of %v", len(page.Events), news)
		}
	}},
	{"events are in the feed also without an endpoint", func(t lab) {
		u := toPhone(1, says("79991112233", "in.1", "one"))
		u.Account = "2077"
		r := everything()
		r.Complete = true
		r.Endpoints = nil
		t.declare(r)
		t.applyEach(u)
		t.settle()
		page, err := t.store.Events(t.Context(), globex, domain.EventQuery{Limit: 10})
		t.must(err)
		if got := t.hearings(page); len(got) == 0 || got[len(got)-1].Type != domain.EventMessageCreated {
			t.Errorf("the feed has %+v", got)
		}
	}},
	{"a filter leaves out other types, and its place passes over them in bounded steps", func(t lab) {
		var batch []domain.Update
		for i := range 2500 {
			batch = append(batch, toPhone(i, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		t.apply(batch...)
		place, steps := domain.FeedPlace{}, 0
		for more := true; more; steps++ {
			page := t.feed(place, 10, domain.EventChatBlocked, domain.EventChatMerged)
			if len(page.Events) > 0 || page.Next == place {
				t.Fatalf("a page of %d events, next %+v after %+v", len(page.Events), page.Next, place)
			}
			place, more = page.Next, page.More
		}
		if steps != 2 {
			t.Errorf("2500 events are passed over in %d steps", steps)
		}
		t.applyEach(asks(domain.BlockRequested{Chat: t.chat(peer).ID, By: "ana", Block: true}), toPhone(9999, says("b", "in.b", "hello")))
		page := t.feed(place, 10, domain.EventChatBlocked, domain.EventChatMerged)
		if got := t.hearings(page); len(got) != 1 || got[0].Type != domain.EventChatBlocked {
			t.Errorf("the feed has %+v", got)
		}
	}},
	{"a page is bounded in bytes, but holds one event at least", func(t lab) {
		const large = 700_000
		for i := range 4 {
			t.applyEach(toPhone(i, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), strings.Repeat("x", large*(1+i%2)))))
		}
		var sizes []int
		place := domain.FeedPlace{}
		for more := true; more; {
			page := t.feed(place, 100)
			sizes, place, more = append(sizes, len(page.Events)), page.Next, page.More
		}
		t.same("events on each page", sizes, []int{2, 2})
	}},
	{"the end of the feed is after all that is committed", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")))
		t.settle()
		end, err := t.store.FeedEnd(t.Context())
		t.must(err)
		if page := t.feed(end, 10); len(page.Events) > 0 {
			t.Errorf("after the end: %+v", t.hearings(page))
		}
		t.hasNews(map[domain.CompanyID]domain.FeedPlace{acme: end})
		t.applyEach(toPhone(2, says(peer, "in.2", "two")))
		t.settle() // an event of globex
		t.hasNews(map[domain.CompanyID]domain.FeedPlace{acme: end, globex: end}, acme, globex)
		if page := t.feed(end, 10); len(page.Events) != 1 {
			t.Errorf("after the end of before: %+v", t.hearings(page))
		}
	}},
	{"a place expires before its events are deleted", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")))
		place := t.feed(domain.FeedPlace{}, 10).Next
		t.pass(domain.FeedRetention - time.Minute)
		t.feed(place, 10)
		t.pass(2 * time.Minute)
		t.expired(place)
		if page := t.feed(domain.FeedPlace{}, 10); len(page.Events) > 0 {
			t.Errorf("the feed begins with %+v", t.hearings(page))
		}
	}},
	{"a place that was never reached, as of a database that was restored, is expired", func(t lab) {
		end, err := t.store.FeedEnd(t.Context())
		t.must(err)
		end.Stamp += 1000
		t.expired(end)
	}},
	{"a reader beside many writers gets each event once, and those of a chat in order", func(t lab) {
		const workers, batches, chats = 4, 30, 5
		var writing atomic.Int64
		writing.Store(workers)
		r := &feedReader{seen: map[string]bool{}, last: map[domain.ChatID]int64{}}
		together(workers+1, func(w int) {
			if w == workers {
				for writing.Load() > 0 {
					r.read(t)
				}
				return
			}
			defer writing.Add(-1)
			for i := range batches {
				var batch []domain.Update
				for c := range chats {
					batch = append(batch, toPhone(i, says(domain.PeerID(fmt.Sprint("peer-", c)), domain.ProviderID(fmt.Sprint(w, ".", i, ".", c)), "hello")))
				}
				t.later(w, batch...)
			}
		})
		t.settle()
		for r.read(t) {
		}
		if want := len(t.heard(crm)); len(r.seen) != want {
			t.Errorf("the feed had %d events of %d", len(r.seen), want)
		}
	}},
}

// A feedReader reads the feed of acme page by page, and checks each event.
type feedReader struct {
	place domain.FeedPlace
	seen  map[string]bool         // ids of events
	last  map[domain.ChatID]int64 // seq of the last event
}

// read reads a page, and reports whether there may be more.
func (r *feedReader) read(t lab) (more bool) {
	page, err := t.store.Events(t.Context(), acme, domain.EventQuery{After: r.place, Limit: 7})
	if err != nil {
		t.Error(err)
	}
	for _, e := range page.Events {
		var h struct {
			hearing
			ID string
		}
		if err := json.Unmarshal(e.Body, &h); err != nil {
			t.Error(err)
		}
		if r.last[h.Chat.ID]++; r.seen[h.ID] || h.Chat.Seq != r.last[h.Chat.ID] {
			t.Errorf("event %s with seq %d comes as number %d of its chat, and before: %v", h.ID, h.Chat.Seq, r.last[h.Chat.ID], r.seen[h.ID])
		}
		r.seen[h.ID] = true
	}
	r.place = page.Next
	return page.More
}

// settle waits until all that is committed is before the end of the feed. The
// database may have transactions of its own, which hold it up for a moment.
func (t lab) settle() {
	t.Helper()
	end, err := t.store.FeedEnd(t.Context())
	t.must(err)
	u := toPhone(1, says(peer, domain.ProviderID("settle."+fmt.Sprint(time.Now().UnixNano())), "hello"))
	u.Account = "2077" // of globex
	t.applyEach(u)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(time.Millisecond) {
		news, err := t.store.HaveEvents(t.Context(), map[domain.CompanyID]domain.FeedPlace{globex: end})
		t.must(err)
		if len(news) > 0 {
			return
		}
	}
	t.Fatal("the feed stands still")
}

// feed reads a page of acme's feed.
func (t lab) feed(after domain.FeedPlace, limit int, types ...domain.EventType) domain.EventPage {
	t.Helper()
	t.settle()
	page, err := t.store.Events(t.Context(), acme, domain.EventQuery{After: after, Types: types, Limit: limit})
	t.must(err)
	return page
}

func (t lab) expired(place domain.FeedPlace) {
	t.Helper()
	if _, err := t.store.Events(t.Context(), acme, domain.EventQuery{After: place, Limit: 1}); !errors.Is(err, domain.ErrFeedExpired) {
		t.Errorf("a page after %+v: %v", place, err)
	}
}

// hasNews checks which companies have events after the places.
func (t lab) hasNews(after map[domain.CompanyID]domain.FeedPlace, want ...domain.CompanyID) {
	t.Helper()
	got, err := t.store.HaveEvents(t.Context(), after)
	t.must(err)
	slices.Sort(got)
	t.same("companies with news", got, want)
}

func (t lab) hearings(page domain.EventPage) (list []hearing) {
	t.Helper()
	for _, e := range page.Events {
		var h hearing
		t.must(json.Unmarshal(e.Body, &h))
		list = append(list, h)
	}
	return list
}
