package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

func signedByMeta(h http.Header, body []byte) bool {
	given, err := hex.DecodeString(strings.TrimPrefix(h.Get("X-Hub-Signature-256"), "sha256="))
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write(body)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// poolSize is the number of connections with which most was committed: with more,
// Postgres spends its time on switching; with fewer, fewer commits share a flush.
const poolSize = 32

func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	cfg.MaxConns = poolSize
	return pgxpool.NewWithConfig(ctx, cfg)
}

// newDurable makes row 2: like row 1, with one committed INSERT for each webhook.
func newDurable(ctx context.Context, cfg partConfig) (http.Handler, func(), error) {
	pool, err := openPool(ctx, cfg.database)
	if err != nil {
		return nil, nil, err
	}
	_, err = pool.Exec(ctx, `CREATE TABLE webhooks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path        text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    body        bytea NOT NULL
)`)
	return verified(func(w http.ResponseWriter, r *http.Request, body []byte) {
		if _, err := pool.Exec(r.Context(), `INSERT INTO webhooks (path, body) VALUES ($1, $2)`, r.URL.Path, body); err != nil {
			http.Error(w, "not stored", http.StatusServiceUnavailable)
		}
	}), pool.Close, err
}
