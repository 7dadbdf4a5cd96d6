package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// freeDatabases are those of tests that ended. To make a database and to migrate it
// takes seconds under the race detector, and to empty one a fraction of that.
var freeDatabases struct {
	sync.Mutex
	urls []string
}

// newDatabase gives the test an empty database, which may have been migrated.
func newDatabase(t *testing.T) string {
	t.Helper()
	freeDatabases.Lock()
	defer freeDatabases.Unlock()
	database := ""
	if last := len(freeDatabases.urls) - 1; last >= 0 {
		database, freeDatabases.urls = freeDatabases.urls[last], freeDatabases.urls[:last]
	} else {
		database = createDatabase(t)
	}
	t.Cleanup(func() {
		if t.Failed() {
			dropDatabase(t, database)
			return
		}
		execSQL(t, database, emptyDatabase)
		freeDatabases.Lock()
		defer freeDatabases.Unlock()
		freeDatabases.urls = append(freeDatabases.urls, database)
	})
	return database
}

// emptyDatabase ends what a killed program left open, and leaves the schema alone.
const emptyDatabase = `DO $$ DECLARE name text; BEGIN
PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' ORDER BY tablename = 'companies', tablename = 'hooks'
LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences WHERE sequencename NOT LIKE 'goose%';
END $$`

// createDatabase creates a database that the test itself drops.
func createDatabase(t *testing.T) string {
	t.Helper()
	u := *realServer(t, "TEST_DATABASE_URL")
	name := fmt.Sprintf("story_%d_%d", os.Getpid(), time.Now().UnixNano())
	execSQL(t, u.String(), "CREATE DATABASE "+name)
	u.Path = "/" + name
	return u.String()
}

// recreateDatabase empties a database as a new disk would.
func recreateDatabase(t *testing.T, database string) {
	t.Helper()
	dropDatabase(t, database)
	execSQL(t, os.Getenv("TEST_DATABASE_URL"), "CREATE DATABASE "+parsed(t, database).Path[1:])
}

func dropDatabase(t *testing.T, database string) {
	t.Helper()
	if err := drop(database); err != nil {
		t.Error(err)
	}
}

// dropFreeDatabases drops them when all tests have ended.
func dropFreeDatabases() {
	for _, database := range freeDatabases.urls {
		_ = drop(database) // there is no test that could fail
	}
}

func drop(database string) error {
	u, err := url.Parse(database)
	if err != nil {
		return err
	}
	return execute(os.Getenv("TEST_DATABASE_URL"), "DROP DATABASE "+u.Path[1:]+" WITH (FORCE)")
}

func execSQL(t *testing.T, url, sql string, args ...any) {
	t.Helper()
	if err := execute(url, sql, args...); err != nil {
		t.Fatal(err)
	}
}

func execute(url, sql string, args ...any) error {
	ctx := context.Background() // also used when the test has ended
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	_, err = db.Exec(ctx, sql, args...)
	return err
}
