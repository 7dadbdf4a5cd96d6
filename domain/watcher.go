package domain

import (
	"context"
	"fmt"
	"time"
)

// WatchEvery is the time from one look at a connection's messenger to the next.
const WatchEvery = 5 * time.Minute

// A Watcher is a Connector that can find out the status of a connection at its
// messenger.
type Watcher interface {
	// Watch looks. HookURL is where the messenger should deliver webhooks; empty: we
	// do not know.
	Watch(ctx context.Context, c Connection, hookURL string) (Watched, error)
}

// A Lookback is a Watcher whose messenger keeps messages for a while, so that those of
// which no webhook came are found.
type Lookback interface {
	// Lookback looks for what was written since. An error is of a look that would be the
	// same again.
	Lookback(ctx context.Context, c Connection, since time.Time) (LookedBack, error)
}

// LookedBack is what a Lookback found.
type LookedBack struct {
	Bodies [][]byte  // what was written, as webhooks; what is known already is among it
	Until  time.Time // what was written before is among it; later than since if there is more
	More   bool      // more was written, at Until or later
	Again  time.Time // when to look again at the latest; zero: in its turn
}

// SeekAfter is how long after the first message of a peer who shows no phone number the
// messenger may know it.
const SeekAfter = 10 * time.Second

// seekPhone looks soon for the phone number of a peer who wrote for the first time and
// shows none.
func (c *Change) seekPhone(s State) {
	if chat := c.chat(s); chat.InboundSeq == 1 && !chat.IsGroup && chat.Kind.Traits().Unhides && !chat.Address().IsPhone() {
		c.lookAt = s.Now.Add(SeekAfter)
	}
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

// A HookStatus is where webhooks of a connection go, and whether they arrive.
type HookStatus struct {
	URL         string // empty: nowhere
	Waiting     int64
	LastError   string
	LastErrorAt time.Time
	Kinds       []string // of updates that are delivered
}
