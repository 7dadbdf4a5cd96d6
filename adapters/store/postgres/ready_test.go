package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"recado/adapters/vault"
	"recado/domain"
)

// sealer returns a vault whose key repeats a letter.
func sealer(t *testing.T, letter string) *vault.Vault {
	t.Helper()
	v, err := vault.New(bytes.Repeat([]byte(letter), 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestADatabaseThatCannotWorkIsNotReady(t *testing.T) {
	tests := []struct {
		name string
		sql  string
		want string // in the error
	}{
		{"read-only", `ALTER DATABASE %s SET default_transaction_read_only = on`, "read-only"},
		{"the role may only read", `ALTER DATABASE %s SET role = 'pg_read_all_data'`, "permission denied"},
		{"the schema of a newer version", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)`, "newer than this program's"},
		{"the schema of an older version", `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`, "recado migrate"},
		{"another schema", `DROP TABLE goose_db_version`, "recado migrate"},
	}
	databases := newDatabases(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := databases.create(t)
			s, err := Open(t.Context(), address, sealer(t, "k"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Ping(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, address, strings.ReplaceAll(tt.sql, "%s", u.Path[1:]))
			s.vital.Reset() // settings of a database are those of new connections
			err = s.Ping(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// What the server refuses because of its own state is no fault of a webhook, which is
// spooled or repeated; what takes the server too long is tried smaller.
func TestWhatTheServerRefusesIsNoFaultOfTheData(t *testing.T) {
	tests := []struct {
		name, setting, sql string
		want               error
	}{
		{"the tables are gone", "", `ALTER TABLE inbox RENAME TO gone`, domain.ErrUnavailable},
		{"a column is gone", "", `ALTER TABLE inbox RENAME body TO gone`, domain.ErrUnavailable},
		{"it takes longer than the server lets it", "statement_timeout=20", `
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END';
CREATE TRIGGER slowly BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION slowly()`, domain.ErrTimeout},
	}
	databases := newDatabases(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := databases.create(t)
			s, err := Open(t.Context(), address+"&"+tt.setting, sealer(t, "k"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			exec(t, address, tt.sql)
			err = s.Append(t.Context(), []domain.Webhook{{Hook: "meta", Kind: domain.WABA, Body: []byte("{}")}})
			if !errors.Is(err, domain.ErrUnavailable) || !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOpenRefusesAnotherSchema(t *testing.T) {
	address := newDatabases(t).create(t)
	exec(t, address, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)`)
	s, err := Open(t.Context(), address, sealer(t, "k"))
	if err == nil {
		s.Close()
		t.Fatal("it opens")
	}
	if !strings.Contains(err.Error(), "newer than this program's") {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefusesAnotherKey(t *testing.T) {
	address := newDatabases(t).create(t)
	s, err := Open(t.Context(), address, sealer(t, "k"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Declare(t.Context(), domain.Registry{Hooks: []domain.Hook{{ID: "meta", Kind: domain.WABA, Secrets: domain.Settings{"app_secret": "x"}}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), address, sealer(t, "o"))
	if err == nil {
		other.Close()
		t.Fatal("it opens with another key")
	}
	if !errors.Is(err, vault.ErrOtherKey) {
		t.Errorf("got %v", err)
	}
	again, err := Open(t.Context(), address, sealer(t, "k"))
	if err != nil {
		t.Fatalf("with its key: %v", err)
	}
	again.Close()
}

// The server's own words say what is wrong. The password is never among them.
func TestWhyThereIsNoConnection(t *testing.T) {
	server := newDatabases(t).server
	tests := []struct {
		name   string
		change func(*url.URL)
		want   string
	}{
		{"no such database", func(u *url.URL) { u.Path = "/nowhere" }, `FATAL: database "nowhere" does not exist`},
		{"no such role", func(u *url.URL) { u.User = url.UserPassword("nobody", "hunter2") }, `role "nobody" does not exist`},
		{"the password is among the words", func(u *url.URL) { u.User, u.Path = url.UserPassword("recado", "nowhere"), "/nowhere" }, `FATAL: database "…" does not exist`},
		{"no TLS", func(u *url.URL) { u.RawQuery = "sslmode=require" }, "refused TLS"},
		{"an unknown setting", func(u *url.URL) { u.RawQuery += "&speed=high" }, `unrecognized configuration parameter "speed"`},
		{"no server", func(u *url.URL) { u.Host = "127.0.0.1:1" }, "connection refused"},
		{"no such host", func(u *url.URL) { u.Host = "nowhere.invalid:5432" }, "nowhere.invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := *server
			u.User = url.UserPassword(server.User.Username(), "hunter2")
			tt.change(&u)
			_, opened := Open(t.Context(), u.String(), sealer(t, "k"))
			_, migrated := Migrate(t.Context(), u.String(), func(why error) { t.Log(why) })
			for _, err := range []error{opened, migrated} {
				if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, domain.ErrUnavailable) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "hunter2") || strings.Contains(text, "\n") {
					t.Errorf("the error is %q", text)
				}
			}
		})
	}
}
