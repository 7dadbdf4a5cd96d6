package simulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramplay"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabaplay"
	"recado/domain"
)

const (
	number    = "106540352242922"
	appSecret = "YOUR_APP_SECRET"
	waToken   = "a-token-of-acme"
	botToken  = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	botSecret = "secret-of_acme"
)

// A recado plays Recado: it takes webhooks, checks their signatures and reads
// them with the connectors.
type recado struct {
	t      *testing.T
	answer func(received) int // the status; nil: 200

	mu  sync.Mutex // guards got
	got []received
}

// A received webhook.
type received struct {
	path   string
	body   []byte
	at     time.Time
	facts  []domain.Fact
	status int // that it was answered with
}

// kinds tells of which kind a webhook is, by its path.
var kinds = map[string]struct {
	connector domain.Connector
	hook      domain.Settings
}{
	"/webhooks/waba/meta":          {waba.New(http.DefaultClient, nil), domain.Settings{"app_secret": appSecret}},
	"/webhooks/telegram_bot/bot-1": {telegram.New(http.DefaultClient), domain.Settings{"secret_token": botSecret}},
}

// RoundTrip is the network to the fake.
func (r *recado) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	kind, known := kinds[req.URL.Path]
	if !known {
		r.t.Errorf("a webhook came to %s", req.URL.Path)
		return response(http.StatusNotFound), nil
	}
	if err := kind.connector.Verify(kind.hook, req.Header, body); err != nil {
		r.t.Errorf("%s: %v: %s", req.URL.Path, err, body)
	}
	parsed := kind.connector.Parse(body)
	if len(parsed.Bad) > 0 || parsed.Ignored > 0 || len(parsed.Updates) == 0 {
		r.t.Errorf("%s was read as %+v: %s", req.URL.Path, parsed, body)
	}
	got := received{path: req.URL.Path, body: body, at: time.Now()}
	for _, u := range parsed.Updates {
		m, _ := u.Fact.(domain.MessageArrived)
		if strings.Contains(req.URL.Path, "waba") && u.Account != number && u.Business == "" || u.At.IsZero() && m.Press == "" {
			r.t.Errorf("an update of account %q at %s", u.Account, u.At)
		}
		got.facts = append(got.facts, u.Fact)
	}
	got.status = http.StatusOK
	if r.answer != nil {
		got.status = r.answer(got)
	}
	r.mu.Lock()
	r.got = append(r.got, got)
	r.mu.Unlock()
	if got.status == slow {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	return response(got.status), nil
}

// slow is a status for no answer until the caller goes.
const slow = 0

func response(status int) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}
	if status == http.StatusTooManyRequests {
		r.Header.Set("Retry-After", "3")
	}
	return r
}

// webhooks returns what came so far.
func (r *recado) webhooks() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

// facts lists in words what came so far.
func (r *recado) facts() []string {
	var all []string
	for _, w := range r.webhooks() {
		for _, f := range w.facts {
			all = append(all, inWords(f))
		}
	}
	return all
}

func inWords(fact domain.Fact) string {
	switch f := fact.(type) {
	case domain.MessageArrived:
		return string(f.Type) + " " + f.Text
	case domain.StatusReported:
		if f.Failure != nil {
			return fmt.Sprintf("%s %s", f.Status, f.Failure.Reason)
		}
		return string(f.Status)
	case domain.PeerRefused:
		return fmt.Sprintf("refuses %t", f.Refuses)
	case domain.ConnectionSignaled:
		return fmt.Sprintf("%s %s", f.Signal.Level, f.Signal.Title)
	}
	return fmt.Sprintf("%T", fact)
}

// A world is a simulator before a fake Recado.
type world struct {
	*simulator.Simulator
	recado *recado
	client *http.Client // to the simulator

	mu    sync.Mutex // guards notes
	notes []simulator.Note
}

// heard returns what happened so far.
func (w *world) heard() []simulator.Note {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]simulator.Note(nil), w.notes...)
}

var (
	metaNumber = simulator.Connection{
		Connection:  domain.Connection{ID: "waba-1", Kind: domain.WABA, Hook: "meta", Account: number, Settings: domain.Settings{"access_token": waToken}},
		HookSecrets: domain.Settings{"app_secret": appSecret},
	}
	oneBot = simulator.Connection{
		Connection:  domain.Connection{ID: "bot-1", Kind: domain.TelegramBot, Hook: "bot-1", Settings: domain.Settings{"token": botToken}},
		HookSecrets: domain.Settings{"secret_token": botSecret},
	}
)

// config has a number of Meta and a bot.
func config() simulator.Config {
	return simulator.Config{
		Seed: 7, Recado: "http://recado/", Steady: true,
		Players:     []simulator.Player{wabaplay.Player{}, telegramplay.Player{}},
		Connections: []simulator.Connection{metaNumber, oneBot},
	}
}

// play runs a simulator in the bubble of a test until stop is called.
func play(t *testing.T, cfg simulator.Config) (w *world, stop func()) {
	w = &world{recado: &recado{t: t}}
	cfg.Transport = w.recado
	cfg.Log = func(note simulator.Note) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.notes = append(w.notes, note)
	}
	w.Simulator = simulator.New(cfg)
	w.client = clientOf(w.Simulator)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	return w, func() { cancel(); <-ended }
}

// inMemory calls a handler as if it were behind a network.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		p := recover()
		if why, ok := p.(error); ok && errors.Is(why, http.ErrAbortHandler) {
			resp, err = nil, io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	rec := httptest.NewRecorder()
	m.ServeHTTP(rec, req)
	return rec.Result(), nil
}

// send sends a text as Recado does.
func (w *world) send(t *testing.T, kind domain.Kind, peer, text string) domain.SendResult {
	return w.deliver(t, kind, domain.Outgoing{ID: "msg_1", Peer: domain.PeerID(peer), Type: domain.TypeText, Text: text, Attempt: 1})
}

// deliver sends a message as Recado does.
func (w *world) deliver(t *testing.T, kind domain.Kind, m domain.Outgoing) domain.SendResult {
	if kind == domain.WABA {
		return waba.New(w.client, nil).Send(t.Context(), domain.Connection{Account: number, Settings: domain.Settings{
			"access_token": waToken, "base_url": "http://simulator/meta/v23.0",
		}}, m)
	}
	return telegram.New(w.client).Send(t.Context(), domain.Connection{Settings: domain.Settings{
		"token": botToken, "base_url": "http://simulator/telegram/",
	}}, m)
}

// raw posts a body to the simulator and returns the answer.
func (w *world) raw(t *testing.T, path, token, contentType, body string) (int, string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, bytes.NewReader([]byte(body)))
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

func clientOf(s *simulator.Simulator) *http.Client {
	return &http.Client{Transport: inMemory{s.Handler()}}
}

// asciiOnly is every character that may stand in what Meta sends.
var asciiOnly = func() string {
	var all strings.Builder
	for c := byte(' '); c < 0x7f; c++ {
		all.WriteByte(c)
	}
	return all.String()
}()
