package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"recado/domain"
)

// ErrPooler is wrapped by the error of a pooler that Recado cannot work with.
var ErrPooler = errors.New("a pooler in transaction mode stands before PostgreSQL")

// checkPooler returns an error if a pooler, such as PgBouncer, gives each transaction
// another connection of the server: prepared statements and settings belong to one.
func checkPooler(ctx context.Context, cfg *pgx.ConnConfig) error {
	a, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unavailable(err)
	}
	defer a.Close(ctx)
	first, err := backend(ctx, a)
	if err != nil || first == a.PgConn().PID() { // a pooler does not know the number when a client connects
		return classify(err)
	}
	b, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return unavailable(err)
	}
	defer b.Close(ctx)
	if _, err := b.PgConn().Exec(ctx, "BEGIN").ReadAll(); err != nil {
		return classify(err)
	}
	other, err := backend(ctx, b)
	if err != nil {
		return classify(err)
	}
	second, err := backend(ctx, a)
	if err != nil {
		return classify(err)
	}
	if other == first || second != first {
		return fmt.Errorf("%w: %w, and loses the settings and prepared statements of a connection; "+
			"give RECADO_DATABASE_URL the address of PostgreSQL itself, or set pool_mode = session", domain.ErrUnavailable, ErrPooler)
	}
	return nil
}

// backend returns the number of the server's process that answers now.
func backend(ctx context.Context, c *pgx.Conn) (uint32, error) {
	text, err := ask(ctx, c.PgConn(), "SELECT pg_backend_pid()")
	if err != nil {
		return 0, err
	}
	pid, err := strconv.ParseUint(text, 10, 32)
	return uint32(pid), err
}

// ask returns the one value of a query. It prepares no statement.
func ask(ctx context.Context, c *pgconn.PgConn, sql string) (string, error) {
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}
