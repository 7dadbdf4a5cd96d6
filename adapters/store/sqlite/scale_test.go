package sqlite

import (
	"context"
	"database/sql"
	"flag"
	"reflect"
	"strings"
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"recado/adapters/store/storetest"
)

var long = flag.Bool("long", false, "weigh on 3,000,000 messages, which takes minutes")

func TestWhatRunsByItselfReadsLittle(t *testing.T) {
	size := storetest.Short
	if *long {
		size = storetest.Long
	}
	storetest.Weigh(t, size, func(t *testing.T) storetest.Scale {
		s := opened(t, t.TempDir())
		s.read.db.SetMaxOpenConns(1) // one that counts
		return weighed{s}
	})
}

// weighed implements storetest.Scale.
type weighed struct{ *Store }

func (s weighed) Execute(ctx context.Context, sql string) error {
	_, err := alone{s.Store}.Exec(ctx, strings.ReplaceAll(sql, storetest.Bytes, "CAST('{}' AS blob)"))
	return err
}

// Count implements storetest.Scale: SQLite counts nothing by itself.
func (s weighed) Count(context.Context) error { return nil }

// Vacuum implements storetest.Scale.
func (s weighed) Vacuum(context.Context) error { return nil }

// stepsOfRow is about how many steps of SQLite's machine it takes to read a wide row.
const stepsOfRow = 30

// Read adds up the steps of every statement that is prepared.
func (s weighed) Read(ctx context.Context) (int64, error) {
	reader, err := s.read.db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	return (steps(reader) + steps(s.write.conn)) / stepsOfRow, nil
}

// steps reaches for the handle of SQLite, which the driver hides.
func steps(c *sql.Conn) (n int64) {
	_ = c.Raw(func(conn any) error { // it returns what the function returns
		tls := libc.NewTLS()
		defer tls.Close()
		db := uintptr(reflect.ValueOf(conn).Elem().FieldByName("db").Uint())
		for s := sqlite3.Xsqlite3_next_stmt(tls, db, 0); s != 0; s = sqlite3.Xsqlite3_next_stmt(tls, db, s) {
			n += int64(sqlite3.Xsqlite3_stmt_status(tls, s, sqlite3.SQLITE_STMTSTATUS_VM_STEP, 0))
		}
		return nil
	})
	return n
}
