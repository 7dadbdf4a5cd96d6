package sqlite

import "context"

// trim deletes old rows by their place, whatever the table's key.
const trim = `DELETE FROM %[1]s WHERE rowid IN (SELECT rowid FROM %[1]s WHERE %[2]s LIMIT $1)`

// Trim implements domain.Maintenance.
func (s *Store) Trim(ctx context.Context) (bool, error) { return s.TrimBy(ctx, trim) }

// AdvanceQueues implements domain.Maintenance: SQLite removes at once what leaves a queue.
func (*Store) AdvanceQueues(context.Context) error { return nil }
