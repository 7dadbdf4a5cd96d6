package postgres

import "context"

// trim deletes old rows by their place, whatever the table's key.
const trim = `
DELETE FROM %[1]s
WHERE ctid = ANY (ARRAY(SELECT ctid FROM %[1]s WHERE %[2]s LIMIT $1)) -- plan 6`

// Trim implements domain.Maintenance.
func (s *Store) Trim(ctx context.Context) (bool, error) { return s.TrimBy(ctx, trim) }
