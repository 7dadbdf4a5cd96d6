package shared

import (
	"context"
	"errors"

	"recado/adapters/vault"
)

// Queries are the ports of a store whose statements are the same in every
// database.
type Queries struct {
	safe
	db    DB
	vital DB // for what must not wait for the rest
	zones *zones
	lists map[chatList]string
	finds finds

	// transact runs do in a transaction, which is kept unless do returns an
	// error. Do may run again.
	transact func(ctx context.Context, do func(context.Context, Tx) error) error

	awaitWriters []string // see Dialect
}

// ErrRollback ends a transaction that has nothing to keep; it is no error.
var ErrRollback = errors.New("nothing to keep")

// A Dialect is how a database writes what a shared statement cannot say for all.
type Dialect struct {
	ListChats string // see newChatLists
	In        string // holds for a value in the subquery %s, and leads to the index of the value
	Texts     string // are the texts of the list %s, as the column k.value
	Parked    string // holds for what is parked of the account $2 of a hook $1 up to the id $3, and leads to the index of the account

	// AwaitWriters wait, in a transaction, for all others that may have read the clock and
	// write times by it. None: there are no others.
	AwaitWriters []string
}

// NewQueries makes the Queries of a database. What must not wait runs on vital;
// transact gives no error for ErrRollback.
func NewQueries(db, vital DB, transact func(context.Context, func(context.Context, Tx) error) error, d Dialect, v *vault.Vault) Queries {
	return Queries{safe{v}, db, vital, &zones{}, newChatLists(d.ListChats), newFinds(d), transact, d.AwaitWriters}
}
