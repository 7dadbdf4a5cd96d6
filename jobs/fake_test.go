package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"recado/domain"
	"recado/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore does what its functions say.
type fakeStore struct {
	Store // a method that has no function here must not be called

	next       func(lane int) ([]domain.Webhook, error)
	apply      func(domain.Batch) (domain.Receipt, error)
	due        func(limit int) ([]domain.MessageID, error) // all live; or waiting
	waiting    func(limit int) ([]domain.Waiting, error)
	deferSends func(map[domain.MessageID]time.Duration) error
	abandoned  func() ([]domain.MessageID, error)
	endpoint   func() (domain.Endpoint, error)
	claim      func(busy []domain.ChatID, limit int) ([]domain.Delivery, error)
	probe      func() ([]domain.Delivery, error)
	record     func([]domain.Try) (domain.Endpoint, []domain.Delivery, error)
	join       func() (domain.ProcessID, error)
	beat       func(domain.ProcessID) (bool, error)
	leave      func(domain.ProcessID) error
	take       func(domain.Lane) (bool, error)
	release    func(domain.Lane) error
	hasWork    func(domain.Lane) (bool, error)
	needs      func() (domain.SweepNeeds, error)
	dueLanes   func() ([]domain.Lane, error)
	deadlines  func(kind string) ([]domain.Update, error)
	trim       func() (bool, error)
	indexNames func() (bool, error)
	clock      func() (time.Duration, error)
	gauges     func() (domain.Gauges, error)
	unpaid     func() error
	presses    func() ([]domain.Acknowledgement, error)
	watches    func() ([]domain.ConnectionID, error)
	connection func() (domain.Connection, error)
	named      func(domain.ConnectionID, domain.ProviderID) (domain.Message, error)
	appended   []domain.Webhook
	dueMedia   func(busy []domain.MediaID, limit int) ([]domain.DueMedia, error)
	erasable   func() ([]domain.StoredMedia, error)
	forget     func([]domain.MediaID) error
}

// newStore makes a store that has no work and grants every lane.
func newStore() *fakeStore {
	return &fakeStore{
		next:       func(int) ([]domain.Webhook, error) { return nil, nil },
		apply:      applied,
		due:        func(int) ([]domain.MessageID, error) { return nil, nil },
		abandoned:  func() ([]domain.MessageID, error) { return nil, nil },
		join:       func() (domain.ProcessID, error) { return "p1", nil },
		beat:       func(domain.ProcessID) (bool, error) { return true, nil },
		leave:      func(domain.ProcessID) error { return nil },
		take:       func(domain.Lane) (bool, error) { return true, nil },
		release:    func(domain.Lane) error { return nil },
		hasWork:    func(domain.Lane) (bool, error) { return false, nil },
		needs:      func() (domain.SweepNeeds, error) { return allNeeds, nil },
		dueLanes:   func() ([]domain.Lane, error) { return nil, nil },
		deadlines:  func(string) ([]domain.Update, error) { return nil, nil },
		trim:       func() (bool, error) { return false, nil },
		indexNames: func() (bool, error) { return false, nil },
		clock:      func() (time.Duration, error) { return 0, nil },
		gauges:     func() (domain.Gauges, error) { return domain.Gauges{}, nil },
		unpaid:     func() error { return nil },
		presses:    func() ([]domain.Acknowledgement, error) { return nil, nil },
		watches:    func() ([]domain.ConnectionID, error) { return nil, nil },
		dueMedia:   func([]domain.MediaID, int) ([]domain.DueMedia, error) { return nil, nil },
		erasable:   func() ([]domain.StoredMedia, error) { return nil, nil },
		connection: func() (domain.Connection, error) { return domain.Connection{ID: "shop", Kind: domain.WABA}, nil },
	}
}

func (s *fakeStore) Next(_ context.Context, lane int) ([]domain.Webhook, error) {
	return s.next(lane)
}

func (s *fakeStore) Apply(_ context.Context, b domain.Batch) (domain.Receipt, error) {
	return s.apply(b)
}

func (s *fakeStore) DueMedia(_ context.Context, _ domain.ConnectionID, busy []domain.MediaID, limit int) ([]domain.DueMedia, error) {
	return s.dueMedia(busy, limit)
}

func (s *fakeStore) ErasableMedia(context.Context, int) ([]domain.StoredMedia, error) {
	return s.erasable()
}

func (s *fakeStore) ForgetMedia(_ context.Context, erased []domain.MediaID) error {
	return s.forget(erased)
}

// applied is the receipt of a batch whose updates are all applied.
func applied(b domain.Batch) (domain.Receipt, error) {
	var r domain.Receipt
	for _, u := range b.Updates {
		r.Results = append(r.Results, domain.Result{Outcome: domain.Applied, Kind: domain.WABA, Message: messageOf(u)})
	}
	return r, nil
}

func messageOf(u domain.Update) domain.Message {
	switch f := u.Fact.(type) {
	case domain.SendBegun:
		return domain.Message{ID: f.Message, Status: domain.Queued, Attempts: 1, AttemptAt: time.Now()}
	case domain.SendEnded:
		return domain.Message{ID: f.Message, Status: domain.Sent}
	}
	return domain.Message{}
}

func (s *fakeStore) Due(_ context.Context, _ domain.ConnectionID, limit int) (waiting []domain.Waiting, _ error) {
	if s.waiting != nil {
		return s.waiting(limit)
	}
	due, err := s.due(limit)
	for _, m := range due {
		waiting = append(waiting, domain.Waiting{Message: m, Chat: chatOf(m), Class: domain.ClassLive})
	}
	return waiting, err
}

func (s *fakeStore) Defer(_ context.Context, wait map[domain.MessageID]time.Duration) error {
	return s.deferSends(wait)
}

func (s *fakeStore) MessagesKnownAs(
	_ context.Context, _ domain.CompanyID, c domain.ConnectionID, ids []domain.ProviderID,
) (map[domain.ProviderID]domain.Message, error) {
	known := map[domain.ProviderID]domain.Message{}
	for _, id := range ids {
		m, err := s.named(c, id)
		switch {
		case err == nil:
			known[id] = m
		case !errors.Is(err, domain.ErrNotFound):
			return nil, err
		}
	}
	return known, nil
}

func (s *fakeStore) Abandoned(context.Context, domain.ConnectionID) ([]domain.MessageID, error) {
	return s.abandoned()
}

func (s *fakeStore) Endpoint(context.Context, domain.EndpointID) (domain.Endpoint, error) {
	return s.endpoint()
}

func (s *fakeStore) DueDeliveries(_ context.Context, _ domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return s.claim(busy, limit)
}

func (s *fakeStore) Probe(context.Context, domain.EndpointID) ([]domain.Delivery, error) {
	return s.probe()
}

func (s *fakeStore) Record(_ context.Context, _ domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	return s.record(tries)
}

func (s *fakeStore) Join(context.Context) (domain.ProcessID, error) {
	return s.join()
}

func (s *fakeStore) Beat(_ context.Context, p domain.ProcessID) (bool, error) {
	return s.beat(p)
}

func (s *fakeStore) Leave(_ context.Context, p domain.ProcessID) error {
	return s.leave(p)
}

func (s *fakeStore) Take(_ context.Context, l domain.Lane, _ domain.ProcessID) (bool, error) {
	return s.take(l)
}

func (s *fakeStore) Release(_ context.Context, l domain.Lane, _ domain.ProcessID) error {
	return s.release(l)
}

func (s *fakeStore) HasWork(_ context.Context, l domain.Lane) (bool, error) {
	return s.hasWork(l)
}

func (s *fakeStore) DueLanes(context.Context) ([]domain.Lane, error) {
	return s.dueLanes()
}

func (s *fakeStore) OverdueEvidence(context.Context, int) ([]domain.Update, error) {
	return s.deadlines("evidence")
}

func (s *fakeStore) OverduePrices(context.Context, int) ([]domain.Update, error) {
	return s.deadlines("prices")
}

func (s *fakeStore) JoinableOrphans(_ context.Context, from domain.OrphanPlace, _ int) ([]domain.Update, domain.OrphanPlace, error) {
	updates, err := s.deadlines("orphans")
	return updates, from, err
}

func (s *fakeStore) Trim(context.Context) (bool, error) {
	return s.trim()
}

func (s *fakeStore) IndexNames(context.Context) (bool, error) {
	return s.indexNames()
}

func (s *fakeStore) AdvanceQueues(context.Context) error { return nil }

func (s *fakeStore) RepairClock(context.Context) (time.Duration, error) { return s.clock() }

func (s *fakeStore) TakePresses(context.Context, domain.ConnectionID, int) ([]domain.Acknowledgement, error) {
	return s.presses()
}

func (s *fakeStore) SweepNeeds(context.Context, domain.OrphanPlace) (domain.SweepNeeds, error) {
	return s.needs()
}

func (s *fakeStore) TakeWatches(context.Context, []domain.Kind, int) ([]domain.ConnectionID, error) {
	return s.watches()
}

func (s *fakeStore) Append(_ context.Context, hooks []domain.Webhook) error {
	s.appended = append(s.appended, hooks...)
	return nil
}

func (s *fakeStore) NotifyUnpaid(context.Context) error { return s.unpaid() }

func (s *fakeStore) Gauges(context.Context) (domain.Gauges, error) {
	return s.gauges()
}

func (s *fakeStore) Connection(context.Context, domain.ConnectionID) (domain.Connection, error) {
	return s.connection()
}

// fakeConnector parses and sends as its functions say.
type fakeConnector struct {
	domain.Connector
	parse func(body []byte) domain.Parsed
	send  func(context.Context, domain.Outgoing) domain.SendResult
	pace  domain.Pace
}

func (c fakeConnector) Pace() domain.Pace { return c.pace }

func (c fakeConnector) Parse(body []byte) domain.Parsed { return c.parse(body) }

func (c fakeConnector) Send(ctx context.Context, _ domain.Connection, m domain.Outgoing) domain.SendResult {
	return c.send(ctx, m)
}

// A shop is a Worker whose process is alive, with its log and its metrics.
type shop struct {
	*Worker
	log      *journal
	registry *prometheus.Registry
}

// newShop opens a shop. Its hints stay pending, since Hints.Run does not run.
func newShop(t *testing.T, store *fakeStore, connector fakeConnector) shop {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"}) // never dialled
	t.Cleanup(func() { client.Close() })
	return newShopOn(t, client, store, connector)
}

// newShopOn opens a shop with a Redis.
func newShopOn(t *testing.T, client redis.UniversalClient, store *fakeStore, connector fakeConnector) shop {
	t.Helper()
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	registry := prometheus.NewRegistry()
	w := New(Config{
		Store: store, Redis: client, Hints: NewHints(client, logger), Metrics: metrics.New(registry), Log: logger,
		Connectors: map[domain.Kind]domain.Connector{domain.WABA: connector},
		ClockSkew:  func() (time.Duration, bool) { return 3 * time.Second, true },
	})
	if err := w.process.heartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	return shop{w, log, registry}
}

// A journal is what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// keepAlive sends heartbeats until the test ends.
func (s shop) keepAlive(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.process.run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// hinted lists the lanes that were hinted.
func (s shop) hinted() []domain.Lane {
	h := s.cfg.Hints
	h.mu.Lock()
	defer h.mu.Unlock()
	var lanes []domain.Lane
	for l := range h.pending {
		lanes = append(lanes, l)
	}
	slices.Sort(lanes)
	return lanes
}

// counted reads a counter whose labels have the values, in the order of their names.
func (s shop) counted(t *testing.T, name string, values ...string) float64 {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var got []string
			for _, l := range m.GetLabel() {
				got = append(got, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(got, values) {
				return m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()) + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s %q", name, values)
	return 0
}
