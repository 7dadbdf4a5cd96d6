package postgres

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/store/storetest"
	"recado/adapters/vault"
	"recado/domain"
)

func TestStore(t *testing.T) {
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	databases := newDatabases(t)
	var free []*opened // by rows that passed
	storetest.Run(t, func(t *testing.T) domain.Store {
		t.Helper()
		var s *opened
		if last := len(free) - 1; last >= 0 {
			s, free = free[last], free[:last]
			s.empty(t)
		} else {
			s = databases.open(t, v)
		}
		t.Cleanup(func() {
			if !t.Failed() {
				free = append(free, s)
			}
		})
		return s
	})
}

// databases are those of a test.
type databases struct {
	t      testing.TB // drops them when it ends
	server *url.URL
}

// newDatabases finds the server of TEST_DATABASE_URL. Without one the test is
// skipped, except in CI.
func newDatabases(t testing.TB) *databases {
	t.Helper()
	text := os.Getenv("TEST_DATABASE_URL")
	switch {
	case text == "" && os.Getenv("CI") == "true":
		t.Fatal("TEST_DATABASE_URL is not set, and in CI nothing is left out")
	case text == "":
		t.Skip(`PostgreSQL IS NOT TESTED: TEST_DATABASE_URL is not set; eval "$(deploy/services env)" sets it`)
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return &databases{t: t, server: u}
}

// open opens a new database, as four processes do, until the test of the databases ends.
func (d *databases) open(t testing.TB, v *vault.Vault) *opened {
	t.Helper()
	url := d.create(t)
	var o opened
	for range 4 {
		s, err := Open(context.Background(), url, v)
		if err != nil {
			t.Fatal(err)
		}
		d.t.Cleanup(s.Close)
		o.Store, o.processes = s, append(o.processes, s)
	}
	return &o
}

// template is a database that is only migrated. To copy it takes a tenth of the time
// that its migrations take under the race detector.
var template struct {
	sync.Once
	name string
	drop func() error
}

// TestMain drops the template when all tests have ended.
func TestMain(m *testing.M) {
	code := m.Run()
	if template.drop != nil {
		if err := template.drop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// create makes a database and returns its URL.
func (d *databases) create(t testing.TB) string {
	t.Helper()
	template.Do(func() {
		name := d.copy(t, "template1")
		template.drop = func() error { return execute(d.server.String(), "DROP DATABASE "+name+" WITH (FORCE)") }
		if _, err := Migrate(t.Context(), d.url(name), func(why error) { t.Log(why) }); err != nil {
			t.Fatal(err)
		}
		template.name = name
	})
	if template.name == "" {
		t.Fatal("another test failed to migrate a database")
	}
	name := d.copy(t, template.name)
	d.t.Cleanup(func() { exec(d.t, d.server.String(), "DROP DATABASE "+name+" WITH (FORCE)") })
	return d.url(name)
}

func (d *databases) copy(t testing.TB, from string) (name string) {
	t.Helper()
	name = fmt.Sprintf("storetest_%d_%d", os.Getpid(), time.Now().UnixNano())
	exec(t, d.server.String(), "CREATE DATABASE "+name+" TEMPLATE "+from)
	return name
}

func (d *databases) url(name string) string {
	u := *d.server
	u.Path = "/" + name
	return u.String()
}

func exec(t testing.TB, url, sql string) {
	t.Helper()
	if err := execute(url, sql); err != nil {
		t.Fatal(err)
	}
}

func execute(url, sql string) error {
	ctx := context.Background() // also used when the test has ended
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// opened is a store that shows its insides, and that other processes have open too.
type opened struct {
	*Store
	processes []domain.Store
	ahead     bool // its clock was put forward
}

// empty empties the store for another row. Connections, and the statements that they
// have prepared, take a hundred times as long to make.
func (s *opened) empty(t testing.TB) {
	t.Helper()
	sql := []string{`DO $$ DECLARE name text; BEGIN
FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%' ORDER BY tablename = 'companies', tablename = 'hooks'
LOOP EXECUTE 'DELETE FROM ' || name; END LOOP; END $$`}
	if s.ahead {
		sql = append(sql, fmt.Sprintf(clock, "SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint", 0))
	}
	for _, statement := range sql {
		if _, err := s.pool.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s.ahead = false
}

// Worker implements storetest.Workers.
func (s *opened) Worker(i int) domain.Store {
	return s.processes[i%len(s.processes)]
}

// Forward implements storetest.Insides: the clock is a function of the database.
func (s *opened) Forward(ctx context.Context, d time.Duration) error {
	var body string
	if err := s.pool.QueryRow(ctx, `SELECT prosrc FROM pg_proc WHERE proname = 'now_ms'`).Scan(&body); err != nil {
		return err
	}
	s.ahead = true
	_, err := s.pool.Exec(ctx, fmt.Sprintf(clock, body, d.Milliseconds()))
	return err
}

const clock = `CREATE OR REPLACE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$ %s + %d $$`

// Execute implements storetest.Insides.
func (s *opened) Execute(ctx context.Context, sql string) error {
	return weighed{s.Store}.Execute(ctx, sql)
}

// Dump implements storetest.Insides.
func (s *opened) Dump(ctx context.Context) ([]byte, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	rows, _ := conn.Query(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) // the error comes with the rows
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	var all bytes.Buffer
	for _, table := range tables {
		if _, err := conn.Conn().PgConn().CopyTo(ctx, &all, "COPY "+table+" TO STDOUT (FORMAT binary)"); err != nil {
			return nil, err
		}
	}
	return all.Bytes(), err
}
