package rows

import "recado/adapters/vault"

// Queries are the ports of a store whose statements are the same in every
// database.
type Queries struct {
	safe
	db    DB
	vital DB // for what must not wait for the rest
	zones *zones
}

// NewQueries makes the Queries of a database. What must not wait runs on vital.
func NewQueries(db, vital DB, v *vault.Vault) Queries {
	return Queries{safe{v}, db, vital, &zones{}}
}
