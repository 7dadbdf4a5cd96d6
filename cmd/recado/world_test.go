package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
	"recado/adapters/porttest"
	"recado/adapters/store/sqlite"
	"recado/adapters/vault"
)

// TestMain lets the test binary run as the program, so that a test can start it as a
// process and kill it.
func TestMain(m *testing.M) {
	if os.Getenv("RECADO_TEST_IS_PROGRAM") != "" {
		if os.Getenv("RECADO_TEST_PIGEONS") != "" {
			addPigeons()
		}
		main()
		return
	}
	os.Exit(test(m))
}

// buildDir holds what tests build, until the last of them ends.
var buildDir string

func test(m *testing.M) int {
	var err error
	if buildDir, err = os.MkdirTemp("", "recado-build-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(buildDir) }() // the system clears what is left
	defer dropFreeDatabases()
	return m.Run()
}

// A world is an installation of Recado between a messenger and a CRM, which are fakes
// of the test at the other end of the network. Everything between them is real.
type world struct {
	t       *testing.T
	program string // this test binary, with its race detector, unless a test changes it
	env     map[string]string
	batch   bool     // the CRM of acme takes batches
	roles   []string // of the program; none: all
	public  string   // of the program
	api     string   // of a program with the role api
	private string
	process *exec.Cmd
	log     *os.File
	ended   chan struct{}
}

const (
	appSecret   = "an-app-secret-of-the-test"
	verifyToken = "a-verify-token-of-the-test"
	anaKey      = "key-of-ana-in-the-test"
	zoeKey      = "key-of-zoe-in-the-test"
)

// tokenHeader is where Telegram, and a gateway to it, put the secret token.
const tokenHeader = "X-Telegram-Bot-Api-Secret-Token"

// client has a timeout, as messengers do.
var client = &http.Client{Timeout: 5 * time.Second}

var crmSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a-secret-of-the-crm-in-the-test!"))

// stores lists the kinds of stores of an installation.
var stores = map[string]func(*testing.T) map[string]string{
	"postgres and redis": func(t *testing.T) map[string]string {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		return map[string]string{
			"RECADO_DATABASE_URL": newDatabase(t),
			"RECADO_REDIS_URL":    newRedis(t),
			"RECADO_SECRET_KEY":   base64.StdEncoding.EncodeToString(key),
			"RECADO_DATA_DIR":     t.TempDir(), // of its files
		}
	},
	"embedded": func(t *testing.T) map[string]string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(migrated(t))); err != nil {
			t.Fatal(err)
		}
		return map[string]string{"RECADO_DATA_DIR": dir}
	},
}

// migrated returns the directory of an embedded store that is empty. To copy it takes a
// hundredth of the time that its migrations take under the race detector.
func migrated(t *testing.T) string {
	t.Helper()
	dir, err := emptyStore()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var emptyStore = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(buildDir, "migrated")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	v, err := vault.New(make([]byte, 32)) // it seals nothing
	if err != nil {
		return "", err
	}
	store, err := sqlite.Open(context.Background(), dir, v)
	if err != nil {
		return "", err
	}
	store.Close()
	return dir, nil
})

// newWorld creates empty stores and chooses addresses. It does not start the program.
func newWorld(t *testing.T, on string) *world {
	t.Helper()
	w := &world{t: t, program: os.Args[0], public: porttest.Address(t), private: porttest.Address(t), log: logFile(t)}
	w.env = stores[on](t)
	w.api = w.public
	w.env["RECADO_LISTEN"] = w.public
	w.env["RECADO_INTERNAL_LISTEN"] = w.private
	w.env["RECADO_CALLBACK_ALLOW_NETWORKS"] = "127.0.0.0/8"
	w.env["RECADO_LOG_FORMAT"] = "json"
	t.Cleanup(func() {
		if t.Failed() && w.process != nil {
			_ = w.process.Process.Signal(syscall.SIGQUIT) // its goroutines go to the log
			<-w.ended
			w.process = nil
		}
		w.kill()
		if t.Failed() {
			text, _ := os.ReadFile(w.log.Name())
			t.Logf("the program's log ends with:\n%s", text[max(0, len(text)-8<<10):])
		}
	})
	return w
}

// realServer returns the URL of a real server. Without one it skips the test, or
// fails it in CI.
func realServer(t *testing.T, name string) *url.URL {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: see deploy/services", name)
		}
		t.Skipf("%s is not set: see deploy/services", name)
	}
	return parsed(t, value)
}

func parsed(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// redisNumbers gives each test its own database of the one Redis.
var redisNumbers struct {
	sync.Mutex
	next int
}

func newRedis(t *testing.T) string {
	t.Helper()
	u := *realServer(t, "TEST_REDIS_URL")
	redisNumbers.Lock()
	defer redisNumbers.Unlock()
	redisNumbers.next = redisNumbers.next%14 + 1
	u.Path = fmt.Sprintf("/%d", redisNumbers.next)
	return u.String()
}

// run runs a subcommand in the test's own process and returns what it prints.
func (w *world) run(args ...string) (string, error) {
	var out bytes.Buffer
	err := run(w.t.Context(), args, func(name string) string { return w.env[name] }, &out, w.log)
	return out.String(), err
}

// aside runs a subcommand while the program is stopped, since only one process can
// open the embedded store.
func (w *world) aside(args ...string) (string, error) {
	w.kill()
	defer w.start()
	return w.run(args...)
}

// declare applies the company acme with Meta and a CRM at those addresses, and
// the company zeta with a number of its own on the same hook.
func (w *world) declare(meta, crm string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "recado.yaml")
	text := fmt.Sprintf(`
hooks:
  - {id: meta, kind: waba, app_secret: %q, verify_token: %q}
companies:
  - id: acme
    name: ACME
    time_zone: America/Mexico_City
    subscriptions: [{id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 100}]
    connections: [{id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token-of-acme, base_url: %q}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
    endpoints: [{id: crm, url: %q, secret: %q, events: ["*"], batch: %t}]
  - id: zeta
    name: Zeta
    time_zone: Europe/Madrid
    subscriptions: [{id: zeta-waba, kind: waba, tariff: inicial, paid_until: 2099-01-01, outgoing_dialog_limit: 2, waba_dialogs: 50}]
    connections: [{id: waba-2, kind: waba, hook: meta, phone_number_id: "200", access_token: a-token-of-zeta, base_url: %q}]
    employees: [{id: zoe, name: Zoe, role: owner, api_key: %q}]
    endpoints: [{id: zeta-crm, url: %q, secret: %q, events: ["*"]}]
`, appSecret, verifyToken, meta, anaKey, crm+"/acme", crmSecret, w.batch, meta, zoeKey, crm+"/zeta", crmSecret)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		if _, err := w.run(args...); err != nil {
			w.t.Fatalf("recado %s: %v", args[0], err)
		}
	}
}

// launch starts the program.
func (w *world) launch() {
	w.t.Helper()
	args := []string{"serve"}
	if w.roles != nil {
		args = append(args, "--role="+strings.Join(w.roles, ","))
	}
	w.process = w.child(args...)
	w.process.Stderr = w.log
	w.begin()
}

// begin starts the process that was made.
func (w *world) begin() {
	w.t.Helper()
	if err := w.process.Start(); err != nil {
		w.t.Fatal(err)
	}
	process, ended := w.process, make(chan struct{})
	w.ended = ended
	go func() {
		_ = process.Wait() // how it ended is no news
		close(ended)
	}()
}

// start starts the program and waits until it is ready.
func (w *world) start() {
	w.t.Helper()
	w.launch()
	w.awaitReady()
}

func (w *world) awaitReady() {
	w.t.Helper()
	eventually(w.t, "the program is ready", time.Minute, func() bool {
		answer, err := http.Get("http://" + w.private + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// uncompressed asks for no compression, which costs the program more than the bytes that it saves.
var uncompressed = &http.Client{Timeout: client.Timeout, Transport: &http.Transport{DisableCompression: true}}

// metrics returns what the program shows of itself; empty: it was too busy to answer.
func (w *world) metrics() string {
	answer, err := uncompressed.Get("http://" + w.private + "/metrics")
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return ""
	}
	return string(text)
}

// kill kills the program, as a power failure would.
func (w *world) kill() {
	if w.process == nil {
		return
	}
	_ = w.process.Process.Kill() // it may have ended by itself
	<-w.ended
	w.process = nil
}

// stop asks the program to stop and waits until it has.
func (w *world) stop() {
	w.t.Helper()
	if err := w.process.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	<-w.ended
	w.process = nil
}

// post sends a signed webhook to the hook of Meta and returns the status, or 0 without
// an answer.
func (w *world) post(body []byte) int {
	return w.postSigned("/webhooks/waba/meta", wabatest.Sign(appSecret, body), body)
}

func (w *world) postSigned(path, signature string, body []byte) int {
	return w.postWith(path, wabatest.SignatureHeader, signature, body)
}

// postWith posts a webhook with the header that proves where it is from; empty: without.
func (w *world) postWith(path, header, proof string, body []byte) int {
	request, err := http.NewRequest(http.MethodPost, "http://"+w.public+path, bytes.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0
	}
	if proof != "" {
		request.Header.Set(header, proof)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is used again
	return answer.StatusCode
}

// call calls the API and decodes the answer into out, if it is not nil.
func (w *world) call(key, method, path string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, "http://"+w.api+path, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(data, out)
	}
	return answer.StatusCode, err
}

// eventually polls until the condition holds: at first often, and then more and more
// rarely, since to ask costs the program time that it needs itself.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	for began := time.Now(); !holds(); {
		waited := time.Since(began)
		if waited > within {
			t.Fatalf("after %v it is not true that %s", within, what)
		}
		<-time.After(max(5*time.Millisecond, min(waited/8, 250*time.Millisecond)))
	}
}

// logFile is the log of all runs of the program.
func logFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "recado.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
