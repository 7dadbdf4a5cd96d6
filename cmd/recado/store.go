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
// migrations that it applied. The embedded store migrates itself when it opens.
func migrate(ctx context.Context, c Config) ([]string, error) {
	if c.DatabaseURL == "" {
		return nil, nil
	}
	return postgres.Migrate(ctx, string(c.DatabaseURL))
}

// openStore opens the store that the configuration names. Its schema must be
// this version's.
func openStore(ctx context.Context, c Config) (domain.Store, error) {
	v, err := openVault(c)
	if err != nil {
		return nil, err
	}
	if c.DatabaseURL == "" {
		return sqlite.Open(ctx, c.DataDir, v)
	}
	return postgres.Open(ctx, string(c.DatabaseURL), v)
}

// openVault makes the vault of the secret key.
func openVault(c Config) (*vault.Vault, error) {
	text, err := secretKey(c)
	if err != nil {
		return nil, err
	}
	key, err := vault.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("RECADO_SECRET_KEY: %w", err)
	}
	v, err := vault.New(key)
	if err != nil {
		return nil, fmt.Errorf("RECADO_SECRET_KEY: %w", err)
	}
	return v, nil
}

// openStoreBeside opens the store also while another process has the embedded one
// open, for a short task.
func openStoreBeside(ctx context.Context, c Config) (domain.Store, error) {
	store, err := openStore(ctx, c)
	if !errors.Is(err, sqlite.ErrInUse) {
		return store, err
	}
	v, err := openVault(c)
	if err != nil {
		return nil, err
	}
	return sqlite.OpenBeside(ctx, c.DataDir, v)
}

// secretKey returns the configured key, else the one in the data directory, where
// it creates one the first time.
func secretKey(c Config) (string, error) {
	if c.SecretKey != "" {
		return string(c.SecretKey), nil
	}
	file := filepath.Join(c.DataDir, "secret.key")
	text, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		_ = os.Chmod(file, 0o600) // fails if it is mounted read-only: its mode is the operator's choice
		return strings.TrimSpace(string(text)), err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	made := base64.StdEncoding.EncodeToString(key)
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", err
	}
	return made, os.WriteFile(file, []byte(made+"\n"), 0o600)
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
