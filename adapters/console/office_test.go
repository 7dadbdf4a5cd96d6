package console

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"

	"recado/adapters/blob/disk"
	"recado/adapters/feed"
	"recado/adapters/store/shared"
	"recado/adapters/store/sqlite"
	"recado/adapters/transfer"
	"recado/adapters/vault"
	"recado/domain"
	"recado/metrics"
)

// An office is a company with its employees, over a real store. Tests play the
// clients and the messengers.
type office struct {
	t          *testing.T
	store      *sqlite.Store
	page       *Console
	url        string
	ahead      *atomic.Int64 // of the true time, for the page
	down       atomic.Bool   // nobody reaches the server
	loseAnswer atomic.Bool   // of the next message that is sent
	held       atomic.Pointer[heldAnswer]
	server     *httptest.Server
	files      domain.Files
	sent       int // webhooks so far
}

// The connections of the office: one of each sort that the page tells apart.
const (
	wabaLine domain.ConnectionID = "clinica-whatsapp"
	botLine  domain.ConnectionID = "clinica-bot"
	waLine   domain.ConnectionID = "clinica-movil"
	tgLine   domain.ConnectionID = "clinica-telegram"
	oldLine  domain.ConnectionID = "panaderia-bot" // its tariff is "Inicial"
)

func declared() domain.Registry {
	return domain.Registry{
		Companies: []domain.Company{{ID: "clinica", Name: "Clínica Sol", TimeZone: "Europe/Madrid"}, {ID: "panaderia", Name: "Panadería Trigo", TimeZone: "America/Lima"}},
		Hooks: []domain.Hook{
			{ID: "meta", Kind: domain.WABA, Secrets: domain.Settings{"app_secret": "s"}},
			{ID: "clinica-bot", Kind: domain.TelegramBot, Secrets: domain.Settings{"secret_token": "s"}},
			{ID: "wa", Kind: domain.WhatsAppBusiness, Secrets: domain.Settings{"hmac_key": "s"}},
			{ID: "panaderia-bot", Kind: domain.TelegramBot, Secrets: domain.Settings{"secret_token": "s"}},
			{ID: "tg", Kind: domain.TelegramPersonal, Secrets: domain.Settings{"secret_token": "s"}},
		},
		Subscriptions: []domain.Subscription{
			{ID: "clinica-waba", Company: "clinica", Kind: domain.WABA, Tariff: domain.Estandar, PaidUntil: "2099-12-31", DialogLimit: -1, WABADialogs: 100},
			{ID: "clinica-bots", Company: "clinica", Kind: domain.TelegramBot, Tariff: domain.Avanzada, PaidUntil: "2099-12-31", DialogLimit: 40},
			{ID: "clinica-wa", Company: "clinica", Kind: domain.WhatsAppBusiness, Tariff: domain.Estandar, PaidUntil: "2099-12-31", DialogLimit: -1},
			{ID: "clinica-tg", Company: "clinica", Kind: domain.TelegramPersonal, Tariff: domain.Estandar, PaidUntil: "2099-12-31", DialogLimit: -1},
			{ID: "panaderia-bots", Company: "panaderia", Kind: domain.TelegramBot, Tariff: domain.Inicial, PaidUntil: "2099-12-31", DialogLimit: 1},
		},
		Connections: []domain.Connection{
			{ID: wabaLine, Company: "clinica", Kind: domain.WABA, Hook: "meta", Account: "1065", Settings: domain.Settings{"access_token": "t"}},
			{ID: botLine, Company: "clinica", Kind: domain.TelegramBot, Hook: "clinica-bot", Settings: domain.Settings{"token": "t"}},
			{ID: waLine, Company: "clinica", Kind: domain.WhatsAppBusiness, Hook: "wa", Account: "default", Settings: domain.Settings{"api_key": "t"}},
			{ID: tgLine, Company: "clinica", Kind: domain.TelegramPersonal, Hook: "tg", Settings: domain.Settings{"token": "t"}},
			{ID: oldLine, Company: "panaderia", Kind: domain.TelegramBot, Hook: "panaderia-bot", Settings: domain.Settings{"token": "t"}},
		},
		Employees: []domain.Employee{
			{ID: "ana", Company: "clinica", Name: "Ana", Role: "administrator"},
			{ID: "leo", Company: "clinica", Name: "Leo", Role: "custom", Rights: []string{"chats.read", "chats.write"}},
			{ID: "eva", Company: "clinica", Name: "Eva", Role: "custom", Rights: []string{"chats.read"}},
			{ID: "max", Company: "clinica", Name: "Max", Role: "custom", Rights: []string{"settings.manage"}},
			{ID: "noe", Company: "clinica", Name: "Noé", Role: "custom"},
			{ID: "rosa", Company: "panaderia", Name: "Rosa", Role: "owner"},
		},
		APIKeys: map[domain.EmployeeID]domain.Secret{"ana": "key-of-ana", "leo": "key-of-leo", "eva": "key-of-eva", "max": "key-of-max", "noe": "key-of-noe", "rosa": "key-of-rosa"},
		Endpoints: []domain.Endpoint{
			{ID: "crm", Company: "clinica", Origin: domain.EndpointOfFile, URL: "https://crm.example/hooks", Secret: "whsec_c2VjcmV0", Events: []string{"*"}},
		},
	}
}

func newOffice(t *testing.T) *office {
	t.Helper()
	seal, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), t.TempDir(), seal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if _, err := store.Declare(t.Context(), declared(), false); err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, store: store, ahead: &atomic.Int64{}}
	stop := make(chan struct{})
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	if o.files, err = disk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	count := metrics.New(prometheus.NewRegistry())
	o.page = New(Config{
		Files: transfer.New(transfer.Config{Catalog: store, Files: o.files, Max: 10 << 20, NewID: shared.NewID, Metrics: count, Log: log}),
		Store: store, Feed: feed.New(store, log, stop), Sealer: seal, Hint: func(domain.Lane) {}, NewID: shared.NewID, Now: o.now,
		Metrics: count, Log: log, Connectors: map[domain.Kind]domain.Connector{domain.TelegramBot: limited{}},
	})
	router := httprouter.New()
	o.page.Register(router)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.down.Load() {
			panic(http.ErrAbortHandler)
		}
		if strings.HasSuffix(r.URL.Path, "/send") && o.loseAnswer.CompareAndSwap(true, false) {
			router.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		if h := o.held.Load(); h != nil && strings.Contains(r.URL.Path, h.path) && o.held.CompareAndSwap(h, nil) {
			h.serve(router, w, r)
			return
		}
		router.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(func() {
		close(stop)
		server.CloseClientConnections()
		server.Close()
	})
	o.url, o.server = server.URL, server
	return o
}

// limited says how much Telegram takes, in the office.
type limited struct{ domain.Connector }

func (limited) Limits() []domain.Limit {
	return []domain.Limit{
		{Type: domain.TypeText, Text: 4096, UTF16: true},
		{Type: domain.TypeImage, Text: 1024, UTF16: true, Size: 1 << 20, MIMEs: []string{"image/png"}},
		{Type: domain.TypeVoice, Text: 1024, UTF16: true},
		{Type: domain.TypeFile, Text: 1024, UTF16: true, Size: 2 << 20, MIMEs: []string{"image/png", "application/pdf"}},
	}
}

// cut cuts all browsers off from the server, or connects them again.
func (o *office) cut(off bool) {
	o.down.Store(off)
	if off {
		o.server.CloseClientConnections()
	}
}

// A heldAnswer is an answer that the server has made and that does not leave yet.
type heldAnswer struct {
	t     *testing.T
	path  string
	made  chan struct{}
	leave context.Context
	Leave func()
}

// holds holds back the answer to the next request whose path contains path.
func (o *office) holds(path string) *heldAnswer {
	h := &heldAnswer{t: o.t, path: path, made: make(chan struct{})}
	h.leave, h.Leave = context.WithCancel(o.t.Context())
	o.held.Store(h)
	return h
}

// waits waits until the answer is made.
func (h *heldAnswer) waits() {
	h.t.Helper()
	select {
	case <-h.made:
	case <-time.After(patience):
		h.t.Fatalf("%s is never asked for", h.path)
	}
}

func (h *heldAnswer) serve(to http.Handler, w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	to.ServeHTTP(answer, r)
	close(h.made)
	<-h.leave.Done()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the browser may have gone
}

func (o *office) now() time.Time { return time.Now().Add(time.Duration(o.ahead.Load())) }

// apply applies what messengers report or employees want.
func (o *office) apply(list ...domain.Update) []domain.Result {
	o.t.Helper()
	receipt, err := o.store.Apply(context.Background(), domain.Batch{Updates: list})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, r := range receipt.Results {
		if r.Err != nil {
			o.t.Fatal(r.Err)
		}
	}
	return receipt.Results
}

// company returns the company of a connection.
func company(via domain.ConnectionID) domain.CompanyID {
	if via == oldLine {
		return "panaderia"
	}
	return "clinica"
}

// subscription changes a subscription of the office.
func (o *office) subscription(id domain.SubscriptionID, change func(*domain.Subscription)) {
	o.t.Helper()
	_, err := o.store.ChangeSubscription(context.Background(), "clinica", id, func(s domain.Subscription) (domain.Subscription, error) {
		change(&s)
		return s, nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// A client writes to the office over one connection.
type client struct {
	o    *office
	via  domain.ConnectionID
	peer domain.PeerID
	name string
}

func (o *office) client(via domain.ConnectionID, peer domain.PeerID, name string) *client {
	return &client{o, via, peer, name}
}

// arrived is a message that the client sends now.
func (c *client) arrived(text string) domain.MessageArrived {
	c.o.sent++
	return domain.MessageArrived{
		Peer: c.peer, Contact: domain.Contact{Name: c.name}, Direction: domain.Inbound, Type: domain.TypeText, Text: text,
		ProviderID: domain.ProviderID(fmt.Sprintf("in-%s-%d", c.peer, c.o.sent)),
	}
}

// sends delivers messages of the client, at a moment before now.
func (c *client) sends(ago time.Duration, m domain.MessageArrived) domain.Message {
	c.o.t.Helper()
	now := time.Now()
	return c.o.apply(domain.Update{Connection: c.via, Fact: m, At: now.Add(-ago), Received: now})[0].Message
}

func (c *client) writes(text string) domain.Message {
	c.o.t.Helper()
	return c.sends(0, c.arrived(text))
}

// report applies a fact that the messenger tells of the connection.
func (c *client) report(f domain.Fact) []domain.Result {
	c.o.t.Helper()
	now := time.Now()
	return c.o.apply(domain.Update{Connection: c.via, Fact: f, At: now, Received: now})
}

// chat returns the chat of the client.
func (c *client) chat() domain.Chat {
	c.o.t.Helper()
	list, err := c.o.store.Chats(context.Background(), company(c.via), domain.ChatQuery{Search: string(c.peer), Limit: 1})
	if err != nil || len(list) == 0 {
		c.o.t.Fatalf("chat of %s: %v, %v", c.peer, list, err)
	}
	return list[0]
}

// messages returns the messages of the chat, the newest first.
func (c *client) messages() []domain.Message {
	c.o.t.Helper()
	list, err := c.o.store.Messages(context.Background(), company(c.via), domain.MessageQuery{Chat: c.chat().ID, Limit: 100})
	if err != nil {
		c.o.t.Fatal(err)
	}
	return list
}

// isAnswered stores a message of an employee to the client, as the API would.
func (c *client) isAnswered(by domain.EmployeeID, f domain.SendRequested) domain.Message {
	c.o.t.Helper()
	f.ID, f.By, f.Origin, f.Peer = domain.MessageID("msg_"+shared.NewID()), by, domain.OriginEmployee, c.peer
	if f.Type == "" {
		f.Type = domain.TypeText
	}
	return c.o.apply(domain.Update{Company: company(c.via), Connection: c.via, Rights: domain.AllRights, Fact: f, Received: time.Now()})[0].Message
}

// messenger plays what the messenger does with a message: it accepts or refuses it.
func (c *client) messenger(m domain.Message, r domain.SendResult) {
	c.o.t.Helper()
	c.report(domain.SendBegun{Message: m.ID})
	c.report(domain.SendEnded{Message: m.ID, Result: r})
}

// accepts has the messenger accept a message, and report what becomes of it.
func (c *client) accepts(m domain.Message, then ...domain.DeliveryStatus) {
	c.o.t.Helper()
	id := domain.ProviderID("out-" + string(m.ID))
	c.messenger(m, domain.SendResult{Fate: domain.FateAccepted, ProviderID: id})
	for _, s := range then {
		c.report(domain.StatusReported{ProviderID: id, Status: s})
	}
}

// refuses has the messenger refuse a message.
func (c *client) refuses(m domain.Message, reason domain.Reason, cause domain.Cause) {
	c.o.t.Helper()
	c.messenger(m, domain.SendResult{Fate: domain.FateRefused, Failure: &domain.Failure{Reason: reason, Cause: cause}})
}

// A testWriter logs to a test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Helper()
	w.t.Log(string(bytes.TrimSpace(p)))
	return len(p), nil
}
