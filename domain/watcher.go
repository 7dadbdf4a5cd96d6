package domain

import (
	"context"
	"fmt"
	"time"
)

// WatchEvery is the time from one look at a connection's messenger to the next.
const WatchEvery = 5 * time.Minute

// A Watcher is a Connector that can find out how a connection fares at its
// messenger.
type Watcher interface {
	// Watch looks. HookURL is where the messenger should deliver webhooks; empty: we
	// do not know.
	Watch(ctx context.Context, c Connection, hookURL string) (Watched, error)
}

// A Lookback is a Watcher whose messenger keeps messages for a while, so that those of
// which no webhook came are found.
type Lookback interface {
	// Lookback returns, as webhooks, what was written since, and until when it looked:
	// earlier than now if there is more. What is known already is among it.
	Lookback(ctx context.Context, c Connection, since time.Time) (bodies [][]byte, until time.Time, err error)
}

// An Unofficial connector reaches accounts in a way that their messenger does not support.
type Unofficial interface {
	// Risk says what the owner of an account risks by linking it.
	Risk() string
}

// RiskOf says what the owner of an account risks, and what Recado does about it.
func RiskOf(k Kind, u Unofficial) string {
	risk := u.Risk()
	if most := k.Traits().Strangers; most > 0 {
		risk += fmt.Sprintf(" Recado writes to at most %d people a day who never wrote themselves.", most)
	}
	return risk
}

// A Linker is a Connector whose accounts are linked by a code that a person scans with
// the phone.
type Linker interface {
	// LinkCode returns the code to be scanned now. It is empty while there is none yet,
	// and when the account is linked already.
	LinkCode(ctx context.Context, c Connection) (code string, linked bool, err error)

	Unofficial
}

// A HookRegistrar is a Connector that sets at its messenger where webhooks go.
type HookRegistrar interface {
	// SetHook makes the messenger deliver the connection's webhooks to the URL.
	SetHook(ctx context.Context, c Connection, url string) error

	// HookStatus returns what the messenger says of the webhooks, by its own names.
	HookStatus(ctx context.Context, c Connection) (HookStatus, error)
}

// A HookStatus is where webhooks of a connection go, and how they fare.
type HookStatus struct {
	URL         string // empty: nowhere
	Waiting     int64
	LastError   string
	LastErrorAt time.Time
	Kinds       []string // of updates that are delivered
}
