package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/redis"
)

// A backup saves a database whose program runs, and restores it into an empty one.
type backup struct {
	save, restore func(w *world, file string) error
}

// backups are the ways of "Backup and restore" in operations.md.
var backups = map[string]backup{
	"postgres and redis": {
		save: func(w *world, file string) error {
			return tool(w.t, "pg_dump", "-Fc", "-f", file, w.env["RECADO_DATABASE_URL"])
		},
		restore: func(w *world, file string) error {
			database := w.env["RECADO_DATABASE_URL"]
			recreateDatabase(w.t, database)
			hints, err := redis.Open(w.env["RECADO_REDIS_URL"])
			if err != nil {
				return err
			}
			defer hints.Close()
			if err := hints.FlushDB(w.t.Context()).Err(); err != nil {
				return err
			}
			return tool(w.t, "pg_restore", "--exit-on-error", "-d", database, file)
		},
	},
	"embedded": {
		save: func(w *world, file string) error {
			db, err := sql.Open("sqlite", filepath.Join(w.env["RECADO_DATA_DIR"], "recado.db"))
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.ExecContext(w.t.Context(), "VACUUM INTO ?", file)
			return err
		},
		restore: func(w *world, file string) error {
			dir := w.env["RECADO_DATA_DIR"]
			key, err := os.ReadFile(filepath.Join(dir, "secret.key"))
			if err != nil {
				return err
			}
			w.env["RECADO_DATA_DIR"] = w.t.TempDir()
			w.env["RECADO_SECRET_KEY"] = strings.TrimSpace(string(key))
			return os.Rename(file, filepath.Join(w.env["RECADO_DATA_DIR"], "recado.db"))
		},
	},
}

// tool runs a program of PostgreSQL's.
func tool(t *testing.T, name string, args ...string) error {
	t.Helper()
	out, err := exec.Command(filepath.Join(fromServices(t, "TEST_POSTGRES_BIN"), name), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// After a restore the installation goes on: what was accepted before the dump is there
// once, and arrives; what came since arrives when the messenger repeats it, and what it
// repeats in vain is dropped.
func TestAnInstallationIsRestored(t *testing.T) {
	for on, b := range backups {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			if on != "embedded" {
				w.env["RECADO_DATABASE_URL"] = createDatabase(t)
				t.Cleanup(func() { w.kill(); dropDatabase(t, w.env["RECADO_DATABASE_URL"]) })
			}
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			const delivered, waiting, since = 10, 10, 10
			write := func(from, to int) {
				for i := from; i < to; i++ {
					if status := w.post(textBody("106540352242922", fmt.Sprint(34600000000+i%7), fmt.Sprint("text-", i))); status != http.StatusOK {
						t.Fatalf("a webhook is answered %d", status)
					}
				}
			}
			write(0, delivered)
			eventually(t, "the CRM has the first of them", 20*time.Second, func() bool { return len(crm.texts()) == delivered })
			crm.onEvent(func(event) int { return http.StatusServiceUnavailable })
			write(delivered, delivered+waiting)
			file := filepath.Join(t.TempDir(), "backup")
			if err := b.save(w, file); err != nil {
				t.Fatal(err)
			}
			write(delivered+waiting, delivered+waiting+since)
			w.kill()
			if err := b.restore(w, file); err != nil {
				t.Fatal(err)
			}
			crm.onEvent(nil)
			w.start()
			write(0, delivered+waiting+since) // the messenger repeats all of them

			eventually(t, "the CRM has every message once", 20*time.Second, func() bool {
				texts := crm.texts()
				for _, times := range texts {
					if times != 1 {
						t.Fatalf("the CRM heard of a message %d times: %v", times, texts)
					}
				}
				return len(texts) == delivered+waiting+since
			})
			repeated := fmt.Sprintf(`recado_updates_total{kind="waba",outcome="repeated"} %d`, delivered+waiting)
			eventually(t, "what the messenger repeats in vain is dropped", 10*time.Second, func() bool {
				_, text := w.get("/metrics")
				return strings.Contains(text, repeated)
			})
		})
	}
}
