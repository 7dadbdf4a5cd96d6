package shared

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"recado/adapters/vault"
	"recado/domain"
)

// SchemaVersion returns the version of the newest of a program's migrations.
func SchemaVersion(migrations fs.FS) int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		panic("the migrations are not in the program")
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(files[len(files)-1], "migrations/"), "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic(err)
	}
	return version
}

// SelectSchemaVersion reads the version of the database's schema.
const SelectSchemaVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`

// ErrSchema is wrapped by the error of CheckSchema, beside domain.ErrUnavailable.
var ErrSchema = errors.New("its schema has")

// CheckSchema returns an error if the schema of the database is not the program's.
func CheckSchema(database, program int64) error {
	switch {
	case database > program:
		return fmt.Errorf("%w: %w version %d, which is newer than this program's %d; start the newer program",
			domain.ErrUnavailable, ErrSchema, database, program)
	case database < program:
		return fmt.Errorf("%w: %w version %d, which is older than this program's %d; run `recado migrate`",
			domain.ErrUnavailable, ErrSchema, database, program)
	}
	return nil
}

const selectSealed = `
SELECT 'hook ' || id, secrets FROM hooks UNION ALL
SELECT 'connection ' || id, settings FROM connections UNION ALL
SELECT 'endpoint ' || id, secret FROM endpoints`

// CheckKey returns an error if something stored was sealed with another key than
// the vault's.
func (q Queries) CheckKey(ctx context.Context) error {
	return q.db.Query(ctx, func(row Row) error {
		var place string
		var sealed []byte
		if err := row.Scan(&place, &sealed); err != nil {
			return err
		}
		if _, err := q.vault.Open(sealed, place); errors.Is(err, vault.ErrOtherKey) {
			return fmt.Errorf("%w; start with the key that the data was stored with", err)
		}
		return nil
	}, selectSealed)
}
