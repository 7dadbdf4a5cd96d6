package mtproto

import (
	"context"
	"net/http"

	"github.com/gotd/td/telegram"

	"recado/cmd/recado-telegram/store"
)

// typeOtherAccount refuses the login of another account than the connection's.
const typeOtherAccount = "OTHER_ACCOUNT"

// claim makes the connection that of the user who logged in, if it was nobody's. Another
// user is logged out again: Telegram numbers the messages of each account anew, and Recado
// would take a client's message to the second for one to the first.
func (a *Account) claim(ctx context.Context, client *telegram.Client, user int64) error {
	var owner int64
	err := a.update(ctx, func(t *store.Tx) (err error) { owner, err = t.Claim(user); return err })
	if err != nil || owner == user {
		return err
	}
	ended := error(refused(http.StatusUnauthorized, typeLoggedOut))
	if _, err := client.API().AuthLogOut(ctx); err != nil {
		ended = err // the next run finds the session, and tries again
	}
	a.finish(ended)
	return &Error{
		Code: http.StatusConflict, Type: typeOtherAccount,
		Words: "The connection " + a.cfg.Connection + " is that of another Telegram account; declare a new connection for this one, in Recado and here",
	}
}

// refuse keeps why a login by QR code was refused, for who waits for it.
func (a *Account) refuse(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := ErrorOf(err); e.Type == typeOtherAccount {
		a.refusal = e
	}
}

// Refusal returns, once, why a login by QR code was refused; nil: it was not.
func (a *Account) Refusal() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refusal == nil {
		return nil
	}
	err := a.refusal
	a.refusal = nil
	return err
}
