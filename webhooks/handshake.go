package webhooks

import (
	"errors"
	"net/url"

	"recado/domain"
)

var errTokenMismatch = errors.New("verify token mismatch")

// A handshaker is a connector whose messenger checks the address of a hook
// before it sends webhooks to it.
type handshaker interface {
	Handshake(hook domain.Settings, query url.Values) (challenge string, ok bool)
}

// handshake returns the challenge if the call has the hook's verify token.
func (s *Server) handshake(c call) (challenge string, err error) {
	hook, err := s.hooks.get(c.r.Context(), c.hook)
	if err != nil {
		return "", err
	}
	h, ok := s.cfg.Connectors[c.kind].(handshaker)
	if !ok || hook.Kind != c.kind {
		return "", domain.ErrNotFound
	}
	challenge, ok = h.Handshake(hook.Secrets, c.r.URL.Query())
	if !ok {
		return "", errTokenMismatch
	}
	return challenge, nil
}
