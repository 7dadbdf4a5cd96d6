package webhooks

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"recado/domain"
	"recado/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A lab is a Server over a store in memory.
type lab struct {
	server       *Server
	router       *httprouter.Router
	registry     *prometheus.Registry
	log          bytes.Buffer
	beforeAppend func([]domain.Webhook) error  // or nil
	commit       func(givenUp <-chan struct{}) // or nil

	mu     sync.Mutex // guards following
	hooks  map[domain.HookID]domain.Hook
	down   bool
	asked  int // times the store was asked for a hook
	stored []domain.Webhook
	hinted []domain.Lane
}

const theSecret, anotherSecret = "hunter2", "correct horse"

const thePanic = "panic" // the secret at which the connector panics

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{router: httprouter.New(), registry: prometheus.NewRegistry(), hooks: map[domain.HookID]domain.Hook{
		"meta":   {ID: "meta", Kind: domain.WABA, Secrets: domain.Settings{"secret": theSecret}},
		"bot":    {ID: "bot", Kind: domain.TelegramBot, Secrets: domain.Settings{"secret": theSecret}},
		"number": {ID: "number", Kind: domain.WhatsAppBusiness, Secrets: domain.Settings{"secret": theSecret}},
	}}
	l.server = New(Config{
		Hooks: l, Inbox: l, Hint: l.hint, Metrics: metrics.New(l.registry),
		Connectors: map[domain.Kind]domain.Connector{domain.WABA: shaker{}, domain.TelegramBot: signed{}},
		Log:        slog.New(slog.NewTextHandler(&l.log, nil)),
	})
	l.server.Register(l.router)
	return l
}

func (l *lab) Hook(_ context.Context, id domain.HookID) (domain.Hook, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	hook, known := l.hooks[id]
	switch {
	case l.down:
		return domain.Hook{}, domain.ErrUnavailable
	case !known:
		return domain.Hook{}, domain.ErrNotFound
	}
	return hook, nil
}

func (l *lab) Append(ctx context.Context, hooks []domain.Webhook) error {
	if l.commit != nil {
		l.commit(ctx.Done())
	}
	if l.beforeAppend != nil {
		if err := l.beforeAppend(hooks); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored = append(l.stored, hooks...)
	return nil
}

func (l *lab) hint(lane domain.Lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hinted = append(l.hinted, lane)
}

// post calls a hook as its messenger would, with a signature by the secret.
func (l *lab) post(path, secret string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, body)
	r.Header.Set("X-Secret", secret)
	w := httptest.NewRecorder()
	l.router.ServeHTTP(w, r)
	return w
}

func (l *lab) budgetLeft() int {
	l.server.budget.mu.Lock()
	defer l.server.budget.mu.Unlock()
	return l.server.budget.short.left + l.server.budget.long.left
}

// counted reads from the metrics how many webhooks of a kind had the result.
func (l *lab) counted(t *testing.T, kind domain.Kind, result metrics.WebhookResult) float64 {
	t.Helper()
	families, err := l.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := m.GetLabel() // sorted by name: kind, result
			if f.GetName() == "recado_webhooks_total" && labels[0].GetValue() == string(kind) && labels[1].GetValue() == string(result) {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("no metric for %s, %s", kind, result)
	return 0
}

// signed is a connector whose messenger sends along the secret itself.
type signed struct{ domain.Connector }

func (signed) Verify(hook domain.Settings, header http.Header, _ []byte) error {
	if header.Get("X-Secret") == thePanic {
		panic("a fault of the connector")
	}
	if header.Get("X-Secret") == string(hook["secret"]) {
		return nil
	}
	return domain.ErrForged
}

func (signed) VerifyHeader(_ domain.Settings, header http.Header) error {
	if header.Get("X-Secret") == "" {
		return domain.ErrForged
	}
	return nil
}

// shaker is one whose messenger asks first.
type shaker struct{ signed }

func (shaker) Handshake(hook domain.Settings, query url.Values) (string, bool) {
	return query.Get("challenge"), query.Get("token") == string(hook["secret"])
}

// big is a body of n bytes.
func big(n int) *strings.Reader { return strings.NewReader(strings.Repeat("x", n)) }
