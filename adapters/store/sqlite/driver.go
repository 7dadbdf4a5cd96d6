package sqlite

import (
	"context"
	"database/sql/driver"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// How connections are set up. What is acknowledged is on the disk.
var (
	always     = []string{"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(FULL)", "fullfsync(1)", "temp_store(MEMORY)"}
	forWriting = append(always[:len(always):len(always)], "cache_size(-32768)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)")
	forReading = append(always[:len(always):len(always)], "cache_size(-4096)", "query_only(1)")
)

// An engine is SQLite with the functions that our statements call.
type engine struct{ sqlite.Driver }

// newDriver makes an engine whose now_ms() is the clock. Within a statement it
// stands still, so SQLite may ask once.
func newDriver(clock func() time.Time) *engine {
	e := &engine{}
	e.MustRegisterDeterministicScalarFunction("now_ms", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return clock().UnixMilli(), nil
	})
	return e
}

// A connector opens connections to one file.
type connector struct {
	engine *engine
	name   string
}

func (e *engine) connector(path string, pragmas []string) connector {
	file := url.URL{
		Scheme:   "file",
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"), // of C:\ too
		RawQuery: url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode(),
	}
	return connector{e, file.String()}
}

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.engine.Open(c.name) }

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return &c.engine.Driver }
