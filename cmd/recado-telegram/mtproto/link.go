package mtproto

import (
	"cmp"
	"context"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/updates"
	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// defaultPatience is how long the connection to Telegram may be down before Recado is told.
const defaultPatience = time.Minute

// alter changes what is known of the connection to Telegram, and wakes watch if it came or went.
func (a *Account) alter(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.linked()
	change()
	if a.linked() != before {
		select {
		case a.moved <- struct{}{}:
		default:
		}
	}
}

// linked reports whether the account is connected and logged in. The caller holds mu.
func (a *Account) linked() bool { return a.client != nil && a.up && (a.ready || a.login != nil) }

// watch tells Recado of a connection that stays down, and when it is back.
func (a *Account) watch(ctx context.Context) {
	patience := cmp.Or(a.cfg.Patience, defaultPatience)
	told := false
	for {
		a.mu.Lock()
		linked := a.linked()
		a.mu.Unlock()
		var late <-chan time.Time
		switch {
		case linked:
			a.turn(ctx, StatusConnecting, StatusWorking)
			told = false
		case !told:
			late = time.After(patience)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.moved:
		case <-late:
			a.turn(ctx, StatusWorking, StatusConnecting)
			told = true
		}
	}
}

// turn stores another status, if the account has the one that it turns from.
func (a *Account) turn(ctx context.Context, from, to string) {
	err := a.update(ctx, func(t *store.Tx) error {
		known, err := t.Account()
		if err != nil || known.Status != from {
			return err
		}
		return a.storeStatus(t, store.Account{UserID: known.UserID, Status: to})
	})
	if err != nil {
		a.cfg.Log.Error("storing the state of the connection failed", "connection", a.cfg.Connection, "error", err)
	}
}

// follow notes the state of the connection. After a break gotd would wait for the next
// update to see that it missed some; follow lets it ask at once.
func (a *Account) follow(ctx context.Context, manager *updates.Manager) func(telegram.ConnectionState) {
	return func(s telegram.ConnectionState) {
		a.alter(func() { a.up = s == telegram.ConnectionStateReady })
		if s == telegram.ConnectionStateReady {
			go func() { _ = manager.Handle(ctx, &tg.UpdatesTooLong{}) }() // it fails only when the run ends
		}
	}
}
