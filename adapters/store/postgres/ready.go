package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"recado/adapters/store/shared"
	"recado/domain"
)

// schemaVersion is that of this program.
var schemaVersion = shared.SchemaVersion(migrations)

// probe fails if the database is read-only, if the role may not write, or if the
// disk is full, for which the export of a snapshot writes a small file that ends
// with the statement. It leaves nothing behind.
const probe = `
WITH nothing AS (INSERT INTO processes (id, beat_at) SELECT id, beat_at FROM processes WHERE false)
SELECT (` + shared.SelectSchemaVersion + `), pg_export_snapshot()`

// Ping implements domain.Store.
func (s *Store) Ping(ctx context.Context) error {
	var version int64
	var snapshot string
	err := s.vital.QueryRow(ctx, probe).Scan(&version, &snapshot)
	return s.checkSchema(version, err)
}

// check fails unless the database can be opened by this program. It repairs the feed
// of one that was restored.
func (s *Store) check(ctx context.Context) error {
	var version int64
	err := s.vital.QueryRow(ctx, shared.SelectSchemaVersion).Scan(&version)
	if err := s.checkSchema(version, err); err != nil {
		return err
	}
	if err := s.CheckKey(ctx); err != nil {
		return err
	}
	return s.repairFeed(ctx)
}

func (*Store) checkSchema(version int64, err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "42P01" { // no such table
		version, err = 0, nil
	}
	if err != nil {
		return classify(err)
	}
	return shared.CheckSchema(version, schemaVersion)
}

// noConnection says why there is no connection, in the words of the server or of
// the network, without the password.
func noConnection(err *pgconn.ConnectError) error {
	reason := strings.Join(strings.Fields(err.Unwrap().Error()), " ")
	if password := err.Config.Password; password != "" {
		reason = strings.ReplaceAll(reason, password, "…")
	}
	return fmt.Errorf("%w: no connection to %s: %s", domain.ErrUnavailable, err.Config.Host, reason)
}
