package simulator

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"recado/domain"
)

// Config is what a Simulator plays with.
type Config struct {
	Seed   uint64
	Recado string // where Recado takes webhooks: its public URL
	Meta   []MetaNumber
	Bots   []Bot

	// Pace is the mean pause between messages of clients. Zero: they write only
	// when they are told to, and answer nobody.
	Pace time.Duration

	Crowd  int  // clients beside those with a part of their own, for load
	Steady bool // nobody meets a habit who does not always meet it

	// Tell is told what happens, one thing at a time; nil: nobody is. It must not
	// call the Simulator.
	Tell func(Told)

	Transport http.RoundTripper // to Recado; nil: one of its own
}

// A MetaNumber is a phone number of a company with Meta.
type MetaNumber struct {
	Hook          domain.HookID
	AppSecret     domain.Secret // signs its webhooks
	PhoneNumberID string
	Token         domain.Secret // what a sender must show
}

// A Bot is a bot of a company with Telegram.
type Bot struct {
	Connection  domain.ConnectionID
	Token       domain.Secret
	SecretToken domain.Secret // what its webhooks show
	ID          int64         // zero: it gets one
}

// A Simulator plays the messengers. Its handler may be called at any time; what
// follows from a call, and all that clients do by themselves, happens while Run
// runs.
type Simulator struct {
	cfg      Config
	client   *http.Client
	accounts []*account // in the order of Config
	outboxes []*outbox
	diary    diary
	telling  sync.Mutex // held while Tell is called

	mu    sync.Mutex // guards the fields below, and what hangs on them
	chats map[chatKey]*chat
	era   int // how often all chats were forgotten
}

// New returns a Simulator.
func New(cfg Config) *Simulator {
	s := &Simulator{
		cfg:    cfg,
		client: &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		diary:  diary{wake: make(chan struct{}, 1)},
		chats:  map[chatKey]*chat{},
	}
	if cfg.Transport == nil {
		s.client.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2 * maxFlying, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: 5 * time.Second,
		}
	}
	for _, n := range cfg.Meta {
		s.accounts = append(s.accounts, s.newAccount(domain.WABA, n.PhoneNumberID, n.Token, n.AppSecret,
			s.outbox(domain.WABA, "waba/"+string(n.Hook), meta)))
	}
	for _, b := range cfg.Bots {
		a := s.newAccount(domain.TelegramBot, string(b.Connection), b.Token, b.SecretToken,
			s.outbox(domain.TelegramBot, "telegram_bot/"+string(b.Connection), telegram))
		if b.ID != 0 {
			a.bot = b.ID
		}
		s.accounts = append(s.accounts, a)
	}
	return s
}

// outbox returns the outbox for an address; numbers of one hook share it.
func (s *Simulator) outbox(kind domain.Kind, path string, m manners) *outbox {
	url := strings.TrimRight(s.cfg.Recado, "/") + "/webhooks/" + path
	for _, o := range s.outboxes {
		if o.url == url {
			return o
		}
	}
	o := &outbox{
		kind: kind, url: url, manners: m, client: s.client, tell: s.tell,
		random: func(tries int) float64 { return s.dice("wait", url, tries).Float64() },
		wake:   make(chan struct{}, 1), behind: map[string][]*webhook{},
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
		s.diary.add(time.Now(), s.newCast().goOn)
	}
	parts.Go(func() { s.diary.run(ctx) })
	parts.Wait()
	s.client.CloseIdleConnections()
}

// Handler serves Meta's API below /meta/{version} and Telegram's below /telegram.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /meta/{version}/{number}/messages", s.serveMeta)
	mux.HandleFunc("/meta/", unknownToMeta)
	mux.HandleFunc("POST /telegram/{bot}/{method}", s.serveTelegram)
	mux.HandleFunc("/telegram/", unknownToTelegram)
	return mux
}
