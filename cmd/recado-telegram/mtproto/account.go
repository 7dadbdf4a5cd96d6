// Package mtproto speaks to Telegram as a personal account. What comes it stores as
// updates of the gateway's contract; what goes out it sends once, whatever breaks.
package mtproto

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/updates"
	"github.com/gotd/td/telegram/updates/hook"
	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// The statuses of an account.
const (
	StatusLoggedOut      = "logged_out"
	StatusCodeSent       = "code_sent"
	StatusPasswordNeeded = "password_needed"
	StatusConnecting     = "connecting"
	StatusWorking        = "working"
	StatusFrozen         = "frozen"
	StatusBanned         = "banned"
	StatusRevoked        = "revoked"
)

// Config is one account.
type Config struct {
	Connection string // Recado's name of it
	Groups     bool   // tell of groups, too
	// ImportContacts finds phone numbers by way of the address book of the account, if
	// Telegram does not find them otherwise: it limits that first.
	ImportContacts bool
	APIID          int
	APIHash        string
	Store          *store.Store
	Log            *slog.Logger

	// Telegram changes where Telegram is; nil: nothing.
	Telegram func(*telegram.Options)
	// Patience is how long the connection to Telegram may be down before Recado is told;
	// zero: a minute.
	Patience time.Duration

	bare bool         // a test: without the cures of gotd's losses
	away func() error // a test: why the database takes nothing now
}

// An Account is logged in to Telegram, or waits until it is. Its methods are called by
// many goroutines at once.
type Account struct {
	Differences Counter // of updates that Telegram was asked for, by what it answered

	cfg   Config
	moved chan struct{} // the connection to Telegram came or went

	mu     sync.Mutex // guards the fields below
	client *telegram.Client
	self   person
	up     bool   // it is connected
	ready  bool   // it is logged in, and takes updates
	login  *login // nil: nobody can log in now
	end    context.CancelCauseFunc

	refusal *Error // of the last login by QR code; nil: none
}

// New returns an Account, which does nothing until Run.
func New(cfg Config) *Account { return &Account{cfg: cfg, moved: make(chan struct{}, 1)} }

// Run keeps the account connected until the context ends.
func (a *Account) Run(ctx context.Context) {
	var watch sync.WaitGroup
	watch.Go(func() { a.watch(ctx) })
	defer watch.Wait()
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, 30*time.Second) {
		began := time.Now()
		err := a.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if status, ends := endsLogin(err); ends {
			a.lost(ctx, status, reasonOf(status, err))
		}
		a.cfg.Log.Warn("the connection to Telegram ended", "connection", a.cfg.Connection, "error", ErrorOf(err).Type)
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// reasonOf is why a login ended; empty: the operator ended it.
func reasonOf(status string, err error) string {
	if status == StatusLoggedOut {
		return ""
	}
	return ErrorOf(err).Type
}

// lost stores that the login has ended, and forgets its session.
func (a *Account) lost(ctx context.Context, status, reason string) {
	a.mu.Lock()
	a.self = person{}
	a.mu.Unlock()
	err := errors.Join(a.setStatus(ctx, status, reason), a.cfg.Store.Forget(ctx, a.cfg.Connection))
	if err != nil {
		a.cfg.Log.Error("storing the end of a login failed", "connection", a.cfg.Connection, "error", err)
	}
}

// once connects, lets people log in, and takes updates until something ends it.
func (a *Account) once(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	positions, err := loadPositions(ctx, a.cfg.Store, a.cfg.Connection)
	if err != nil {
		return err
	}
	in := a.intake()
	in.fence = func(err error) {
		if !a.cfg.bare {
			positions.fence()
			end(err)
		}
	}
	var before store.Account
	if err := a.update(ctx, func(t *store.Tx) (err error) { before, err = t.Account(); return err }); err != nil {
		return err
	}
	known := keys{a.cfg.Store, a.cfg.Connection}
	manager := updates.New(updates.Config{
		Handler: in, Storage: positions, AccessHasher: known, UserAccessHasher: known,
		OnTooLong: func() {
			a.cfg.Log.Warn("Telegram has no updates of that age; the chats were read instead", "connection", a.cfg.Connection)
		},
	})
	client := telegram.NewClient(a.cfg.APIID, a.cfg.APIHash, a.options(ctx, manager, before.UserID != 0, end))
	a.begin(client, end)
	defer a.begin(nil, nil)
	flushed := make(chan error, 1)
	go func() {
		err := positions.run(ctx)
		end(err)
		flushed <- err
	}()
	err = client.Run(ctx, func(ctx context.Context) error {
		self, err := a.enter(ctx, client)
		if err != nil {
			return err
		}
		var api updates.API = client.API()
		if !a.cfg.bare {
			api = through{api, in, newHistory(client, in, positions.began), positions.tracked, &a.Differences}
		}
		return manager.Run(ctx, api, self.ID, updates.AuthOptions{OnStart: func(ctx context.Context) {
			if err := a.started(ctx); err != nil {
				end(err)
			}
		}})
	})
	end(err)
	cause := context.Cause(ctx)
	return errors.Join(cause, <-flushed)
}

// intake stores what comes to the account.
func (a *Account) intake() *intake {
	return &intake{store: a.cfg.Store, connection: a.cfg.Connection, groups: a.cfg.Groups, self: a.who, loginToken: a.scanned, away: a.cfg.away}
}

func (a *Account) options(ctx context.Context, manager *updates.Manager, loggedIn bool, end context.CancelCauseFunc) telegram.Options {
	o := telegram.Options{
		SessionStorage:    sealed{a.cfg.Store, a.cfg.Connection},
		UpdateHandler:     eagerly(manager),
		Middlewares:       []telegram.Middleware{hook.UpdateHook(manager.Handle), hook.AffectedHook(manager)},
		OnConnectionState: a.follow(ctx, manager),
		Device:            telegram.DeviceConfig{DeviceModel: "recado-telegram", SystemVersion: "Go", AppVersion: "1"},
		OnSelfError: func(_ context.Context, err error) error {
			if _, ends := endsLogin(err); ends && (loggedIn || a.who().ID != 0) { // before a login that is how it is
				end(err)
				return err
			}
			return nil
		},
	}
	if a.cfg.Telegram != nil {
		a.cfg.Telegram(&o)
	}
	return o
}

// begin notes the client of this run; nil: the run is over.
func (a *Account) begin(client *telegram.Client, end context.CancelCauseFunc) {
	a.alter(func() { a.client, a.end, a.up, a.ready, a.login = client, end, false, false, nil })
}

// started says that the account works. Its position is stored: what comes from now on is told.
func (a *Account) started(ctx context.Context) error {
	a.alter(func() { a.ready = true })
	return a.setStatus(ctx, StatusWorking, "")
}

// who is the account itself.
func (a *Account) who() person {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.self
}

// enter returns who is logged in. Without a login it waits for one.
func (a *Account) enter(ctx context.Context, client *telegram.Client) (*tg.User, error) {
	status, err := client.Auth().Status(ctx)
	if err != nil {
		return nil, err
	}
	self := status.User
	if status.Authorized {
		err = a.claim(ctx, client, self.ID)
	} else {
		self, err = a.waitForLogin(ctx, client)
	}
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.self = person{self.ID, self.FirstName, self.LastName, self.Username}
	a.mu.Unlock()
	return self, nil
}

// api returns the client, if the account can do something now.
func (a *Account) api() (*telegram.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.login != nil:
		return nil, refused(http.StatusUnauthorized, "NOT_LOGGED_IN")
	case !a.linked():
		return nil, &Error{Code: http.StatusServiceUnavailable, Type: "CONNECTING", RetryAfter: 1, Scope: "account"}
	}
	return a.client, nil
}

// Sealed is the session of an account in the store.
type sealed struct {
	store      *store.Store
	connection string
}

func (s sealed) LoadSession(ctx context.Context) ([]byte, error) {
	data, err := s.store.Session(ctx, s.connection)
	if err == nil && data == nil {
		err = session.ErrNotFound
	}
	return data, err
}

func (s sealed) StoreSession(ctx context.Context, data []byte) error {
	return s.store.SetSession(context.WithoutCancel(ctx), s.connection, data)
}
