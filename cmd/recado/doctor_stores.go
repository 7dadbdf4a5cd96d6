package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/blob"
	"recado/adapters/redis"
	"recado/adapters/store/postgres"
	"recado/adapters/store/shared"
	"recado/adapters/store/sqlite"
	"recado/adapters/vault"
	"recado/domain"
)

// checkDatabase opens the store as the service would, but for its migrations, and
// writes to it.
func checkDatabase(ctx context.Context, p *patient) []finding {
	if err := p.open(ctx); err != nil {
		return []finding{explainStore(err)}
	}
	began := time.Now()
	if err := p.store.Ping(ctx); err != nil {
		return []finding{explainStore(err)}
	}
	return explainSpeed(time.Since(began))
}

// databaseSlow is how long the shortest of writes may take.
const databaseSlow = time.Second / 2

func explainSpeed(took time.Duration) []finding {
	if took < databaseSlow {
		return nil
	}
	return []finding{{
		Level: levelWarn, Wrong: fmt.Sprintf("a write takes %v", took.Round(100*time.Millisecond)), Means: "everything is late, webhooks too",
		Do: "look at what else loads the database, at its disk and its replicas",
	}}
}

// open opens the store without a lock, so that the service may run at the same time.
func (p *patient) open(ctx context.Context) error {
	open := openStore
	if p.cfg.DatabaseURL == "" {
		if !p.cfg.hasStore() {
			return errNoDatabase
		}
		open = func(ctx context.Context, c Config) (domain.Store, error) {
			return openEmbedded(ctx, c, sqlite.OpenBeside)
		}
	}
	store, err := open(ctx, p.cfg)
	if err == nil {
		p.store = store
	}
	return err
}

// explainStore says what it means that the store cannot be used.
func explainStore(err error) finding {
	f := finding{Level: levelFail, Wrong: oneLine(err.Error(), 0), Means: "webhooks are answered 503, and nothing is sent", Do: "repair the database, or correct RECADO_DATABASE_URL"}
	switch {
	case errors.Is(err, errNoDatabase):
		f.Level, f.Means, f.Do = levelWarn, "nothing was ever stored there", "start recado serve or recado demo, or correct RECADO_DATA_DIR"
	case errors.Is(err, vault.ErrOtherKey) || strings.Contains(err.Error(), "secret.key is missing"):
		f.Check, f.Means, f.Do = "secret key", "credentials cannot be read, so that recado does not start", "set RECADO_SECRET_KEY to the key with which the data was stored"
	case errors.Is(err, shared.ErrSchema):
		f.Check, f.Means, f.Do = "migrations", "this program does not work with that schema", "run recado migrate, or the program of that version"
	case errors.Is(err, postgres.ErrPooler):
		f.Check, f.Means, f.Do = "connection pooler", "recado does not start", "see PgBouncer in deploy/operations.md"
	}
	return f
}

// checkPooler finds a pooler such as PgBouncer by the number of the server's process,
// which a pooler cannot know when a client connects.
func checkPooler(ctx context.Context, p *patient) (found []finding) {
	p.ask(ctx, func(db *pgx.Conn) error {
		var pid uint32
		if err := db.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil || pid == db.PgConn().PID() {
			return err
		}
		found = []finding{{
			Level: levelWarn, Wrong: "a pooler stands before PostgreSQL",
			Means: "recado waits where the pooler has fewer connections than recado's own pools, 28 for each process",
			Do:    "give recado the address of PostgreSQL itself, or see PgBouncer in deploy/operations.md",
		}}
		return nil
	})
	return found
}

// Differences of clocks.
const (
	clockWarn = 2 * time.Second
	clockFail = time.Minute
)

// checkClock compares our clock with the database's.
func checkClock(ctx context.Context, p *patient) (found []finding) {
	p.ask(ctx, func(db *pgx.Conn) error {
		var at time.Time
		began := time.Now()
		if err := db.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&at); err != nil {
			return err
		}
		found = explainClock(began.Add(time.Since(began) / 2).Sub(at))
		return nil
	})
	return found
}

// checkZones checks whether this program knows the time zones of all companies.
func checkZones(ctx context.Context, p *patient) []finding {
	unknown, err := unknownZones(ctx, p.store)
	if err != nil {
		return []finding{explainStore(err)}
	}
	var found []finding
	for _, u := range unknown {
		found = append(found, finding{
			Level: levelFail, Wrong: fmt.Sprintf("company %s: unknown time zone %s", u.Company, u.Zone),
			Means: "its months and days are counted in UTC", Do: "correct time_zone in the file and run recado apply, or start a newer program",
		})
	}
	return found
}

func explainClock(ahead time.Duration) []finding {
	f := finding{
		Level: levelWarn, Wrong: fmt.Sprintf("the clock of this host is %v ahead of the database's", ahead.Round(time.Second)),
		Means: "times are wrong; CRMs refuse events when it is minutes off", Do: "start time synchronisation, such as chrony, on both hosts",
	}
	switch off := max(ahead, -ahead); {
	case off < clockWarn:
		return nil
	case off >= clockFail:
		f.Level = levelFail
	}
	return []finding{f}
}

// ask connects to PostgreSQL. What fails was found by checkDatabase.
func (p *patient) ask(ctx context.Context, question func(*pgx.Conn) error) {
	if p.cfg.DatabaseURL == "" {
		return
	}
	db, err := pgx.Connect(ctx, string(p.cfg.DatabaseURL))
	if err != nil {
		return
	}
	defer db.Close(ctx)
	_ = question(db)
}

const redisMeans = "work waits up to a second for the sweep; nothing is lost"

func checkRedis(ctx context.Context, p *patient) []finding {
	if err := redis.CheckWrite(ctx, p.redis); err != nil {
		return []finding{{Level: levelFail, Wrong: "it takes no jobs: " + oneLine(err.Error(), 0), Means: redisMeans, Do: "start it, free its memory, or correct RECADO_REDIS_URL"}}
	}
	return nil
}

func checkRedisPolicy(ctx context.Context, p *patient) []finding {
	if policy := redis.Policy(ctx, p.redis); redis.Evicts(policy) {
		return []finding{{Level: levelFail, Wrong: "it has maxmemory-policy " + policy + " and may evict jobs", Means: redisMeans, Do: "CONFIG SET maxmemory-policy noeviction, and the same in its configuration file"}}
	}
	return nil
}

func checkRedisPersistence(ctx context.Context, p *patient) []finding {
	if redis.CannotPersist(ctx, p.redis) {
		return []finding{{Level: levelWarn, Wrong: "it cannot write to its disk", Means: "it soon takes no jobs: " + redisMeans, Do: "free its disk, or turn off its persistence, which recado does not need"}}
	}
	return nil
}

// checkFiles looks where files are kept. A folder that is missing the service creates.
func checkFiles(ctx context.Context, p *patient) []finding {
	if folder := p.cfg.Media.Folder; folder != "" {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	files, err := blob.Open(p.cfg.Media)
	if err == nil {
		err = files.Ping(ctx)
	}
	if err == nil {
		return nil
	}
	return []finding{{
		Level: levelFail, Wrong: oneLine(err.Error(), 0), Means: "files of clients are not fetched, and employees cannot send any",
		Do: "repair the folder or the bucket, or correct RECADO_MEDIA_URL",
	}}
}

// Free space.
const (
	diskWarn = 1 << 30
	diskFail = 100 << 20
)

// checkDisk looks at the disks of the embedded store and of files.
func checkDisk(_ context.Context, p *patient) (found []finding) {
	var dirs []string
	if p.cfg.DatabaseURL == "" {
		dirs = append(dirs, p.cfg.DataDir)
	}
	if p.cfg.Media.Folder != "" {
		dirs = append(dirs, p.cfg.Media.Folder)
	}
	for _, dir := range dirs {
		if free, known := freeSpace(dir); known {
			found = append(found, explainDisk(dir, free)...)
		}
	}
	return found
}

func explainDisk(dir string, free uint64) []finding {
	f := finding{
		Level: levelWarn, Wrong: fmt.Sprintf("%d MiB are free in %s", free>>20, dir),
		Means: "without space webhooks are answered 503", Do: "free some, or move the directory to a larger disk",
	}
	switch {
	case free >= diskWarn:
		return nil
	case free < diskFail:
		f.Level = levelFail
	}
	return []finding{f}
}
