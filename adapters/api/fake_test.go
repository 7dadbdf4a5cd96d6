package api

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"

	"recado/domain"
	"recado/metrics"
)

var (
	now = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	id  = strings.Repeat("0", 25)

	hello = domain.Chat{
		ID: domain.ChatID("chat_" + id + "1"), Company: "acme", Connection: "waba-1", Kind: domain.WABA, Peer: "79990000000",
		Title: "Luz", Phone: "79990000000", CreatedAt: now.Add(-time.Hour), LastInboundAt: now, InboundSeq: 7, Unanswered: 2,
	}
	silent = domain.Chat{
		ID: domain.ChatID("chat_" + id + "2"), Company: "acme", Connection: "bot-1", Kind: domain.TelegramBot, Peer: "-100",
		Title: "Equipo", Username: "equipo", IsGroup: true, CreatedAt: now, BlockedBy: "ana", BlockedAt: now,
	}
	asked = domain.Message{
		ID: domain.MessageID("msg_" + id + "1"), Chat: hello.ID, Connection: "waba-1", Company: "acme",
		Direction: domain.Inbound, Origin: domain.OriginClient, Type: domain.TypeImage, Text: "¿Hay <stock> & precio?",
		Media: &domain.Media{ID: "m1", MIME: "image/png", Size: 12, SHA: "ab"}, ProviderID: "wamid.1", At: now, InboundSeq: 7,
		EditedAt: now.Add(time.Second), Reactions: map[string]domain.Reaction{
			"79990000000": {Emoji: "👍", At: now.Add(time.Second)}, "ana": {Emoji: "❤", At: now}, "leo": {At: now},
		},
	}
	lost = domain.Message{
		ID: domain.MessageID("msg_" + id + "2"), Chat: hello.ID, Connection: "waba-1", Company: "acme",
		Direction: domain.Outbound, Origin: domain.OriginEmployee, By: "ana", Type: domain.TypeText, Text: "Sí",
		ProviderID: "wamid.2", ClientRef: "r-1", ReplyTo: "wamid.1", At: now, Status: domain.Failed, SentAt: now, FailedAt: now,
		Failure: &domain.Failure{Reason: domain.ReasonNoAccount, Cause: domain.Cause{
			Source: "waba", HTTPStatus: 400, Code: "131026", Title: "Message undeliverable",
		}},
	}
	queued = domain.Message{
		ID: domain.MessageID("msg_" + id + "3"), Chat: hello.ID, Connection: "waba-1", Company: "acme",
		Direction: domain.Outbound, Origin: domain.OriginEmployee, By: "ana", Type: domain.TypeText, Text: "Hola",
		ClientRef: "r-2", At: now, Status: domain.Queued, NextAt: now,
	}

	campaign = domain.Message{
		ID: domain.MessageID("msg_" + id + "5"), Chat: hello.ID, Connection: "waba-1", Company: "acme", Class: domain.ClassBulk,
		Direction: domain.Outbound, Origin: domain.OriginAPI, By: "crm", Type: domain.TypeText, Text: "Rebajas", At: now, Status: domain.Queued, NextAt: now,
	}

	offered = domain.Message{
		ID: domain.MessageID("msg_" + id + "4"), Chat: hello.ID, Connection: "waba-1", Company: "acme",
		Direction: domain.Outbound, Origin: domain.OriginAPI, By: "crm", Type: domain.TypeTemplate, At: now, Status: domain.Sent, SentAt: now,
		Template: &domain.Template{Name: "order_ready", Language: "es", Components: []byte(`[{"type":"body","parameters":[{"type":"text","text":"Luz"}]}]`)},
	}

	open = domain.Connection{ID: "waba-1", Company: "acme", Kind: domain.WABA, Account: "1065", Status: domain.ConnectionOK}
	shut = domain.Connection{ID: "bot-1", Company: "acme", Kind: domain.TelegramBot, Status: domain.ConnectionSuspended, Cause: &domain.Failure{
		Reason: domain.ReasonUnauthorized, Cause: domain.Cause{Source: "telegram_bot", HTTPStatus: 401, Code: "401", Title: "Unauthorized"},
	}}

	well = domain.EndpointState{Waiting: 2, Oldest: now, Endpoint: domain.Endpoint{
		ID: "crm", Company: "acme", Origin: domain.EndpointOfFile, URL: "https://crm.example/", Events: []string{"*"},
		EndpointHealth: domain.EndpointHealth{Status: domain.EndpointOK, LastSuccess: now, HeldUntil: now.Add(-time.Second)},
	}}
	broken = domain.EndpointState{Waiting: 100_000, Oldest: now.Add(-time.Hour), LastError: "HTTP 502", Endpoint: domain.Endpoint{
		ID: "hooks", Company: "acme", Origin: domain.EndpointOfAPI, PreviousUntil: now.Add(time.Hour), URL: "https://hooks.example/", Events: []string{"message.created"},
		EndpointHealth: domain.EndpointHealth{Status: domain.EndpointPaused, FailingSince: now.Add(-time.Hour), RetryAt: now.Add(time.Minute)},
	}}

	taken = domain.Delivery{
		ID: 8, Replay: "rep_1", Endpoint: "hooks", Event: domain.EventID("evt_" + id + "8"), Chat: hello.ID, Type: domain.EventMessageCreated, Created: now,
		State: domain.DeliveryDelivered, Status: 204, Took: 35 * time.Millisecond, DoneAt: now.Add(time.Second),
	}
	waits = domain.Delivery{
		ID: 7, Endpoint: "hooks", Event: domain.EventID("evt_" + id + "7"), Type: domain.EventEndpointStatus, Created: now.Add(-time.Hour),
		State: domain.DeliveryDue, Status: 502, Took: 3 * time.Second, Attempts: 2, LastError: "HTTP 502", DeliveryRetry: domain.DeliveryRetry{NextAt: now.Add(time.Minute)},
	}
	tried = []domain.Attempt{
		{Delivery: 7, Endpoint: "hooks", Number: 1, At: now.Add(-time.Minute), Took: 15 * time.Second, Error: "no answer in 15s", NextAt: now.Add(-59 * time.Second)},
		{Delivery: 7, Endpoint: "hooks", Number: 2, At: now, Took: 3 * time.Second, Status: 502, Error: "HTTP 502", Answer: "<html>Bad gateway", NextAt: now.Add(time.Minute)},
	}

	ana = domain.Employee{ID: "ana", Company: "acme", Name: "Ana", Role: "administrator", HasKey: true}
	crm = domain.Employee{ID: "crm", Company: "acme", Name: "CRM", Role: "manager", Service: true}
	zoe = domain.Employee{ID: "zoe", Company: "otra", Name: "Zoe", Role: "owner"}
	eva = domain.Employee{ID: "eva", Company: "acme", Name: "Eva", Role: "guard", Rights: []string{"chats.blacklist"}}

	paid = domain.Usage{Zone: time.UTC, Period: "2026-01", Dialogs: 7, Subscription: domain.Subscription{
		ID: "acme-waba", Company: "acme", Kind: domain.WABA, Tariff: domain.Estandar, PaidUntil: "2026-01-02", DialogLimit: -1, WABADialogs: 100,
	}}
	onTrial = domain.Usage{Zone: time.UTC, Period: "2026-01", Dialogs: 50, Subscription: domain.Subscription{
		ID: "acme-bots", Company: "acme", Kind: domain.TelegramBot, Tariff: domain.Inicial, TrialUntil: "2026-01-02", DialogLimit: -1,
	}}

	keys        = map[domain.Secret]domain.Employee{"ana-key": ana, "crm-key": crm, "zoe-key": zoe, "eva-key": eva}
	connections = map[domain.ConnectionID]domain.Connection{
		"waba-1": {ID: "waba-1", Company: "acme", Kind: domain.WABA},
		"bot-1":  {ID: "bot-1", Company: "acme", Kind: domain.TelegramBot},
		"otra-1": {ID: "otra-1", Company: "otra", Kind: domain.WABA},
	}
)

// A fakeStore returns what a test gave it, and records the companies of the calls.
type fakeStore struct {
	*fakeFeed // nil: an empty one
	receipt   domain.Receipt
	chats     []domain.Chat
	messages  []domain.Message
	err       error // of every call but Employee and Connection
	keysErr   error // of Employee
	panics    any   // nil: nothing
	hangs     bool  // Chats answers when its context ends
	usage     []domain.Usage
	staff     []domain.Employee
	callers   map[domain.Secret]domain.Employee // nil: keys
	links     []domain.Connection
	ends      []domain.EndpointState
	replays   []domain.Replay
	signals   []domain.RecordedSignal
	file      *domain.StoredMedia // nil: none
	log       []domain.Delivery

	deliveriesBy domain.DeliveryQuery

	set       map[domain.EmployeeID]domain.Secret
	changed   domain.Subscription
	companies []domain.CompanyID
	updates   []domain.Update
	chatsBy   domain.ChatQuery
	messageBy domain.MessageQuery
}

func (f *fakeStore) asked(c domain.CompanyID) {
	f.companies = append(f.companies, c)
	if f.panics != nil {
		panic(f.panics)
	}
}

func (f *fakeStore) Apply(_ context.Context, b domain.Batch) (domain.Receipt, error) {
	for _, u := range b.Updates {
		f.asked(u.Company)
	}
	f.updates = append(f.updates, b.Updates...)
	return f.receipt, f.err
}

func (f *fakeStore) Chats(ctx context.Context, c domain.CompanyID, q domain.ChatQuery) ([]domain.Chat, error) {
	if f.hangs {
		<-ctx.Done()
		return nil, fmt.Errorf("%w: %w", domain.ErrUnavailable, ctx.Err())
	}
	f.asked(c)
	f.chatsBy = q
	return f.chats[:min(q.Limit, len(f.chats))], f.err
}

func (f *fakeStore) Chat(_ context.Context, c domain.CompanyID, id domain.ChatID) (domain.Chat, error) {
	f.asked(c)
	for _, chat := range f.chats {
		if chat.ID == id && chat.Company == c {
			return chat, f.err
		}
	}
	return domain.Chat{}, orNotFound(f.err)
}

func (f *fakeStore) Messages(_ context.Context, c domain.CompanyID, q domain.MessageQuery) ([]domain.Message, error) {
	f.asked(c)
	f.messageBy = q
	return f.messages[:min(q.Limit, len(f.messages))], f.err
}

func (f *fakeStore) Message(_ context.Context, c domain.CompanyID, id domain.MessageID) (domain.Message, error) {
	f.asked(c)
	for _, m := range f.messages {
		if m.ID == id && m.Company == c {
			return m, f.err
		}
	}
	return domain.Message{}, orNotFound(f.err)
}

func (f *fakeStore) RefUsed(_ context.Context, c domain.CompanyID, ref string) (bool, error) {
	f.asked(c)
	return ref == usedRef, f.err
}

// usedRef is a client_ref that a message has.
const usedRef = "used"

func (f *fakeStore) MediaList(_ context.Context, c domain.CompanyID, ids []domain.MediaID) (map[domain.MediaID]domain.StoredMedia, error) {
	f.asked(c)
	list := map[domain.MediaID]domain.StoredMedia{}
	for _, id := range ids {
		list[id] = domain.StoredMedia{ID: id, State: domain.MediaKept, MIME: "image/jpeg", Size: 13}
	}
	return list, f.err
}

func (f *fakeStore) Media(_ context.Context, c domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) {
	f.asked(c)
	if f.file == nil || f.file.ID != id {
		return domain.StoredMedia{}, domain.ErrNotFound
	}
	return *f.file, f.err
}

func (f *fakeStore) MessagesKnownAs(context.Context, domain.CompanyID, domain.ConnectionID, []domain.ProviderID) (map[domain.ProviderID]domain.Message, error) {
	panic("the API shows no answered messages")
}

func (f *fakeStore) LastMessages(_ context.Context, c domain.CompanyID, chats []domain.Chat) (map[domain.ChatID]domain.Message, error) {
	f.asked(c)
	last := map[domain.ChatID]domain.Message{}
	for _, chat := range chats {
		for _, m := range slices.Backward(f.messages) {
			if m.Chat == chat.ID {
				last[chat.ID] = m
			}
		}
	}
	return last, f.err
}

func (f *fakeStore) Usage(_ context.Context, c domain.CompanyID) ([]domain.Usage, error) {
	f.asked(c)
	return f.usage, f.err
}

func (f *fakeStore) Employee(_ context.Context, key domain.Secret) (domain.Employee, error) {
	known := keys
	if f.callers != nil {
		known = f.callers
	}
	if e, ok := known[key]; ok {
		return e, f.keysErr
	}
	return domain.Employee{}, fmt.Errorf("employee: %w", orNotFound(f.keysErr))
}

func (f *fakeStore) Connection(_ context.Context, id domain.ConnectionID) (domain.Connection, error) {
	if c, ok := connections[id]; ok {
		return c, nil
	}
	return domain.Connection{}, fmt.Errorf("connection %s: %w", id, domain.ErrNotFound)
}

func (f *fakeStore) CountBulk(context.Context, domain.ConnectionID) (int, error) { return 1600, f.err }

func (f *fakeStore) ChangeSubscription(
	_ context.Context, c domain.CompanyID, id domain.SubscriptionID, change func(domain.Subscription) (domain.Subscription, error),
) (domain.Usage, error) {
	f.asked(c)
	for _, u := range f.usage {
		if u.ID == id && u.Company == c {
			var err error
			if f.changed, err = change(u.Subscription); err != nil {
				return domain.Usage{}, err
			}
			u.Subscription = f.changed
			return u, f.err
		}
	}
	return domain.Usage{}, orNotFound(f.err)
}

func (f *fakeStore) Employees(_ context.Context, c domain.CompanyID) ([]domain.Employee, error) {
	f.asked(c)
	return f.staff, f.err
}

func (f *fakeStore) SetAPIKey(_ context.Context, c domain.CompanyID, id domain.EmployeeID, key domain.Secret) error {
	f.asked(c)
	for _, e := range f.staff {
		if e.ID == id && e.Company == c {
			f.set = map[domain.EmployeeID]domain.Secret{id: key}
			return f.err
		}
	}
	return orNotFound(f.err)
}

func (f *fakeStore) Connections(_ context.Context, c domain.CompanyID) ([]domain.Connection, error) {
	f.asked(c)
	return f.links, f.err
}

func (f *fakeStore) Signals(_ context.Context, c domain.CompanyID) ([]domain.RecordedSignal, error) {
	f.asked(c)
	return f.signals, f.err
}

func (f *fakeStore) Resume(_ context.Context, c domain.CompanyID, id domain.ConnectionID) (domain.Connection, error) {
	f.asked(c)
	for _, l := range f.links {
		if l.ID == id && l.Company == c {
			l.Status, l.Cause = domain.ConnectionOK, nil
			return l, f.err
		}
	}
	return domain.Connection{}, orNotFound(f.err)
}

func (f *fakeStore) Endpoints(_ context.Context, c domain.CompanyID) ([]domain.EndpointState, error) {
	f.asked(c)
	return f.ends, f.err
}

func (f *fakeStore) EndpointState(_ context.Context, c domain.CompanyID, id domain.EndpointID) (domain.EndpointState, error) {
	f.asked(c)
	for _, e := range f.ends {
		if e.ID == id && e.Company == c {
			return e, f.err
		}
	}
	return domain.EndpointState{}, orNotFound(f.err)
}

func (f *fakeStore) Endpoint(_ context.Context, id domain.EndpointID) (domain.Endpoint, error) {
	for _, e := range f.ends {
		if e.ID == id {
			return e.Endpoint, f.err
		}
	}
	return domain.Endpoint{}, orNotFound(f.err)
}

func (f *fakeStore) Deliveries(ctx context.Context, c domain.CompanyID, q domain.DeliveryQuery) (domain.DeliveryPage, error) {
	f.deliveriesBy = q
	if _, err := f.EndpointState(ctx, c, q.Endpoint); err != nil {
		return domain.DeliveryPage{}, err
	}
	return q.Page(f.log, false), nil
}

func (f *fakeStore) Delivery(_ context.Context, c domain.CompanyID, id int64) (domain.Delivery, []domain.Attempt, error) {
	f.asked(c)
	for _, d := range f.log {
		if d.ID == id && c == "acme" {
			return d, tried, f.err
		}
	}
	return domain.Delivery{}, nil, orNotFound(f.err)
}

func (f *fakeStore) RetryDelivery(ctx context.Context, c domain.CompanyID, id int64) error {
	d, _, err := f.Delivery(ctx, c, id)
	if err == nil && d.State == domain.DeliveryDelivered {
		return domain.ErrAlreadyDelivered
	}
	return err
}

func (f *fakeStore) EndpointIDs(context.Context) ([]domain.EndpointID, error) {
	panic("of operators only")
}

func (f *fakeStore) CreateEndpoint(_ context.Context, e domain.Endpoint) error {
	f.asked(e.Company)
	e.Origin, e.Status = domain.EndpointOfAPI, domain.EndpointOK
	f.ends = append(f.ends, domain.EndpointState{Endpoint: e})
	return f.err
}

func (f *fakeStore) ChangeEndpoint(
	ctx context.Context, c domain.CompanyID, id domain.EndpointID, change func(domain.Endpoint, time.Time) (domain.Endpoint, error),
) error {
	if _, err := f.EndpointState(ctx, c, id); err != nil {
		return err
	}
	i := slices.IndexFunc(f.ends, func(e domain.EndpointState) bool { return e.ID == id })
	after, err := change(f.ends[i].Endpoint, now)
	if err == nil {
		f.ends[i].Endpoint = after
	}
	return err
}

func (f *fakeStore) DeleteEndpoint(ctx context.Context, c domain.CompanyID, id domain.EndpointID) error {
	s, err := f.EndpointState(ctx, c, id)
	if err != nil {
		return err
	}
	f.ends = slices.DeleteFunc(f.ends, func(e domain.EndpointState) bool { return e.ID == id })
	return s.Changeable()
}

func (f *fakeStore) EnableEndpoint(ctx context.Context, c domain.CompanyID, id domain.EndpointID) error {
	_, err := f.EndpointState(ctx, c, id)
	for i := range f.ends {
		if f.ends[i].ID == id {
			f.ends[i].EndpointHealth = domain.EndpointHealth{}.Reset(now)
		}
	}
	return err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return domain.ErrNotFound
}

// A server is an API over a fakeStore, with its hints, metrics and log.
type server struct {
	*fakeStore
	api    *API
	router *httprouter.Router
	hints  []domain.Lane
	counts *prometheus.Registry
	log    bytes.Buffer

	posted   domain.Delivery // the last one, by Deliver
	postedTo domain.Endpoint
}

func newServer(t *testing.T, f *fakeStore) *server {
	t.Helper()
	s := &server{fakeStore: f, router: httprouter.New(), counts: prometheus.NewRegistry()}
	if f.fakeFeed == nil {
		f.fakeFeed = &fakeFeed{}
	}
	count, log := metrics.New(s.counts), slog.New(slog.NewTextHandler(&s.log, nil))
	s.api = New(Config{
		Store:   f,
		Files:   newFiles(f, count, log),
		Hint:    func(l domain.Lane) { s.hints = append(s.hints, l) },
		NewID:   func() string { return id + "9" },
		Now:     func() time.Time { return now },
		Metrics: count,
		Log:     log,

		Deliver: func(_ context.Context, e domain.Endpoint, list []domain.Delivery) []domain.Try {
			s.posted, s.postedTo = list[0], e
			return []domain.Try{{Delivery: list[0], Status: 401, Error: "HTTP 401", Answer: "no such <key>", Took: 12 * time.Millisecond}}
		},

		Pace:        map[domain.Kind]domain.Pace{domain.WABA: {Connection: domain.Per(80, time.Second, 80)}},
		EventSchema: titled,
		FailureTable: map[domain.Kind][]domain.FailureRow{domain.WABA: {
			{Answer: "131026", Reason: domain.ReasonNoAccount},
			{Answer: "131052", Reason: domain.ReasonMedia, Retry: &domain.Backoff{First: time.Second, Tries: 2}},
			{Answer: "131056", Reason: domain.ReasonPairThrottled},
		}},
	})
	s.api.Register(s.router)
	return s
}

// titled is a schema of events that has a title only.
func titled(typ domain.EventType) ([]byte, error) {
	return []byte(`{"title":"` + string(typ) + `"}`), nil
}

// counted returns every sample of a counter that is not zero, by its labels'
// values in the order of their names.
func (s *server) counted(t *testing.T, name string) map[string]float64 {
	t.Helper()
	families, err := s.counts.Gather()
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			if n := m.GetCounter().GetValue(); f.GetName() == name && n > 0 {
				samples[strings.Join(labels, " ")] = n
			}
		}
	}
	return samples
}

// document is the OpenAPI document as served, without a key.
var document = sync.OnceValue(func() []byte {
	router, answer := httprouter.New(), httptest.NewRecorder()
	New(Config{Store: &fakeStore{}, EventSchema: titled}).Register(router)
	router.ServeHTTP(answer, httptest.NewRequest("GET", "/v1/openapi.json", nil))
	return answer.Body.Bytes()
})

var documented = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(document()) })

// routes finds the operation in the document for a request.
var routes = sync.OnceValues(func() (routers.Router, error) {
	doc, err := documented()
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

// as makes a call with the key and validates the answer against the document.
func (s *server) as(t *testing.T, key, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return s.do(t, r)
}

func (s *server) do(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	s.router.ServeHTTP(answer, r)
	calls, err := routes()
	if err != nil {
		t.Fatalf("OpenAPI document: %v", err)
	}
	route, params, err := calls.FindRoute(r)
	if err != nil {
		return answer // no call of the API
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params},
		Status:                 answer.Code,
		Header:                 answer.Header(),
		Body:                   answer.Result().Body,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s %s: the answer is not as documented: %v", r.Method, r.URL, err)
	}
	return answer
}

// applied returns a store that accepts every command and returns c and m.
func applied(o domain.Outcome, c domain.Chat, m domain.Message) *fakeStore {
	return &fakeStore{receipt: domain.Receipt{
		Results:   []domain.Result{{Outcome: o, Kind: c.Kind, Chat: c, Message: m}},
		Endpoints: []domain.EndpointID{"crm"},
	}}
}
