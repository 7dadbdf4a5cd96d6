package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var errReadOnly = errors.New("the server is read-only: it is a standby, or default_transaction_read_only is on")

// followPrimary makes connections follow the primary through a switchover. A server
// that takes no writes is not connected to, but the next host of the URL is. One that
// was demoted is left at its first refusal; demoted is called then.
func followPrimary(cfg *pgx.ConnConfig, demoted func()) {
	if cfg.ValidateConnect == nil { // the URL has no target_session_attrs
		cfg.ValidateConnect = takesWrites
	}
	keeps := cfg.OnPgError
	cfg.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		switch err.Code {
		case "25006": // read-only transaction
			demoted()
			return false
		}
		return keeps(conn, err)
	}
}

func takesWrites(ctx context.Context, conn *pgconn.PgConn) error {
	readOnly, err := ask(ctx, conn, "SHOW transaction_read_only")
	if err != nil {
		return fmt.Errorf("whether the server takes writes: %w", err)
	}
	if readOnly == "on" {
		return errReadOnly
	}
	return nil
}

// leave closes all connections when their work is done: others of them would go on
// reading what a demoted server has.
func (s *Store) leave() {
	if s.opened.Load() {
		s.pool.Reset()
		s.vital.Reset()
	}
}
