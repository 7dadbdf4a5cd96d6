package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/julienschmidt/httprouter"
	"golang.org/x/time/rate"

	"recado/domain"
	"recado/metrics"
)

const (
	maxBody = 4 << 20 // bytes of one webhook

	// Bytes of all webhooks between their first byte and their commit.
	maxWaitingShort = 16 << 20
	maxWaitingLong  = 48 << 20
)

// Config holds what a Server needs.
type Config struct {
	Hooks interface {
		Hook(ctx context.Context, id domain.HookID) (domain.Hook, error)
	}
	Connectors map[domain.Kind]domain.Connector
	Inbox      interface {
		Append(ctx context.Context, hooks []domain.Webhook) error // see domain.Inbox
	}
	Hint    func(domain.Lane) // called with each lane that has work; must not block
	Metrics *metrics.Metrics
	Log     *slog.Logger
}

// A Server receives webhooks.
type Server struct {
	cfg    Config
	hooks  *hookCache
	budget *budget
	forged rate.Sometimes // logs one of many: a flood must not fill the disk of the log
}

// New makes a Server.
func New(cfg Config) *Server {
	return &Server{
		cfg:    cfg,
		hooks:  newHookCache(cfg.Hooks.Hook),
		budget: newBudget(maxWaitingShort, maxWaitingLong),
		forged: rate.Sometimes{Interval: time.Minute},
	}
}

// Register adds the routes.
func (s *Server) Register(r *httprouter.Router) {
	r.GET("/webhooks/:kind/:hook", s.route(s.handshake))
	r.POST("/webhooks/:kind/:hook", s.route(s.receive))
}

// A call is a request to the address of a hook.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	kind    domain.Kind
	hook    domain.HookID
	arrived time.Time
}

// hookPattern matches every id that a hook can have.
var hookPattern = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

var (
	errNoKind = errors.New("no such kind of webhook") // for an address at which no hook can be
	errPanic  = errors.New("taking the webhook panicked")
)

// route answers, counts and logs the calls that handle decides.
func (s *Server) route(handle func(call) (challenge string, err error)) httprouter.Handle {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		arrived := time.Now()
		kind, err := domain.ParseKind(p.ByName("kind"))
		if err != nil || !hookPattern.MatchString(p.ByName("hook")) { // not counted: the label takes known kinds only
			answerTo(errNoKind).write(w, "")
			return
		}
		hook := domain.HookID(p.ByName("hook"))
		challenge, err := s.guard(handle, call{w, r, kind, hook, arrived})
		a := answerTo(err)
		a.write(w, challenge)
		s.cfg.Metrics.Webhook(kind, a.result, time.Since(arrived))
		if a.status == http.StatusServiceUnavailable {
			s.cfg.Log.Error("taking a webhook failed", "method", r.Method, "kind", kind, "hook", hook, "err", err)
		}
		if a.result == metrics.WebhookForged {
			s.forged.Do(func() {
				s.cfg.Log.Warn("a webhook is forged, or its secret was changed at the messenger; others of this minute are only counted", "kind", kind, "hook", hook)
			})
		}
	}
}

// guard calls handle. A panic of it, which may be one of a connector, ends this call
// alone.
func (s *Server) guard(handle func(call) (string, error), c call) (challenge string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("taking a webhook panicked", "kind", c.kind, "hook", c.hook, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return handle(c)
}

// receive verifies a webhook and commits it. It returns nil, which is answered
// with 200, only after the commit. What the header alone shows to be forged
// takes no memory, nor does a webhook for a hook that does not exist.
func (s *Server) receive(c call) (_ string, err error) {
	connector, ok := s.cfg.Connectors[c.kind]
	if !ok {
		return "", errNoKind
	}
	incoming := paced(c.w, c.r)
	hook, err := s.hook(c)
	if errors.Is(err, domain.ErrNotFound) {
		return "", discard(connector, c.r.Header, incoming, err)
	}
	if err != nil {
		return "", err
	}
	err = s.verify(c, hook, func(secrets domain.Settings) error { return connector.VerifyHeader(secrets, c.r.Header) })
	if err != nil {
		return "", err
	}
	held := s.budget.hold(c.hook)
	defer held.release()
	body, err := held.read(incoming, c.r.ContentLength)
	if err != nil {
		return "", err
	}
	err = s.verify(c, hook, func(secrets domain.Settings) error { return connector.Verify(secrets, c.r.Header, body) })
	if err != nil {
		return "", err
	}
	err = s.cfg.Inbox.Append(c.r.Context(), []domain.Webhook{{Hook: c.hook, Kind: c.kind, Body: body, Received: c.arrived}})
	if err != nil {
		return "", err
	}
	s.cfg.Hint(domain.InboxLaneOf(c.hook))
	return "", nil
}

// hook returns the hook of a call, or domain.ErrNotFound.
func (s *Server) hook(c call) (domain.Hook, error) {
	hook, err := s.hooks.get(c.r.Context(), c.hook)
	if err == nil && hook.Kind != c.kind {
		err = domain.ErrNotFound
	}
	return hook, err
}

// verify checks a call with the hook's secrets. If they do not fit, they may have
// been rotated a moment ago: it reads them again.
func (s *Server) verify(c call, hook domain.Hook, check func(secrets domain.Settings) error) error {
	err := check(hook.Secrets)
	if !errors.Is(err, domain.ErrForged) {
		return err
	}
	if hook, err = s.hooks.refresh(c.r.Context(), c.hook, c.arrived); err != nil {
		return err
	}
	return check(hook.Secrets)
}

// discard reads a webhook for a hook that does not exist as it would read a forged
// one, so that a stranger cannot tell one from the other.
func discard(c domain.Connector, header http.Header, body io.Reader, err error) error {
	if c.VerifyHeader(domain.Settings{}, header) != nil {
		return err
	}
	if _, broken := io.Copy(io.Discard, body); broken != nil {
		return readError(broken)
	}
	return err
}
