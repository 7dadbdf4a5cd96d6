package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// openBriefly opens a database in whose transactions no statement waits for a lock for
// longer than it may.
func openBriefly(cfg pgx.ConnConfig, lockWait time.Duration) *sql.DB {
	return sql.OpenDB(briefConnector{stdlib.GetConnector(cfg), lockWait})
}

type briefConnector struct {
	driver.Connector
	lockWait time.Duration
}

// Connect implements driver.Connector.
func (c briefConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return briefConn{conn.(*stdlib.Conn), c.lockWait}, nil
}

type briefConn struct {
	*stdlib.Conn
	lockWait time.Duration
}

// BeginTx implements driver.ConnBeginTx.
func (c briefConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", c.lockWait.Milliseconds()), nil); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// lockedOut reports whether a lock could not be had in time.
func lockedOut(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03"
}

// longestOpen says which transaction of others is open for longest, as far as the role
// may know.
func longestOpen(ctx context.Context, db *sql.DB) string {
	var text string
	err := db.QueryRowContext(ctx, `
SELECT format('of the other transactions the longest open is that of process %s, %s, since %s', pid, application_name, xact_start::timestamptz(0))
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
ORDER BY xact_start LIMIT 1`).Scan(&text)
	if err != nil {
		return "another transaction has it"
	}
	return text
}
