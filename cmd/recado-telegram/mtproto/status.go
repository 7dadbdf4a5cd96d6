package mtproto

import (
	"context"
	"time"

	"recado/cmd/recado-telegram/store"
)

// setStatus stores how the account fares, and tells Recado if that is new.
func (a *Account) setStatus(ctx context.Context, status, reason string) error {
	return a.update(ctx, func(t *store.Tx) error {
		return a.storeStatus(t, store.Account{UserID: a.who().ID, Status: status, Reason: reason})
	})
}

// storeStatus stores how the account fares now, and tells Recado if that is new.
func (a *Account) storeStatus(t *store.Tx, now store.Account) error {
	known, err := t.Account()
	if err != nil || known.Status == now.Status && known.Reason == now.Reason && known.At != 0 {
		return err
	}
	now.At = max(time.Now().Unix(), known.At+1)
	if err := t.SetAccount(now); err != nil {
		return err
	}
	word := map[string]any{"status": now.Status, "date": now.At}
	if now.Reason != "" {
		word["reason"] = now.Reason
	}
	return add(t, 0, "account", word)
}

// A Status is how an account fares.
type Status struct {
	store.Account
	User    person
	Waiting int64 // webhooks
}

// Status returns how the account fares.
func (a *Account) Status(ctx context.Context) (s Status, err error) {
	err = a.cfg.Store.Update(ctx, a.cfg.Connection, func(t *store.Tx) error {
		s.Account, err = t.Account()
		return err
	})
	if err == nil {
		s.User = a.who()
		s.Waiting, _, err = a.cfg.Store.Waiting(ctx, a.cfg.Connection)
	}
	return s, err
}

// finish ends the run of a login that is over; Run stores why.
func (a *Account) finish(why error) {
	a.mu.Lock()
	end := a.end
	a.mu.Unlock()
	if end != nil {
		end(why)
	}
}

// noted looks at the error of a call, which may tell of the account itself.
func (a *Account) noted(ctx context.Context, err error) *Error {
	if err == nil {
		return nil
	}
	e := ErrorOf(err)
	if _, ends := endsLogin(err); ends {
		a.finish(err)
	}
	if len(e.Type) > 7 && e.Type[:7] == "FROZEN_" {
		if err := a.setStatus(ctx, StatusFrozen, e.Type); err != nil {
			a.cfg.Log.Error("storing that an account is frozen failed", "connection", a.cfg.Connection, "error", err)
		}
	}
	return e
}
