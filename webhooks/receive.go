package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"recado/domain"
	"recado/metrics"
)

const (
	maxBody    = 4 << 20  // bytes of one webhook
	maxWaiting = 64 << 20 // bytes of all webhooks between their first byte and their commit
)

// Config holds what a Server needs.
type Config struct {
	Hooks interface {
		Hook(ctx context.Context, id domain.HookID) (domain.Hook, error)
	}
	Connectors map[domain.Kind]domain.Connector
	Inbox      domain.Inbox
	Hint       func(domain.Lane) // called with each lane that has work; must not block
	Metrics    *metrics.Metrics
	Log        *slog.Logger
}

// A Server receives webhooks.
type Server struct {
	cfg    Config
	hooks  *hookCache
	budget *budget
}

// New makes a Server.
func New(cfg Config) *Server {
	return &Server{
		cfg:    cfg,
		hooks:  newHookCache(cfg.Hooks.Hook),
		budget: &budget{left: maxWaiting},
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

// route answers, counts and logs the calls that handle decides.
func (s *Server) route(handle func(call) (challenge string, err error)) httprouter.Handle {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		arrived := time.Now()
		kind, err := domain.ParseKind(p.ByName("kind"))
		if err != nil { // not counted: the label takes known kinds only
			answerTo(domain.ErrNotFound).write(w, "")
			return
		}
		hook := domain.HookID(p.ByName("hook"))
		challenge, err := handle(call{w, r, kind, hook, arrived})
		a := answerTo(err)
		a.write(w, challenge)
		s.cfg.Metrics.Webhook(kind, a.result, time.Since(arrived))
		if a.status == http.StatusServiceUnavailable {
			s.cfg.Log.Error("taking a webhook failed", "method", r.Method, "kind", kind, "hook", hook, "err", err)
		}
	}
}

// receive verifies a webhook and commits it. It returns nil, which is answered
// with 200, only after the commit.
func (s *Server) receive(c call) (_ string, err error) {
	ctx := c.r.Context()
	hook, err := s.hooks.get(ctx, c.hook)
	if err != nil {
		return "", err
	}
	connector, ok := s.cfg.Connectors[c.kind]
	if !ok || hook.Kind != c.kind {
		return "", domain.ErrNotFound
	}
	body, release, err := s.budget.read(http.MaxBytesReader(c.w, c.r.Body, maxBody), c.r.ContentLength)
	defer release()
	if err != nil {
		return "", err
	}
	err = connector.Verify(hook.Secrets, c.r.Header, body)
	if errors.Is(err, domain.ErrForged) { // or the secret was rotated a moment ago
		if hook, err = s.hooks.refresh(ctx, c.hook, c.arrived); err == nil {
			err = connector.Verify(hook.Secrets, c.r.Header, body)
		}
	}
	if err != nil {
		return "", err
	}
	err = s.cfg.Inbox.Append(ctx, []domain.Webhook{{Hook: c.hook, Kind: c.kind, Body: body, Received: c.arrived}})
	if err != nil {
		return "", err
	}
	s.cfg.Hint(domain.InboxLaneOf(c.hook))
	return "", nil
}
