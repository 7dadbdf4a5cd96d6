package telegram

import (
	"cmp"
	"encoding/json"
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// An accountStatus is how the account fares, by the gateway's word.
type accountStatus struct {
	Status string
	Reason string // of Telegram, such as SESSION_REVOKED
	Date   seconds
}

// accountsDown says why an account does not work, and what becomes of its connection:
// some states end by themselves or by a login, and some a person has to repair.
var accountsDown = map[string]struct {
	reason domain.Reason
	words  string
}{
	"logged_out":      {domain.ReasonDisconnected, "the account is not logged in at the gateway"},
	"code_sent":       {domain.ReasonDisconnected, "the login waits for the code"},
	"password_needed": {domain.ReasonDisconnected, "the login waits for the password"},
	"connecting":      {domain.ReasonDisconnected, "the gateway does not reach Telegram"},
	"revoked":         {domain.ReasonUnauthorized, "the session of the gateway was ended"},
	"frozen":          {domain.ReasonLocked, "Telegram froze the account"},
	"banned":          {domain.ReasonLocked, "Telegram banned the account"},
}

// link returns what the status means; false: it is none that we know.
func (s *accountStatus) link() (domain.Link, bool) {
	down, isDown := accountsDown[s.Status]
	if !isDown {
		return domain.Link{}, s.Status == "working"
	}
	return domain.Link{Down: &domain.Failure{Reason: down.reason, Cause: domain.Cause{
		Source: string(domain.TelegramPersonal), Code: wire.Brief(cmp.Or(s.Reason, s.Status)), Title: down.words,
	}}}, true
}

func (s *accountStatus) reported(json.RawMessage) (piece, error) {
	if s.Status == "" {
		return piece{}, errors.New("it has no status")
	}
	link, known := s.link()
	if !known {
		return piece{}, nil
	}
	return piece{fact: domain.ConnectionReported{Link: link}, at: s.Date.time()}, nil
}
