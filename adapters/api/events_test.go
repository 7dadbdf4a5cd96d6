package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/julienschmidt/httprouter"

	"recado/adapters/feed"
	"recado/domain"
)

// A fakeFeed is the feed of acme in a fakeStore. Only its methods may be called
// while calls wait.
type fakeFeed struct {
	mu      sync.Mutex
	events  []domain.FeedEvent
	by      []domain.EventQuery // that were asked for
	looks   int                 // of HaveEvents
	revoked bool                // every key
}

// happens adds an event.
func (f *fakeFeed) happens(typ domain.EventType) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := int64(len(f.events) + 1)
	body := fmt.Sprintf(`{"id":"evt_%d","type":"%s","version":1,"occurred_at":"2026-01-02T03:04:05.678Z","company_id":"acme","data":{"text":"¿<b> & más?"}}`, n, typ)
	f.events = append(f.events, domain.FeedEvent{Place: domain.FeedPlace{Stamp: n, Pos: 1, Time: now}, Body: []byte(body)})
}

// happened is a store with an event.
func happened() *fakeStore {
	f := &fakeFeed{}
	f.happens(domain.EventChatBlocked)
	return &fakeStore{fakeFeed: f}
}

func (f *fakeFeed) end() domain.FeedPlace {
	return domain.FeedPlace{Stamp: int64(len(f.events) + 1), Time: now}
}

// Events implements domain.Feed, one event of another type a page.
func (f *fakeFeed) Events(_ context.Context, company domain.CompanyID, q domain.EventQuery) (domain.EventPage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by = append(f.by, q)
	if q.After.Stamp > int64(len(f.events)+1) {
		return domain.EventPage{}, domain.ErrFeedExpired
	}
	page := domain.EventPage{Next: f.end()}
	for _, e := range f.events {
		wanted := len(q.Types) == 0 || slices.ContainsFunc(q.Types, func(t domain.EventType) bool { return strings.Contains(string(e.Body), string(t)) })
		switch {
		case company != "acme" || !q.After.Before(e.Place):
		case len(page.Events) == q.Limit:
			page.More, page.Next = true, page.Events[q.Limit-1].Place
			return page, nil
		case wanted:
			page.Events = append(page.Events, e)
		case len(page.Events) == 0:
			return domain.EventPage{Next: e.Place, More: true}, nil
		}
	}
	return page, nil
}

// Events makes the feed a part of a fakeStore.
func (f *fakeStore) Events(ctx context.Context, company domain.CompanyID, q domain.EventQuery) (domain.EventPage, error) {
	func() {
		f.fakeFeed.mu.Lock()
		defer f.fakeFeed.mu.Unlock()
		f.asked(company)
	}()
	if f.err != nil {
		return domain.EventPage{}, f.err
	}
	return f.fakeFeed.Events(ctx, company, q)
}

// FeedEnd implements domain.Feed.
func (f *fakeFeed) FeedEnd(context.Context) (domain.FeedPlace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end(), nil
}

// HaveEvents implements domain.Feed.
func (f *fakeFeed) HaveEvents(_ context.Context, after map[domain.CompanyID]domain.FeedPlace) (news []domain.CompanyID, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	for c, p := range after {
		if c == "acme" && p.Before(f.end()) && len(f.events) > 0 && p.Before(f.events[len(f.events)-1].Place) {
			news = append(news, c)
		}
	}
	return news, nil
}

// A feedServer is an API with a fakeFeed, behind a real server.
type feedServer struct {
	*fakeFeed
	api  *API
	url  string
	stop chan struct{}
}

// A revocable is a fakeStore whose keys are those of a fakeFeed.
type revocable struct{ *fakeStore }

func (s revocable) Employee(ctx context.Context, key domain.Secret) (domain.Employee, error) {
	s.fakeFeed.mu.Lock()
	defer s.fakeFeed.mu.Unlock()
	if s.revoked {
		return domain.Employee{}, domain.ErrNotFound
	}
	return s.fakeStore.Employee(ctx, key)
}

func newFeedServer(t *testing.T) *feedServer {
	t.Helper()
	s := &feedServer{fakeFeed: &fakeFeed{}, stop: make(chan struct{})}
	log := slog.New(slog.DiscardHandler)
	s.api = New(Config{
		Store: revocable{&fakeStore{fakeFeed: s.fakeFeed}}, Feed: feed.New(s.fakeFeed, log, s.stop), Stop: s.stop, EventSchema: titled, Log: log,
	})
	router := httprouter.New()
	s.api.Register(router)
	server := httptest.NewUnstartedServer(router)
	server.Config.ReadTimeout = 300 * time.Millisecond // a call that waits is longer
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	s.url = server.URL
	return s
}

// get calls the feed with a query, as an employee.
func (s *feedServer) get(t *testing.T, key, query string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// A feedAnswer is a page as a client reads it.
type feedAnswer struct {
	Data       []struct{ ID string }
	NextCursor string `json:"next_cursor"`
}

// page reads a page, and returns the ids of its events.
func (s *feedServer) page(t *testing.T, query string) (ids []string, next string) {
	t.Helper()
	answer := s.get(t, "ana-key", query)
	var p feedAnswer
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil || answer.StatusCode != http.StatusOK || p.NextCursor == "" {
		t.Fatalf("%s = %d %+v, %v", query, answer.StatusCode, p, err)
	}
	for _, e := range p.Data {
		ids = append(ids, e.ID)
	}
	return ids, p.NextCursor
}

func TestTheFeedGoesOnFromItsCursor(t *testing.T) {
	s := newFeedServer(t)
	for range 3 {
		s.happens(domain.EventChatBlocked)
	}
	first, next := s.page(t, "?limit=2")
	second, end := s.page(t, "?after="+next)
	none, end := s.page(t, "?after="+end)
	_, current := s.page(t, "?after=now")
	s.happens(domain.EventChatBlocked)
	third, _ := s.page(t, "?after="+end)
	fromNow, _ := s.page(t, "?after="+current)
	want := [][]string{{"evt_1", "evt_2"}, {"evt_3"}, nil, {"evt_4"}, {"evt_4"}}
	if diff := cmp.Diff(want, [][]string{first, second, none, third, fromNow}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheFeedReturnsEventsByteForByte(t *testing.T) {
	s := newServer(t, happened())
	if answer := s.as(t, "ana-key", "GET", "/v1/events", ""); !strings.Contains(answer.Body.String(), string(s.events[0].Body)) {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

// Cursors of another company, of another list, and of events that are deleted.
func TestTheFeedRejectsCursors(t *testing.T) {
	place := domain.FeedPlace{Stamp: 1, Pos: 1, Time: now}
	tests := []struct {
		query  string
		status int
		code   string
	}{
		{"?after=" + eventCursor("otra", place), 422, "invalid_request"},
		{"?after=" + chatCursor(hello), 422, "invalid_request"},
		{"?after=%21", 422, "invalid_request"},
		{"?after=" + eventCursor("acme", domain.FeedPlace{Stamp: -1}), 422, "invalid_request"},
		{"?after=" + eventCursor("acme", domain.FeedPlace{Stamp: 99, Time: now}), 410, "feed_expired"},
		{"?types=chat.closed", 422, "invalid_request"},
		{"?wait=31", 422, "invalid_request"},
		{"?limit=201", 422, "invalid_request"},
	}
	for _, tt := range tests {
		s := newServer(t, &fakeStore{})
		if answer := s.as(t, "ana-key", "GET", "/v1/events"+tt.query, ""); answer.Code != tt.status || said(t, answer).Code != tt.code {
			t.Errorf("%s = %d %s, want %d %s", tt.query, answer.Code, answer.Body, tt.status, tt.code)
		}
	}
}

func TestALongPollIsAnsweredWithTheFirstEvent(t *testing.T) {
	s := newFeedServer(t)
	_, current := s.page(t, "?after=now")
	type answer struct {
		ids  []string
		took time.Duration
	}
	answers := make(chan answer)
	began := time.Now()
	for range 3 {
		go func() {
			ids, _ := s.page(t, "?wait=30&types=chat.blocked&after="+current)
			answers <- answer{ids, time.Since(began)}
		}()
	}
	s.untilWaiting(t, 3)
	time.AfterFunc(400*time.Millisecond, func() { // longer than the server's ReadTimeout
		s.happens(domain.EventChatMerged) // of another type: they wait on
		s.happens(domain.EventChatBlocked)
	})
	for range 3 {
		if a := <-answers; !slices.Equal(a.ids, []string{"evt_2"}) || a.took > 10*time.Second {
			t.Errorf("%v after %v", a.ids, a.took)
		}
	}
}

func TestALongPollEndsWithItsWait(t *testing.T) {
	s := newFeedServer(t)
	began := time.Now()
	if ids, _ := s.page(t, "?wait=1"); ids != nil || time.Since(began) < time.Second {
		t.Errorf("%v after %v", ids, time.Since(began))
	}
}

func TestAPollPassesOverOtherTypes(t *testing.T) {
	s := newFeedServer(t)
	for range 5 {
		s.happens(domain.EventChatMerged)
	}
	s.happens(domain.EventChatBlocked)
	if ids, _ := s.page(t, "?types=chat.blocked,chat.unblocked"); !slices.Equal(ids, []string{"evt_6"}) {
		t.Errorf("%v", ids)
	}
}

func TestAStreamGivesEventsAsTheyCome(t *testing.T) {
	s := newFeedServer(t)
	s.happens(domain.EventChatBlocked)
	events := s.stream(t, "")
	if e := <-events; e.data != string(s.events[0].Body) {
		t.Errorf("first came %+v", e)
	}
	s.happens(domain.EventChatBlocked)
	second := <-events
	s.happens(domain.EventChatBlocked)
	if third := <-events; !strings.Contains(third.data, "evt_3") {
		t.Errorf("third came %+v", third)
	}
	again := s.stream(t, "?after=now", "Last-Event-ID: "+second.id)
	if e := <-again; !strings.Contains(e.data, "evt_3") {
		t.Errorf("after the second event's id came %+v", e)
	}
}

func TestAnIdleStreamHasHeartbeatsThatMoveItsCursorOn(t *testing.T) {
	s := newFeedServer(t)
	s.api.heartbeat = 10 * time.Millisecond
	events := s.stream(t, "")
	for range 3 {
		if e := <-events; e.data != "" || !e.comment || e.id == "" {
			t.Errorf("heartbeat %+v", e)
		}
	}
}

func TestAStreamEndsWithItsKey(t *testing.T) {
	s := newFeedServer(t)
	s.api.heartbeat, s.api.recheckKey = 10*time.Millisecond, 10*time.Millisecond
	events := s.stream(t, "")
	<-events
	s.mu.Lock()
	s.revoked = true
	s.mu.Unlock()
	for range events { // until it is closed
	}
}

func TestReadersEndWhenTheServerStops(t *testing.T) {
	s := newFeedServer(t)
	events := s.stream(t, "")
	<-events
	polled := make(chan []string)
	go func() {
		ids, _ := s.page(t, "?wait=30")
		polled <- ids
	}()
	s.untilWaiting(t, 2)
	close(s.stop)
	for range events {
	}
	<-polled
}

func TestACompanysReadersAreBounded(t *testing.T) {
	s := newFeedServer(t)
	var leave []func()
	for range feed.MaxReaders {
		l, err := s.api.Feed.Join("acme")
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	if a := s.get(t, "ana-key", "?wait=1"); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", a.StatusCode)
	}
	s.page(t, "") // who does not wait takes no place
	if a := s.get(t, "zoe-key", "?wait=1"); a.StatusCode != http.StatusOK {
		t.Errorf("of another company: %d", a.StatusCode)
	}
	leave[0]()
	s.page(t, "?wait=1")
}

// However many wait, one look at the store is for all of them.
func TestWaitingReadersShareTheirLooksAtTheStore(t *testing.T) {
	s := newFeedServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			s.api.Feed.Wait(ctx, domain.CompanyID(fmt.Sprint("company-", i%10)), domain.FeedPlace{Stamp: 9}, time.Minute)
		})
	}
	s.untilWaiting(t, 50)
	s.mu.Lock()
	before := s.looks
	s.mu.Unlock()
	began := time.Now()
	<-time.After(2 * feed.Poll)
	s.mu.Lock()
	looks := s.looks - before
	s.mu.Unlock()
	cancel()
	all.Wait()
	if most := int(time.Since(began)/feed.Poll) + 1; looks > most {
		t.Errorf("%d looks, want %d at most", looks, most)
	}
}

// untilWaiting waits until so many readers wait.
func (s *feedServer) untilWaiting(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		n := s.api.Feed.Waiting()
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d readers wait, want %d", n, want)
		}
	}
}

// A sent is a part of a stream.
type sent struct {
	id, data string
	comment  bool
}

// stream reads a stream until it ends, which closes the channel.
func (s *feedServer) stream(t *testing.T, query string, headers ...string) <-chan sent {
	t.Helper()
	answer := s.get(t, "ana-key", query, append(headers, "Accept: text/event-stream")...)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != feed.StreamType {
		t.Fatalf("stream: %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	events := make(chan sent)
	go func() {
		defer close(events)
		var e sent
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); {
			case lines.Text() == "":
				select {
				case events <- e:
				case <-t.Context().Done():
					return
				}
				e = sent{}
			case name == "id":
				e.id = value
			case name == "data":
				e.data = value
			default:
				e.comment = true
			}
		}
	}()
	return events
}
