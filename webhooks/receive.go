package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/julienschmidt/httprouter"

	"recado/domain"
	"recado/metrics"
)

const (
	maxBody    = 4 << 20  // bytes of one webhook
	maxWaiting = 64 << 20 // bytes of all webhooks between their first byte and their commit
)

// Config is what the ingress stands on.
type Config struct {
	Hooks interface {
		Hook(ctx context.Context, id domain.HookID) (domain.Hook, error)
	}
	Connectors map[domain.Kind]domain.Connector
	Inbox      domain.Inbox
	Hint       func(domain.Lane) // told of a lane that has work; must not block
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
	r.GET("/webhooks/:kind/:hook", s.handshake)
	r.POST("/webhooks/:kind/:hook", func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		begun := time.Now()
		kind, err := domain.ParseKind(p.ByName("kind"))
		if err != nil {
			http.Error(w, "no such hook", http.StatusNotFound)
			return
		}
		err = s.receive(w, r, kind, domain.HookID(p.ByName("hook")))
		a := answerTo(err)
		a.write(w)
		s.cfg.Metrics.Webhook(kind, a.result, time.Since(begun))
		if a.status == http.StatusServiceUnavailable {
			s.cfg.Log.Error("webhook not stored", "kind", kind, "hook", p.ByName("hook"), "err", err)
		}
	})
}

// receive is the way of a webhook: nil is 2xx, and 2xx is committed.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, kind domain.Kind, id domain.HookID) error {
	arrived := time.Now()
	hook, err := s.hooks.get(r.Context(), id)
	if err != nil {
		return err
	}
	connector, ok := s.cfg.Connectors[kind]
	if !ok || hook.Kind != kind {
		return domain.ErrNotFound
	}
	body, release, err := s.budget.read(http.MaxBytesReader(w, r.Body, maxBody), r.ContentLength)
	defer release()
	if err != nil {
		return err
	}
	err = connector.Verify(hook.Secrets, r.Header, body)
	if errors.Is(err, domain.ErrForged) { // or the secret was rotated a moment ago
		if hook, err = s.hooks.refresh(r.Context(), id, arrived); err == nil {
			err = connector.Verify(hook.Secrets, r.Header, body)
		}
	}
	if err != nil {
		return err
	}
	err = s.cfg.Inbox.Append(r.Context(), []domain.Webhook{{Hook: id, Kind: kind, Body: body, Received: arrived}})
	if err != nil {
		return err
	}
	s.cfg.Hint(domain.InboxLaneOf(id))
	return nil
}

// A handshaker is a connector whose messenger asks, before it sends anything,
// whether the address is ours.
type handshaker interface {
	Handshake(hook domain.Settings, query url.Values) (challenge string, ok bool)
}

// handshake answers a messenger that asks whether the address is ours.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	hook, err := s.hooks.get(r.Context(), domain.HookID(p.ByName("hook")))
	if err != nil {
		answerTo(err).write(w)
		return
	}
	h, ok := s.cfg.Connectors[hook.Kind].(handshaker)
	if !ok || string(hook.Kind) != p.ByName("kind") {
		answerTo(domain.ErrNotFound).write(w)
		return
	}
	challenge, ok := h.Handshake(hook.Secrets, r.URL.Query())
	if !ok {
		http.Error(w, "the verify token is another", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(challenge)) // whoever asked may be gone
}
