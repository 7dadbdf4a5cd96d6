package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"recado/domain"
)

// Config is what a Simulator plays with.
type Config struct {
	Seed        uint64
	Recado      string   // where Recado takes webhooks: its public URL
	Players     []Player // one for each messenger
	Connections []Connection

	// Pace is the mean pause between messages of clients. Zero: they write only
	// through a Client, and answer nobody.
	Pace time.Duration

	Crowd  int  // clients beside those with a name, for load
	Steady bool // no habits but those of the peers' endings
	Strict bool // messages that come faster than the messenger states are refused

	// Log is called with what happens, one thing at a time; nil: nothing is. It
	// must not call the Simulator.
	Log func(Note)

	Transport http.RoundTripper // to Recado; nil: one of its own
}

// A Connection is a connection of Recado with its hook.
type Connection struct {
	domain.Connection
	HookSecrets domain.Settings
}

// Playable returns those connections of a registry for which there is a Player.
func Playable(r domain.Registry, players []Player) ([]Connection, error) {
	var playable []Connection
	for _, conn := range r.Connections {
		if !slices.ContainsFunc(players, func(p Player) bool { return p.Messenger().Kind == conn.Kind }) {
			continue
		}
		i := slices.IndexFunc(r.Hooks, func(h domain.Hook) bool { return h.ID == conn.Hook })
		if i < 0 {
			return nil, fmt.Errorf("connection %s: its hook %s is not in the file", conn.ID, conn.Hook)
		}
		playable = append(playable, Connection{conn, r.Hooks[i].Secrets})
	}
	if len(playable) == 0 {
		return nil, errors.New("the file has no connection that can be simulated")
	}
	return playable, nil
}

// A Simulator plays the messengers. Its handler may be called at any time; what
// follows from a call, and all that clients do by themselves, happens while Run
// runs.
type Simulator struct {
	cfg      Config
	client   *http.Client
	accounts []*Account // in the order of Config
	outboxes []*outbox
	plans    plans
	logging  sync.Mutex // held while Log is called

	mu    sync.Mutex // guards the fields below, and what they refer to
	chats map[chatKey]*Chat
	era   int // how often all chats were forgotten
}

// New returns a Simulator. Connections without a Player are left out.
func New(cfg Config) *Simulator {
	s := &Simulator{
		cfg:    cfg,
		client: &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		plans:  plans{wake: make(chan struct{}, 1)},
		chats:  map[chatKey]*Chat{},
	}
	if cfg.Transport == nil {
		s.client.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2 * maxInFlight, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: 5 * time.Second,
		}
	}
	for _, c := range cfg.Connections {
		for _, p := range cfg.Players {
			if p.Messenger().Kind == c.Kind {
				a := p.Account(c.Connection, c.HookSecrets, s.dice("account", string(c.Kind), string(c.ID)))
				a.kind, a.player, a.outbox = c.Kind, p, s.outbox(p.Messenger(), c.Hook)
				s.accounts = append(s.accounts, &a)
			}
		}
	}
	return s
}

// outbox returns the outbox of a hook; its accounts share it.
func (s *Simulator) outbox(m *Messenger, hook domain.HookID) *outbox {
	url := fmt.Sprintf("%s/webhooks/%s/%s", strings.TrimRight(s.cfg.Recado, "/"), m.Kind, hook)
	for _, o := range s.outboxes {
		if o.url == url {
			return o
		}
	}
	o := &outbox{
		kind: m.Kind, name: m.Name, url: url, manners: m.Manners, client: s.client, log: s.log,
		random: func(tries int) float64 { return s.dice("wait", url, tries).Float64() },
		wake:   make(chan struct{}, 1), behind: map[string][]*Webhook{},
	}
	s.outboxes = append(s.outboxes, o)
	return o
}

// Run sends webhooks, and lets the clients write, until ctx ends. It is called
// once; nothing of it runs any more when it returns.
func (s *Simulator) Run(ctx context.Context) {
	var parts sync.WaitGroup
	for _, o := range s.outboxes {
		parts.Go(func() { o.run(ctx) })
	}
	if s.cfg.Pace > 0 && len(s.accounts) > 0 {
		s.plans.add(time.Now(), s.newCast().goOn)
	}
	parts.Go(func() { s.plans.run(ctx) })
	parts.Wait()
	s.client.CloseIdleConnections()
}

// Handler serves the messengers' APIs, each below its Path.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, p := range s.cfg.Players {
		p.Serve(mux, s)
	}
	return mux
}
