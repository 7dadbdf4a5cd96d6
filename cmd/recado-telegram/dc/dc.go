// Package dc plays one data centre of Telegram over loopback TCP, for tests: keys,
// logins, a log of updates by position, messages by their random numbers. The protocol
// beneath is that of gotd's tgtest.
package dc

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgtest"
	"github.com/gotd/td/tgtest/services/config"
	"github.com/gotd/td/transport"
)

// Who is in this world, and what happens to who writes to them.
const (
	Self    int64 = 1000 // the account
	Second  int64 = 1001 // an account that logs in only
	Ana     int64 = 2000
	Flooded int64 = 3000 // FLOOD_WAIT_3
	Shy     int64 = 4000 // found by the address book only

	Phone       = "+34600000001" // of the account
	SecondPhone = "+34600000002"
	Code        = "12345"

	AnaPhone  = "34600110022"
	NoAccount = "34600110000"
	ShyPhone  = "34600110044"
	// LaterPhone is one that Telegram wants to be asked for later.
	LaterPhone = "34600110045"
)

// A World is a data centre, and the account whose log it has.
type World struct {
	server *tgtest.Server
	port   int
	uses   uses

	mu       sync.Mutex // guards the fields below
	pts      int
	log      []entry
	keys     map[[8]byte]int64 // that are logged in, and as whom
	sessions map[int64]tgtest.Session
	byRandom map[int64]int // random number → message
	lastID   int
	calls    map[string]int
	gone     int // the log begins behind it
	shop     channel
	upgraded bool // the basic group is the supergroup
	onSend   func() Fate
	onCall   func(method string, answered bool)

	waiting   map[int64]tgtest.Session // who shows a QR code
	scanned   int64                    // by whom; zero: it was not
	protected bool
	files     files
}

// A Fate is what becomes of a call.
type Fate struct {
	Cut bool  // it is done, and the connection breaks before the answer
	Err error // it is refused
}

type entry struct {
	pts    int
	update tg.UpdateClass
}

// New starts a World that ends with the test.
func New(t testing.TB) *World {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &World{
		port: l.Addr().(*net.TCPAddr).Port, uses: uses{now: map[[8]byte]int{}, most: map[[8]byte]int{}, open: map[net.Conn]bool{}},
		pts: 100, keys: map[[8]byte]int64{}, sessions: map[int64]tgtest.Session{}, byRandom: map[int64]int{}, calls: map[string]int{},
		waiting: map[int64]tgtest.Session{}, files: newFiles(),
	}
	d := tgtest.NewDispatcher()
	config.NewService(&tg.Config{DCOptions: w.options()}, &tg.CDNConfig{}).Register(d)
	w.register(d)
	w.server = tgtest.NewServer(tgtest.NewPrivateKey(k), tgtest.UnpackInvoke(d), tgtest.ServerOptions{DC: 2, Codec: transport.Intermediate.Codec})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.server.Serve(ctx, transport.ListenCodec(nil, watched{l, &w.uses})) // until the test ends
	}()
	t.Cleanup(func() { cancel(); _ = l.Close(); <-ended })
	return w
}

func (w *World) options() []tg.DCOption { return options(w.port) }

func options(port int) []tg.DCOption {
	return []tg.DCOption{{ID: 2, IPAddress: "127.0.0.1", Port: port, Static: true}}
}

// Telegram says to a client where Telegram is.
func (w *World) Telegram(o *telegram.Options) { at(w.port, w.server.Key().RSA)(o) }

// An address is where a client in another process finds a World.
type address struct {
	Port int
	Key  []byte
}

// Address is where a client in another process finds the World.
func (w *World) Address() string {
	text, _ := json.Marshal(address{w.port, x509.MarshalPKCS1PublicKey(w.server.Key().RSA)}) // a struct of a number and bytes
	return string(text)
}

// At says to a client that Telegram is at the address of a World.
func At(text string) (func(*telegram.Options), error) {
	var a address
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS1PublicKey(a.Key)
	return at(a.Port, key), err
}

func at(port int, key *rsa.PublicKey) func(*telegram.Options) {
	return func(o *telegram.Options) {
		o.DC, o.DCList, o.PublicKeys = 2, dcs.List{Options: options(port)}, []telegram.PublicKey{{RSA: key}}
		o.Resolver = dcs.Plain(dcs.PlainOptions{Protocol: transport.Intermediate})
		o.RetryInterval = 300 * time.Millisecond
	}
}

// OnSend decides what becomes of each message from now on.
func (w *World) OnSend(decide func() Fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onSend = decide
}

// OnCall is called before each call is done, and again after it was answered.
func (w *World) OnCall(see func(method string, answered bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onCall = see
}

func (w *World) see(method string, answered bool) {
	w.mu.Lock()
	see := w.onCall
	w.mu.Unlock()
	if see != nil {
		see(method, answered)
	}
}

// Calls counts the calls of a method.
func (w *World) Calls(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[method]
}

// Position is where the log ends.
func (w *World) Position() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pts
}

// Messages counts what the account sent.
func (w *World) Messages() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.byRandom)
}

// Revoke ends the login, as its owner can on the phone.
func (w *World) Revoke() {
	w.mu.Lock()
	w.keys = map[[8]byte]int64{}
	w.mu.Unlock()
	w.Drop()
}

// Drop breaks every connection.
func (w *World) Drop() {
	w.mu.Lock()
	all := w.sessions
	w.sessions = map[int64]tgtest.Session{}
	w.mu.Unlock()
	for _, s := range all {
		w.server.ForceDisconnect(s)
	}
}
