package webhooks

import (
	"errors"
	"net/url"

	"recado/domain"
)

var (
	errTokenMismatch = errors.New("verify token mismatch")
	errNoHandshake   = errors.New("a handshake for a hook that does not exist")
)

// A handshaker is a connector whose messenger checks the address of a hook
// before it sends webhooks to it.
type handshaker interface {
	Handshake(hook domain.Settings, query url.Values) (challenge string, ok bool)
}

// handshake returns the challenge if the call has the hook's verify token.
func (s *Server) handshake(c call) (challenge string, err error) {
	h, ok := s.cfg.Connectors[c.kind].(handshaker)
	if !ok {
		return "", errNoKind
	}
	hook, err := s.hook(c)
	if err == nil {
		err = s.verify(c, hook, func(secrets domain.Settings) (err error) {
			challenge, err = shake(h, secrets, c.r.URL.Query())
			return err
		})
	}
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return "", errNoHandshake
	case errors.Is(err, domain.ErrForged):
		return "", errTokenMismatch
	}
	return challenge, err
}

func shake(h handshaker, secrets domain.Settings, query url.Values) (challenge string, err error) {
	challenge, ok := h.Handshake(secrets, query)
	if !ok {
		return "", domain.ErrForged
	}
	return challenge, nil
}
