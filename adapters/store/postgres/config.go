package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// settings are those of each connection. A connection that hangs is given up: a
// statement after 30 s, an idle transaction after 10 s.
var settings = []struct{ name, value string }{
	{statementTimeout, "30s"},
	{"idle_in_transaction_session_timeout", "10s"},
	{"jit", "off"},
	{"max_parallel_workers_per_gather", "0"},  // plan 7
	{"plan_cache_mode", "force_generic_plan"}, // plan 7
	{"enable_seqscan", "off"},                 // plan 7
	{"enable_bitmapscan", "off"},              // plan 7
	{"enable_incremental_sort", "off"},        // plan 7
	{"enable_indexonlyscan", "off"},           // plan 7
}

const statementTimeout = "statement_timeout"

// pingAfter is how long a connection rests until it is tried before it is used: longer
// than from one sweep to the next, so that an idle program does not try one each time.
const pingAfter = 3 * time.Second

// poolConfig reads the URL. Each connection gets the settings that the URL does not
// name, but for those that are left out.
func poolConfig(url string, leaveOut ...string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("RECADO_DATABASE_URL is not a PostgreSQL URL (postgres://user:password@host:5432/name)")
	}
	if cfg.MaxConns < 24 {
		cfg.MaxConns = 24
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ShouldPing = func(_ context.Context, c pgxpool.ShouldPingParams) bool { return c.IdleDuration > pingAfter }
	named := cfg.ConnConfig.RuntimeParams
	if _, set := named["application_name"]; !set {
		named["application_name"] = "recado"
	}
	var set strings.Builder
	for _, s := range settings {
		if _, found := named[s.name]; !found && !slices.Contains(leaveOut, s.name) {
			fmt.Fprintf(&set, "SET %s = '%s';", s.name, s.value)
		}
	}
	// By a statement, because PgBouncer refuses what it does not know at the start of a connection.
	cfg.ConnConfig.AfterConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, set.String()).Close()
	}
	return cfg, nil
}
