package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/redis"
	"recado/adapters/store/postgres"
	"recado/adapters/store/sqlite"
	"recado/adapters/vault"
	"recado/domain"
)

// migrate upgrades the schema to this version's and returns the names of the
// migrations that it applied. It calls waits each time that another transaction kept it
// from a lock. The embedded store migrates itself when it opens.
func migrate(ctx context.Context, c Config, waits func(why error)) ([]string, error) {
	if c.DatabaseURL == "" {
		return nil, nil
	}
	return postgres.Migrate(ctx, string(c.DatabaseURL), waits)
}

// openStore opens the store that the configuration names. Its schema must be
// this version's.
func openStore(ctx context.Context, c Config) (domain.Store, error) {
	if c.DatabaseURL != "" {
		v, err := openVault(c, string(c.SecretKey))
		if err != nil {
			return nil, err
		}
		return postgres.Open(ctx, string(c.DatabaseURL), v)
	}
	store, err := openEmbedded(ctx, c, sqlite.Open)
	if errors.Is(err, sqlite.ErrInUse) {
		return nil, fmt.Errorf("%w: stop it first, or set RECADO_DATA_DIR to another directory", err)
	}
	return store, err
}

// openStoreBeside opens the store also while another process has the embedded one
// open, for a short task.
func openStoreBeside(ctx context.Context, c Config) (domain.Store, error) {
	store, err := openStore(ctx, c)
	if errors.Is(err, sqlite.ErrInUse) {
		return openEmbedded(ctx, c, sqlite.OpenBeside)
	}
	return store, err
}

// withStoreBeside opens the store, also beside an embedded service, and calls do. It
// creates no store: there would be nothing to work on.
func withStoreBeside(ctx context.Context, env environment, do func(domain.Store) error) error {
	config, err := readConfig(env.getenv)
	if err != nil {
		return err
	}
	if !config.hasStore() {
		return fmt.Errorf("%w: %s; start recado serve or recado demo, or correct RECADO_DATA_DIR or RECADO_DATABASE_URL", errNoDatabase, config.DataDir)
	}
	store, err := openStoreBeside(ctx, config)
	if err != nil {
		return err
	}
	defer store.Close()
	return do(store)
}

var errNoDatabase = errors.New("there is no database in the data directory yet")

// hasStore reports whether there is a store to open. PostgreSQL tells it by itself.
func (c Config) hasStore() bool {
	if c.DatabaseURL != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(c.DataDir, "recado.db"))
	return !errors.Is(err, fs.ErrNotExist)
}

// openEmbedded opens the store in the data directory, with the configured key or
// else the one that is kept there. It makes that key for a new store only.
func openEmbedded(
	ctx context.Context, c Config, open func(context.Context, string, *vault.Vault) (*sqlite.Store, error),
) (domain.Store, error) {
	file := filepath.Join(c.DataDir, "secret.key")
	text, made, err := secretKey(c, file)
	if err != nil {
		return nil, err
	}
	v, err := openVault(c, text)
	if err != nil {
		return nil, err
	}
	store, err := open(ctx, c.DataDir, v)
	switch {
	case made && errors.Is(err, vault.ErrOtherKey):
		return nil, fmt.Errorf("%s is missing: what the database beside it holds is sealed with the key in it; put the file back, or set RECADO_SECRET_KEY", file)
	case err != nil:
		return nil, err
	case !made:
		return store, nil
	}
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil { // before anything is sealed with it
		store.Close()
		return nil, err
	}
	return store, nil
}

// openVault makes the vault of a secret key, which opens also what was sealed with the
// previous one.
func openVault(c Config, text string) (*vault.Vault, error) {
	var keys [][]byte
	for _, text := range []string{text, string(c.PreviousSecretKey)} {
		if text == "" {
			continue
		}
		key, err := vault.ParseKey(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return vault.New(keys[0], keys[1:]...)
}

// sealerOf returns the vault with which the chat page seals what browsers keep for it:
// that of the store, which is open.
func sealerOf(c Config) (*vault.Vault, error) {
	text, _, err := secretKey(c, filepath.Join(c.DataDir, "secret.key"))
	if err != nil {
		return nil, err
	}
	return openVault(c, text)
}

// secretKey returns the configured key, else the one in the file, else one that it
// made and that is not stored yet.
func secretKey(c Config, file string) (text string, made bool, err error) {
	if c.SecretKey != "" {
		return string(c.SecretKey), false, nil
	}
	stored, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		_ = os.Chmod(file, 0o600) // fails if it is mounted read-only: its mode is the operator's choice
		return strings.TrimSpace(string(stored)), false, err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", false, err
	}
	return base64.StdEncoding.EncodeToString(key), true, nil
}

// openRedis opens the Redis that carries the jobs. Stop closes it.
func openRedis(c Config) (client goredis.UniversalClient, stop func(), err error) {
	if c.RedisURL == "" {
		client, stop = redis.Embedded()
		return client, stop, nil
	}
	client, err = redis.Open(string(c.RedisURL))
	if err != nil {
		return nil, nil, err
	}
	return client, func() { _ = client.Close() }, nil
}

// embedded says which stores are embedded, and what such a setup is good for. It
// is empty if none are.
func embedded(c Config) string {
	var parts []string
	if c.DatabaseURL == "" {
		parts = append(parts, "SQLite in "+c.DataDir)
	}
	if c.RedisURL == "" {
		parts = append(parts, "Redis in this process")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ", good for trials, development and a single small office; set RECADO_DATABASE_URL and RECADO_REDIS_URL for production"
}
