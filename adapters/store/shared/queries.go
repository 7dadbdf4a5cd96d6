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

	// transact runs do in a transaction, which is kept unless do returns an
	// error. Do may run again.
	transact func(ctx context.Context, do func(context.Context, Tx) error) error
}

// ErrRollback ends a transaction that has nothing to keep; it is no error.
var ErrRollback = errors.New("nothing to keep")

// NewQueries makes the Queries of a database. What must not wait runs on vital;
// transact gives no error for ErrRollback.
func NewQueries(db, vital DB, transact func(context.Context, func(context.Context, Tx) error) error, v *vault.Vault) Queries {
	return Queries{safe{v}, db, vital, &zones{}, transact}
}
