package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// While a migration waits for the lock of a table, all that comes after it waits too, reads
// included. So it waits for less than what makes a process seem dead, and lets them go on
// before it tries again.
const (
	lockWait = 1500 * time.Millisecond
	lockRest = 3 * time.Second
)

// Migrate applies the migrations that the database has not yet seen and returns
// their names, also beside an error. Several processes may call it at once: one does the
// work. It calls waits each time that a transaction of others kept it from the lock of a
// table; it tries again until the context ends.
func Migrate(ctx context.Context, url string, waits func(why error)) (applied []string, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return migrator{files, lockWait, lockRest, waits}.migrate(ctx, url)
}

// A migrator is how migrations are applied.
type migrator struct {
	files    fs.FS
	lockWait time.Duration // of those in a transaction; the others lock nothing that anybody waits for
	lockRest time.Duration
	waits    func(why error)
}

func (m migrator) migrate(ctx context.Context, url string) (applied []string, err error) {
	cfg, err := poolConfig(url, statementTimeout) // a migration may take its time
	if err != nil {
		return nil, err
	}
	if err := checkPooler(ctx, cfg.ConnConfig); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	db := openBriefly(*cfg.ConnConfig, m.lockWait)
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, m.files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, err
	}
	for {
		results, err := provider.Up(ctx)
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			results = partial.Applied
		}
		for _, r := range results {
			applied = append(applied, r.Source.Path)
		}
		switch {
		case err == nil:
			return applied, nil
		case partial == nil || !lockedOut(err):
			return applied, fmt.Errorf("migrate: %w", err)
		}
		why := fmt.Errorf("migration %s waits for a lock; %s: %w", partial.Failed.Source.Path, longestOpen(ctx, db), partial.Err)
		m.waits(why)
		select {
		case <-ctx.Done():
			return applied, unavailable(fmt.Errorf("%w: %w", why, ctx.Err()))
		case <-time.After(m.lockRest):
		}
	}
}
