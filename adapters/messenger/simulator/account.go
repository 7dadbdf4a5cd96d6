package simulator

import (
	"crypto/subtle"

	"recado/domain"
)

// An Account is a company's account with a messenger.
type Account struct {
	Name   string        // what people call it, such as a phone number's id
	Token  domain.Secret // what a sender must show
	Secret domain.Secret // of its webhooks
	Own    any           // what else the Player knows of it

	kind   domain.Kind
	player Player
	outbox *outbox
	meter  meter // guarded by the Simulator's mu
}

// Accepts reports whether a sender that shows the token may use the account.
func (a *Account) Accepts(token string) bool {
	return subtle.ConstantTimeCompare([]byte(a.Token), []byte(token)) == 1
}

// Account returns the first account of the kind for which is returns true, or nil.
func (s *Simulator) Account(kind domain.Kind, is func(*Account) bool) *Account {
	for _, a := range s.accounts {
		if a.kind == kind && is(a) {
			return a
		}
	}
	return nil
}
