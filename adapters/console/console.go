// Package console is the chat page for employees, under /chat.
//
// The server renders HTML; the page stays current by a stream of fragments (live.go)
// that static/*.js puts in place. Whatever the page offers, the gates of domain have
// allowed, and they are asked again when an employee does it.
package console

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"recado/adapters/command"
	"recado/adapters/feed"
	"recado/domain"
	"recado/metrics"
)

// A Store is the part of domain.Store that the page uses.
type Store interface {
	domain.Applier
	domain.ChatReader
	domain.CompanySettings
	domain.DeliveryLog
	domain.Feed
	domain.Replays

	// Employee is that of domain.Lookup, Media and MediaList are those of domain.MediaCatalog.
	Employee(ctx context.Context, apiKey domain.Secret) (domain.Employee, error)
	Media(ctx context.Context, company domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error)
	MediaList(ctx context.Context, company domain.CompanyID, ids []domain.MediaID) (map[domain.MediaID]domain.StoredMedia, error)
}

// Files takes and gives files; see transfer.Service.
type Files interface {
	Receive(w http.ResponseWriter, r *http.Request, company domain.CompanyID, asVoice bool) (domain.StoredMedia, error)
	Serve(w http.ResponseWriter, r *http.Request, company domain.CompanyID, id domain.MediaID) error
}

// A Sealer encrypts what browsers keep for us; see vault.Vault.
type Sealer interface {
	Seal(plain []byte, context string) ([]byte, error)
	Open(sealed []byte, context string) ([]byte, error)
}

// Config holds what the page depends on. Every field but Prefix and Secure is required.
type Config struct {
	Store   Store
	Files   Files
	Feed    *feed.Feed
	Sealer  Sealer
	Hint    func(domain.Lane) // tells the workers that a lane has work; must not block
	NewID   func() string     // returns 26 characters that were never used before; see domain.ID
	Now     func() time.Time
	Metrics *metrics.Metrics
	Log     *slog.Logger

	// Connectors say how much each messenger takes.
	Connectors map[domain.Kind]domain.Connector

	Prefix string // path in front of /chat in links, such as "/recado"; empty: none
	Secure bool   // browsers reach the page by HTTPS: cookies go by nothing else
}

// A Console serves the chat page.
type Console struct {
	Config
	commands  command.Commands
	base      string // path of the page in links
	pages     map[string]*pages
	logins    *limiter
	heartbeat time.Duration // of streams
	recheck   time.Duration // see recheckEvery
}

//go:embed templates static locales
var files embed.FS

// New returns a Console. It panics if its templates are wrong.
func New(c Config) *Console {
	base := c.Prefix + "/chat"
	commands := command.Commands{Store: c.Store, Hint: c.Hint, Now: c.Now, Metrics: c.Metrics}
	return &Console{Config: c, commands: commands, base: base, pages: parsePages(base), logins: newLimiter(c.Now), heartbeat: feed.Heartbeat, recheck: recheckEvery}
}

// Register adds the page to the router.
func (c *Console) Register(router *httprouter.Router) {
	h := c.handler()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		router.Handler(method, "/chat", h)
		router.Handler(method, "/chat/*path", h)
	}
}

// handler serves every path of the page. The patterns are a list of what it can do.
func (c *Console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /chat/static/{hash}/{file}", serveStatic)
	mux.Handle("GET /chat/login", c.visit(c.showLogin))
	mux.Handle("POST /chat/login", c.visit(c.logIn))
	mux.Handle("POST /chat/logout", c.visit(c.logOut))
	mux.Handle("POST /chat/look", c.visit(c.changeLook))

	mux.Handle("GET /chat", c.pageOfAny(accountRights, c.showHome))
	mux.Handle("GET /chat/{$}", c.pageOfAny(accountRights, c.showHome))
	mux.Handle("GET /chat/c/{chat}", c.page(domain.ReadChats, c.showChats))
	mux.Handle("GET /chat/list", c.part(domain.ReadChats, c.listChats))
	mux.Handle("GET /chat/c/{chat}/pane", c.part(domain.ReadChats, c.openChat))
	mux.Handle("GET /chat/c/{chat}/messages", c.part(domain.ReadChats, c.olderMessages))
	mux.Handle("GET /chat/live", c.part(domain.ReadChats, c.streamNews))

	mux.Handle("GET /chat/media/{media}", c.file(domain.ReadChats, c.giveFile))
	mux.Handle("POST /chat/c/{chat}/media", c.file(domain.WriteChats, c.takeFile))

	mux.Handle("POST /chat/c/{chat}/send", c.part(domain.WriteChats, c.send))
	mux.Handle("POST /chat/messages/{message}/reaction", c.part(domain.WriteChats, c.act(domain.TypeReaction)))
	mux.Handle("POST /chat/messages/{message}/edit", c.part(domain.WriteChats, c.act(domain.TypeEdit)))
	mux.Handle("POST /chat/messages/{message}/delete", c.part(domain.WriteChats, c.act(domain.TypeDelete)))
	mux.Handle("POST /chat/c/{chat}/block", c.part(domain.BlacklistChats, c.block(true)))
	mux.Handle("POST /chat/c/{chat}/unblock", c.part(domain.BlacklistChats, c.block(false)))
	mux.Handle("POST /chat/c/{chat}/no-reply-needed", c.part(domain.WriteChats, c.noReplyNeeded))

	mux.Handle("GET /chat/account", c.pageOfAny(accountRights, c.showAccount))
	mux.Handle("GET /chat/account/endpoints/{endpoint}", c.page(domain.ManageSettings, c.showEndpoint))
	mux.Handle("POST /chat/account/connections/{connection}/resume", c.page(domain.ManageSettings, c.resume))
	mux.Handle("POST /chat/account/endpoints/{endpoint}/deliveries/{delivery}/retry", c.page(domain.ManageSettings, c.retryDelivery))
	mux.Handle("POST /chat/account/endpoints/{endpoint}/replays", c.page(domain.ManageSettings, c.startReplay))
	mux.Handle("POST /chat/account/endpoints/{endpoint}/replays/{replay}/stop", c.page(domain.ManageSettings, c.stopReplay))
	return secured(http.NewCrossOriginProtection().Handler(mux))
}

// policy lets the page load nothing but its own files, and run no script in HTML.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secured sets the headers that every answer has.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		header.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}
