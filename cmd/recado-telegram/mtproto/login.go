package mtproto

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/telegram/auth/qrlogin"
	"github.com/gotd/td/tg"
)

// A login is one that people can begin now.
type login struct {
	client *telegram.Client
	done   chan *tg.User // who logged in
	token  chan struct{} // a QR code was scanned

	mu          sync.Mutex // one step at a time; guards the fields below
	phone, hash string
}

// waitForLogin lets people log in, and returns who did.
func (a *Account) waitForLogin(ctx context.Context, client *telegram.Client) (*tg.User, error) {
	known, err := a.Status(ctx)
	if err != nil {
		return nil, err
	}
	if known.Status != StatusRevoked && known.Status != StatusBanned { // a person sees why, until they log in
		if err := a.setStatus(ctx, StatusLoggedOut, ""); err != nil {
			return nil, err
		}
	}
	l := &login{client: client, done: make(chan *tg.User, 1), token: make(chan struct{}, 1)}
	a.alter(func() { a.login = l })
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case self := <-l.done:
			a.alter(func() { a.login = nil })
			return self, nil
		case <-l.token:
			if err := a.imported(ctx, l); err != nil {
				a.refuse(err)
				a.cfg.Log.Warn("a login by QR code failed", "connection", a.cfg.Connection, "error", ErrorOf(err).Type)
			}
		}
	}
}

// scanned says that a QR code was scanned.
func (a *Account) scanned() {
	if l, err := a.loggingIn(); err == nil {
		select {
		case l.token <- struct{}{}:
		default:
		}
	}
}

func (a *Account) loggingIn() (*login, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.login == nil {
		return nil, refused(http.StatusConflict, "LOGGED_IN_OR_CONNECTING")
	}
	return a.login, nil
}

// step does a step of a login, one at a time.
func (a *Account) step(do func(*login) error) error {
	l, err := a.loggingIn()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return do(l)
}

// Login asks Telegram to send a code to the account with the phone number.
func (a *Account) Login(ctx context.Context, phone string) error {
	return a.step(func(l *login) error {
		sent, err := l.client.Auth().SendCode(ctx, phone, auth.SendCodeOptions{})
		if err != nil {
			return err
		}
		code, ok := sent.(*tg.AuthSentCode)
		if !ok {
			return refused(http.StatusBadRequest, "PAYMENT_REQUIRED")
		}
		l.phone, l.hash = phone, code.PhoneCodeHash
		return a.setStatus(ctx, StatusCodeSent, "")
	})
}

// Code goes on with the code that Telegram sent.
func (a *Account) Code(ctx context.Context, code string) error {
	return a.step(func(l *login) error {
		got, err := l.client.Auth().SignIn(ctx, l.phone, code, l.hash)
		if errors.Is(err, auth.ErrPasswordAuthNeeded) {
			return a.setStatus(ctx, StatusPasswordNeeded, "")
		}
		return a.finishLogin(ctx, l, got, err)
	})
}

// Password ends a login of an account that has one.
func (a *Account) Password(ctx context.Context, password string) error {
	return a.step(func(l *login) error {
		got, err := l.client.Auth().Password(ctx, password)
		if errors.Is(err, auth.ErrPasswordInvalid) {
			return refused(http.StatusBadRequest, "PASSWORD_HASH_INVALID")
		}
		return a.finishLogin(ctx, l, got, err)
	})
}

// finishLogin hands over who logged in, if the connection is theirs.
func (a *Account) finishLogin(ctx context.Context, l *login, got *tg.AuthAuthorization, err error) error {
	if err != nil {
		return err
	}
	self, ok := got.User.(*tg.User)
	if !ok {
		return refused(http.StatusBadGateway, "USER_EMPTY")
	}
	if err := a.claim(ctx, l.client, self.ID); err != nil {
		return err
	}
	l.done <- self
	return nil
}

// QR returns the address that a phone has to scan, as a QR code; it holds for half a minute.
func (a *Account) QR(ctx context.Context) (token qrlogin.Token, err error) {
	err = a.step(func(l *login) error {
		token, err = l.client.QR().Export(ctx)
		return err
	})
	return token, err
}

// Logout ends the login, at Telegram and here.
func (a *Account) Logout(ctx context.Context) error {
	client, err := a.api()
	if err != nil {
		return err
	}
	if _, err := client.API().AuthLogOut(ctx); err != nil {
		return a.noted(ctx, err)
	}
	a.finish(refused(http.StatusUnauthorized, typeLoggedOut))
	return nil
}

// imported ends a login by QR code, once it was scanned.
func (a *Account) imported(ctx context.Context, l *login) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	got, err := l.client.QR().Import(ctx)
	if e := ErrorOf(err); err != nil && e.Type == "SESSION_PASSWORD_NEEDED" {
		return a.setStatus(ctx, StatusPasswordNeeded, "")
	}
	return a.finishLogin(ctx, l, got, err)
}
