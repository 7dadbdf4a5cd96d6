package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// A naive is row 3: the pipeline that an experienced user of asynq would write, with
// a task for each webhook, a transaction for each message, a task for each callback.
type naive struct {
	pool   *pgxpool.Pool
	client *asynq.Client
	http   *http.Client
	crm    string
}

const (
	naiveAtOnce = 64 // concurrent tasks; more were not faster
	taskWebhook = "webhook"
	taskTell    = "callback"
)

const naiveSchema = `
CREATE TABLE chats (
    account         text NOT NULL,
    peer            text NOT NULL,
    name            text NOT NULL,
    seq             bigint NOT NULL,
    unanswered      bigint NOT NULL,
    last_inbound_at timestamptz NOT NULL,
    PRIMARY KEY (account, peer)
);
CREATE TABLE messages (
    account     text NOT NULL,
    provider_id text NOT NULL,
    peer        text NOT NULL,
    seq         bigint NOT NULL,
    text        text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (account, provider_id)
);
CREATE TABLE events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body         jsonb NOT NULL,
    delivered_at timestamptz
)`

func newNaive(ctx context.Context, cfg partConfig) (http.Handler, func(), error) {
	pool, err := openPool(ctx, cfg.database)
	if err != nil {
		return nil, nil, err
	}
	if _, err := pool.Exec(ctx, naiveSchema); err != nil {
		return nil, nil, err
	}
	options, err := redis.ParseURL(cfg.redis)
	if err != nil {
		return nil, nil, fmt.Errorf("redis: %w", err)
	}
	shared := redis.NewClient(options)
	n := &naive{
		pool: pool, client: asynq.NewClientFromRedisClient(shared), crm: cfg.crm,
		http: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: naiveAtOnce}},
	}
	server := asynq.NewServerFromRedisClient(shared, asynq.Config{Concurrency: naiveAtOnce, TaskCheckInterval: 50 * time.Millisecond, LogLevel: asynq.WarnLevel})
	mux := asynq.NewServeMux()
	mux.HandleFunc(taskWebhook, n.store)
	mux.HandleFunc(taskTell, n.tell)
	if err := server.Start(mux); err != nil {
		return nil, nil, fmt.Errorf("asynq: %w", err)
	}
	return verified(n.receive), func() { server.Shutdown(); pool.Close() }, nil
}

func (n *naive) receive(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := n.client.EnqueueContext(r.Context(), asynq.NewTask(taskWebhook, body)); err != nil {
		http.Error(w, "not enqueued", http.StatusServiceUnavailable)
	}
}

// A naiveWebhook is the part of Meta's webhook that is stored.
type naiveWebhook struct {
	Entry []struct {
		Changes []struct {
			Value struct {
				Metadata struct {
					Account string `json:"phone_number_id"`
				}
				Contacts []struct{ Profile struct{ Name string } }
				Messages []naiveMessage
			}
		}
	}
}

type naiveMessage struct {
	From, ID  string
	Timestamp string
	Text      struct{ Body string }
}

// store handles the task of a webhook.
func (n *naive) store(ctx context.Context, t *asynq.Task) error {
	var hook naiveWebhook
	if err := json.Unmarshal(t.Payload(), &hook); err != nil {
		return fmt.Errorf("webhook: %w: %w", err, asynq.SkipRetry)
	}
	for _, entry := range hook.Entry {
		for _, change := range entry.Changes {
			for i, m := range change.Value.Messages {
				event, err := n.storeMessage(ctx, change.Value.Metadata.Account, change.Value.Contacts[i].Profile.Name, m)
				if err != nil {
					return err
				}
				if event == 0 {
					continue // a repeat
				}
				if _, err := n.client.EnqueueContext(ctx, asynq.NewTask(taskTell, strconv.AppendInt(nil, event, 10))); err != nil {
					return fmt.Errorf("callback: %w", err)
				}
			}
		}
	}
	return nil
}

// storeMessage runs the transaction of a message and returns its event.
func (n *naive) storeMessage(ctx context.Context, account, name string, m naiveMessage) (event int64, err error) {
	seconds, err := strconv.ParseInt(m.Timestamp, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("timestamp: %w: %w", err, asynq.SkipRetry)
	}
	at := time.Unix(seconds, 0)
	err = pgx.BeginFunc(ctx, n.pool, func(tx pgx.Tx) error {
		var seq, unanswered int64
		err := tx.QueryRow(ctx, `
INSERT INTO chats (account, peer, name, seq, unanswered, last_inbound_at) VALUES ($1, $2, $3, 1, 1, $4)
ON CONFLICT (account, peer) DO UPDATE SET name = excluded.name, seq = chats.seq + 1, unanswered = chats.unanswered + 1, last_inbound_at = excluded.last_inbound_at
RETURNING seq, unanswered`, account, m.From, name, at).Scan(&seq, &unanswered)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
INSERT INTO messages (account, provider_id, peer, seq, text, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`, account, m.ID, m.From, seq, m.Text.Body, at)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		body := map[string]any{
			"type": "message.created", "account": account, "chat": map[string]any{"peer_id": m.From, "seq": seq, "unanswered": unanswered},
			"message": map[string]any{"provider_id": m.ID, "text": m.Text.Body, "sent_at": at}, "contact": map[string]any{"name": name},
		}
		return tx.QueryRow(ctx, `INSERT INTO events (body) VALUES ($1) RETURNING id`, body).Scan(&event)
	})
	return event, err
}

// tell handles the task of a callback.
func (n *naive) tell(ctx context.Context, t *asynq.Task) error {
	var event json.RawMessage
	if err := n.pool.QueryRow(ctx, `SELECT body FROM events WHERE id = $1::bigint`, string(t.Payload())).Scan(&event); err != nil {
		return fmt.Errorf("event: %w", err)
	}
	var body bytes.Buffer
	if err := json.Compact(&body, event); err != nil { // Postgres adds spaces
		return fmt.Errorf("event: %w", err)
	}
	id, now := "evt_"+string(t.Payload()), strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(appSecret))
	fmt.Fprintf(mac, "%s.%s.%s", id, now, body.Bytes())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.crm, bytes.NewReader(body.Bytes()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", now)
	r.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	answer, err := n.http.Do(r)
	if err != nil {
		return fmt.Errorf("callback: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is reused
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("callback: status %d", answer.StatusCode)
	}
	_, err = n.pool.Exec(ctx, `UPDATE events SET delivered_at = now() WHERE id = $1::bigint`, string(t.Payload()))
	return err
}
