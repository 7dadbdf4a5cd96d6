// Package gateway serves the contract of adapters/messenger/telegram/GATEWAY.md: an API
// in the form of the Bot API for Recado, and a queue of webhooks to it.
package gateway

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"recado/cmd/recado-telegram/mtproto"
	"recado/cmd/recado-telegram/store"
)

// An Account is one that Recado reaches through the gateway.
type Account struct {
	Connection string
	Token      string
	Secret     string // of its webhooks
	*mtproto.Account

	lastError func() string    // why the last webhook was not taken
	calls     *mtproto.Counter // of Recado, by their outcome
}

// A Gateway serves accounts. Its handlers may be called at any time.
type Gateway struct {
	Settle time.Duration // how long an account is left alone that another gateway may have had

	accounts []Account
	lanes    []*lane
	store    *store.Store
	log      *slog.Logger
}

// New returns a Gateway that delivers webhooks to Recado's public URL. It takes the
// store's signal of new webhooks.
func New(accounts []Account, s *store.Store, recado string, log *slog.Logger) *Gateway {
	g := &Gateway{Settle: store.Settle, accounts: accounts, store: s, log: log}
	client := &http.Client{
		Timeout:       deliveryTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for i, a := range accounts {
		accounts[i].calls = &mtproto.Counter{}
		accounts[i].lastError = func() string { return g.lastError(a.Connection) }
		g.lanes = append(g.lanes, &lane{
			store: s, connection: a.Connection, secret: a.Secret, client: client, log: log,
			url:  strings.TrimRight(recado, "/") + "/webhooks/telegram_personal/" + a.Connection,
			wake: make(chan struct{}, 1), busy: map[int64]bool{},
		})
	}
	s.OnWebhook(func() {
		for _, l := range g.lanes {
			l.nudge()
		}
	})
	return g
}

// Run keeps the accounts connected and delivers their webhooks until the context ends.
func (g *Gateway) Run(ctx context.Context) {
	var parts sync.WaitGroup
	for i := range g.accounts {
		parts.Go(func() { g.run(ctx, &g.accounts[i], g.lanes[i]) })
	}
	parts.Wait()
}

// run serves an account while this gateway holds it, and waits for it while another does.
func (g *Gateway) run(ctx context.Context, a *Account, l *lane) {
	for ctx.Err() == nil {
		err := g.store.Hold(ctx, a.Connection, g.Settle, func(ctx context.Context) {
			var parts sync.WaitGroup
			parts.Go(func() { a.Run(ctx) })
			parts.Go(func() { l.run(ctx) })
			parts.Go(func() { g.deleteOld(ctx, a.Connection) })
			parts.Wait()
		})
		if err == nil || ctx.Err() != nil {
			continue
		}
		g.log.Error("the gateway does not hold the account", "connection", a.Connection, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// Handler serves Recado.
func (g *Gateway) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{owner}/{method}", func(w http.ResponseWriter, r *http.Request) {
		a := g.owner(r.PathValue("owner"))
		do, known := methods[r.PathValue("method")]
		switch {
		case !known:
			writeError(w, &mtproto.Error{Code: http.StatusNotFound, Type: "METHOD_NOT_FOUND"})
		case a == nil:
			writeError(w, &mtproto.Error{Code: http.StatusUnauthorized, Type: "TOKEN_INVALID"})
		default:
			call(w, r, a, do)
		}
	})
	mux.HandleFunc("GET /file/{owner}/{id}", func(w http.ResponseWriter, r *http.Request) {
		if a := g.owner(r.PathValue("owner")); a != nil {
			download(w, r, a)
			return
		}
		writeError(w, &mtproto.Error{Code: http.StatusUnauthorized, Type: "TOKEN_INVALID"})
	})
	return mux
}

// owner returns the account whose token stands in the path, or nil.
func (g *Gateway) owner(path string) *Account {
	token, ok := strings.CutPrefix(path, "user")
	for i := range g.accounts {
		if ok && subtle.ConstantTimeCompare([]byte(g.accounts[i].Token), []byte(token)) == 1 {
			return &g.accounts[i]
		}
	}
	return nil
}

// Deadlines of calls.
const (
	callTimeout     = 18 * time.Second // below that of Recado
	deliveryTimeout = 20 * time.Second
)
