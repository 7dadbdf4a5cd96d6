// Package storetest gives tests a database of PostgreSQL.
package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// Database makes a schema of its own at the server of TEST_DATABASE_URL, and returns its URL.
func Database(t testing.TB) string {
	t.Helper()
	at, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil || at.Host == "" {
		t.Skip(`TEST_DATABASE_URL is not set; eval "$(deploy/services env)" sets it`)
	}
	db, err := sql.Open("pgx", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	name := fmt.Sprintf("telegram_%d", time.Now().UnixNano())
	if _, err := db.Exec(`CREATE SCHEMA ` + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(`DROP SCHEMA ` + name + ` CASCADE`); err != nil {
			t.Error(err)
		}
	})
	query := at.Query()
	query.Set("search_path", name)
	at.RawQuery = query.Encode()
	return at.String()
}
