package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramtest"
	"recado/adapters/vault"
	"recado/cmd/recado-telegram/dc"
	"recado/cmd/recado-telegram/gateway"
	"recado/cmd/recado-telegram/mtproto"
	"recado/cmd/recado-telegram/store"
	"recado/domain"
)

// A world is Recado's connector, the gateway, and a data centre of Telegram. What passes
// between the first two is compared with the schema of the contract.
type world struct {
	t       *testing.T
	changes []func(*mtproto.Config)
	dc      *dc.World
	recado  *httptest.Server
	log     lockedBuffer
	update  telegramtest.Schema
	answer  telegramtest.Schema
	dir     string
	login   operator

	gateway  *httptest.Server
	stop     func()
	mu       sync.Mutex // guards the fields below
	facts    []domain.Fact
	refusing bool // Recado takes no webhooks
}

const (
	secret   = "a-secret_of_acme-1"
	password = "hunter2"
)

func (w *world) conforms(s telegramtest.Schema, body []byte) {
	if err := s.Validate(body); err != nil {
		w.t.Errorf("%v: %s", err, body)
	}
}

func newWorld(t *testing.T, changes ...func(*mtproto.Config)) *world {
	w := &world{t: t, changes: changes, dc: dc.New(t), dir: t.TempDir(), update: telegramtest.ReadSchema(t, "../../adapters/messenger/telegram", "update"), answer: telegramtest.ReadSchema(t, "../../adapters/messenger/telegram", "answer")}
	w.recado = httptest.NewServer(http.HandlerFunc(w.webhook))
	t.Cleanup(w.recado.Close)
	w.start()
	t.Cleanup(func() { w.stop(); w.logIsDiscreet() })
	return w
}

// logIsDiscreet looks for what a log must not show: texts, and what lets people in.
func (w *world) logIsDiscreet() {
	log := w.log.text()
	for _, word := range []string{"Hola", "hora", "A las cinco", "dos", "U2000", "Ana", dc.Phone[1:], dc.AnaPhone, dc.Code, password, secret, "tg://", "AuthKey"} {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(log) {
			w.t.Errorf("the log shows %q:\n%s", word, log)
		}
	}
}

// start runs the gateway, as a new process does.
func (w *world) start() {
	seal, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(w.dir, seal)
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(&w.log, nil))
	cfg := mtproto.Config{Connection: "tg-1", APIID: 1, APIHash: "hash", ImportContacts: true, Store: s, Log: log, Telegram: w.dc.Telegram}
	for _, change := range w.changes {
		change(&cfg)
	}
	g := gateway.New([]gateway.Account{{Connection: "tg-1", Token: secret, Secret: secret, Account: mtproto.New(cfg)}}, s, w.recado.URL, log)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); g.Run(ctx) }()
	public, internal := httptest.NewServer(g.Handler()), httptest.NewServer(g.Internal())
	w.gateway = public
	w.login = operator{url: internal.URL + "/accounts/tg-1/", out: io.Discard}
	w.stop = func() {
		cancel()
		<-ended
		public.Close()
		internal.Close()
		s.Close()
	}
}

// webhook takes a webhook as Recado does.
func (w *world) webhook(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c := telegram.NewPersonal(http.DefaultClient)
	if err != nil || r.URL.Path != "/webhooks/telegram_personal/tg-1" || c.Verify(domain.Settings{"secret_token": secret}, r.Header, body) != nil {
		w.t.Errorf("%v: a webhook to %s: %s", err, r.URL.Path, body)
	}
	w.conforms(w.update, body)
	parsed := c.Parse(body)
	if len(parsed.Bad) > 0 || parsed.Ignored > 0 {
		w.t.Errorf("%s was read as %+v", body, parsed)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refusing {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	for _, u := range parsed.Updates {
		w.facts = append(w.facts, u.Fact)
	}
}

func (w *world) refuse(refusing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refusing = refusing
}

// RoundTrip is the network from Recado to the gateway.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err == nil && !strings.Contains(r.URL.Path, "/file/") {
		w.conforms(w.answer, body)
	}
	return answer, err
}

// sends sends a message as Recado does.
func (w *world) sends(m domain.Outgoing) domain.SendResult {
	m.Attempt = 1
	return telegram.NewPersonal(&http.Client{Transport: w}).Send(w.t.Context(), w.connection(), m)
}

func (w *world) connection() domain.Connection {
	return domain.Connection{ID: "tg-1", Kind: domain.TelegramPersonal, Settings: domain.Settings{
		"token": secret, "secret_token": secret, "base_url": domain.Secret(w.gateway.URL),
	}}
}

func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	eventually(w.t, what, is)
}

// eventually waits until something is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("it is not true that %s", what)
}

// count counts what Recado was told that is like this.
func count[F domain.Fact](w *world, is func(F) bool) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fact := range w.facts {
		if f, ok := fact.(F); ok && is(f) {
			n++
		}
	}
	return n
}

func text(of string) func(domain.MessageArrived) bool {
	return func(m domain.MessageArrived) bool { return m.Text == of && m.Peer == "2000" }
}

// filesPass sends a voice message each way, equal to the byte.
func (w *world) filesPass() {
	w.t.Helper()
	voice := bytes.Repeat([]byte("OggS and what follows"), 20_000)
	w.dc.Sends(voice)
	var id string
	w.eventually("the client's voice message is told", func() bool {
		return count(w, func(m domain.MessageArrived) bool {
			if m.Type == domain.TypeVoice {
				id = m.Media.ID
			}
			return m.Type == domain.TypeVoice
		}) == 1
	})
	client := &http.Client{Transport: w}
	got, a := telegram.NewPersonal(client).Fetch(w.t.Context(), w.connection(), domain.StoredMedia{Source: id})
	if got.Body == nil {
		w.t.Fatalf("fetching it: %+v", a)
	}
	data, err := io.ReadAll(got.Body)
	got.Body.Close()
	if err != nil || !bytes.Equal(data, voice) || got.MIME != "audio/ogg" {
		w.t.Errorf("fetched %d bytes of %s, %v", len(data), got.MIME, err)
	}
	w.rangeOf(id, voice)
	sent := w.sends(domain.Outgoing{ID: "msg_voice", Peer: "2000", Type: domain.TypeVoice, Media: &domain.MediaUpload{
		ID: "med_1", MIME: "audio/ogg", Name: "voz.ogg", Size: int64(len(voice)), Seconds: 2,
		Open: func(context.Context) (io.ReadSeekCloser, error) { return file{bytes.NewReader(voice)}, nil },
	}})
	if sent.Fate != domain.FateAccepted || sent.Uploaded == "" || !bytes.Equal(w.dc.Document(), voice) {
		w.t.Errorf("sending one: %+v; Telegram got %d bytes", sent, len(w.dc.Document()))
	}
}

// rangeOf asks for a part of a file.
func (w *world) rangeOf(id string, whole []byte) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.gateway.URL+"/file/user"+secret+"/"+id, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=100-199")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	part, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(part, whole[100:200]) {
		w.t.Errorf("a range: HTTP status %d, %d bytes, %v", answer.StatusCode, len(part), err)
	}
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

// A login by QR code, of an account with a password. When its owner ends it on the phone,
// Recado suspends the connection; another login ends that.
func TestALoginAndItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dc.Protect()
	var token answer
	w.eventually("there is a QR code", func() bool {
		var err error
		token, err = w.login.do(t.Context(), "qr", "")
		return err == nil
	})
	if !strings.HasPrefix(token.URL, "tg://login?token=") {
		t.Errorf("the code says %s", token.URL)
	}
	w.dc.Scan(dc.Self)
	w.eventually("the password is needed", func() bool {
		a, err := w.login.do(t.Context(), "status", "")
		return err == nil && a.Status == "password_needed"
	})
	if _, err := w.login.do(t.Context(), "secret", password); err != nil {
		t.Fatal(err)
	}
	linked := func() bool { return w.link() != nil && w.link().Down == nil }
	w.eventually("the account works", linked)

	w.dc.Revoke()
	w.eventually("Recado suspends the connection", func() bool {
		down := w.link().Down
		return down != nil && down.Reason == domain.ReasonUnauthorized && !domain.Policies[down.Reason].Offline
	})
	if code := w.link().Down.Cause.Code; code != "AUTH_KEY_UNREGISTERED" {
		t.Errorf("the cause is %s", code)
	}
	if a := w.sends(domain.Outgoing{ID: "msg_1", Peer: "2000", Type: domain.TypeText, Text: "Hola"}); a.Fate == domain.FateAccepted {
		t.Errorf("a send is accepted: %+v", a)
	}
	w.logIn()
	w.eventually("the account works again", linked)
}

// metrics looks at the page for Prometheus while two webhooks wait.
func (w *world) metrics() {
	w.t.Helper()
	page, err := get(w.t.Context(), strings.TrimSuffix(w.login.url, "accounts/tg-1/")+"metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, line := range []string{
		`recado_telegram_accounts{connection="tg-1",status="working"} 1`, `recado_telegram_updates_total{connection="tg-1",kind="message"} [1-9]`,
		`recado_telegram_webhooks_waiting{connection="tg-1"} [2-9]`, `recado_telegram_oldest_webhook_seconds{connection="tg-1"} \d+`,
		`recado_telegram_calls_total{connection="tg-1",outcome="ok"} [1-9]`, `recado_telegram_calls_total{connection="tg-1",outcome="400"} 1`,
		`recado_telegram_differences_total{connection="tg-1",answer="[a-z_]+"} [1-9]`,
	} {
		if !regexp.MustCompile("(?m)^" + line).Match(page) {
			w.t.Errorf("the metrics have no %s:\n%s", line, page)
		}
	}
}

// logIn logs the account in by its phone number.
func (w *world) logIn() {
	w.t.Helper()
	w.eventually("a login can begin", func() bool { _, err := w.login.do(w.t.Context(), "login", dc.Phone); return err == nil })
	w.login.in = strings.NewReader(dc.Code + "\n" + password + "\n")
	if err := w.login.login(w.t.Context(), dc.Phone); err != nil {
		w.t.Fatal(err)
	}
}

// link is what Recado was told last of the account; nil: nothing.
func (w *world) link() *domain.Link {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fact := range slices.Backward(w.facts) {
		if r, ok := fact.(domain.ConnectionReported); ok {
			return &r.Link
		}
	}
	return nil
}

// What cannot work is refused before anything starts, without showing a secret.
func TestTheFileOfTheGateway(t *testing.T) {
	whole := "api_id: 1\napi_hash: hunter2\nrecado: http://recado\naccounts: [{connection: tg-1, token: ${TOKEN}, secret_token: s}]\n"
	for _, tt := range []struct{ name, from, to, want string }{
		{"it works", "", "", ""},
		{"a variable is missing", "${TOKEN}", "${OTHER}", "the environment has no OTHER"},
		{"an unknown field", "api_id: 1", "api_id: 1\nphone: 1", "unknown field"},
		{"no api_id", "api_id: 1\n", "", "must be your own"},
		{"no accounts", "accounts: [{connection: tg-1, token: ${TOKEN}, secret_token: s}]\n", "", "no accounts"},
		{"no secret", ", secret_token: s", "", "needs a connection, a token and a secret_token"},
		{"no address", "http://recado", "recado", "must be the public URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "telegram.yaml")
			if err := os.WriteFile(path, []byte(strings.Replace(whole, tt.from, tt.to, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readConfig(path, func(name string) string { return map[string]string{"TOKEN": "hunter2"}[name] })
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// A client writes, an employee answers, the client reads: over Recado's connector, the
// gateway, and Telegram, through a restart and a Recado that is away.
func TestAStoryFromTelegramToRecado(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logIn()
	w.eventually("the account is linked", func() bool {
		return count(w, func(r domain.ConnectionReported) bool { return r.Link.Down == nil }) == 1
	})
	seen, err := telegram.NewPersonal(&http.Client{Transport: w}).Watch(t.Context(), w.connection(), "")
	if err != nil || seen.Link == nil || seen.Link.Down != nil {
		t.Errorf("Recado sees %+v, %v", seen, err)
	}

	w.dc.Says("¿Hay hora?", false)
	w.eventually("the client's message is told", func() bool { return count(w, text("¿Hay hora?")) == 1 })
	var sent domain.SendResult
	w.eventually("the employee's answer is taken", func() bool {
		sent = w.sends(domain.Outgoing{ID: "msg_1", Peer: "2000", Type: domain.TypeText, Text: "A las cinco"})
		return sent.Fate == domain.FateAccepted
	})
	again := w.sends(domain.Outgoing{ID: "msg_1", Peer: "2000", Type: domain.TypeText, Text: "A las cinco"})
	if again.ProviderID != sent.ProviderID || w.dc.Messages() != 1 {
		t.Errorf("a repeat is %+v; Telegram has %d messages", again, w.dc.Messages())
	}
	w.dc.Reads(100, false)
	w.eventually("it is read", func() bool {
		return count(w, func(s domain.StatusReported) bool { return s.Status == domain.Read && s.ProviderID == sent.ProviderID }) == 1
	})

	if a := w.sends(domain.Outgoing{ID: "msg_2", Peer: "+" + dc.AnaPhone, Type: domain.TypeText, Text: "Por teléfono"}); a.Fate != domain.FateAccepted || a.Peers[0] != "2000" {
		t.Errorf("to a phone number: %+v", a)
	}
	if a := w.sends(domain.Outgoing{ID: "msg_3", Peer: "+" + dc.NoAccount, Type: domain.TypeText, Text: "¿Hola?"}); a.Failure == nil || a.Failure.Code() != domain.AccountNotFound {
		t.Errorf("to a number without an account: %+v", a)
	}

	w.filesPass()

	// Recado is away, and so is the gateway for a while: nothing is lost, in its order.
	w.refuse(true)
	w.dc.Says("uno", false)
	w.dc.Says("dos", false)
	w.eventually("both wait", func() bool {
		seen, err := telegram.NewPersonal(&http.Client{Transport: w}).Watch(t.Context(), w.connection(), "")
		return err == nil && seen.Waiting >= 2 && len(seen.Problems) == 1
	})
	w.metrics()
	w.stop()
	w.dc.Says("tres", true)
	w.refuse(false)
	w.start()
	w.eventually("all came", func() bool { return count(w, text("tres")) > 0 })
	var order []string
	w.mu.Lock()
	for _, fact := range w.facts {
		if m, ok := fact.(domain.MessageArrived); ok && m.Direction == domain.Inbound && m.Type == domain.TypeText {
			order = append(order, m.Text)
		}
	}
	w.mu.Unlock()
	if got := strings.Join(order, " "); got != "¿Hay hora? uno dos tres" {
		t.Errorf("told in the order %s", got)
	}
}
