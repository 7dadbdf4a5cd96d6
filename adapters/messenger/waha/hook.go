package waha

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var (
	_ domain.HookRegistrar = (*Connector)(nil)
	_ domain.Watcher       = (*Connector)(nil)
	_ domain.Lookback      = (*Connector)(nil)
)

// events lists the events that are read. "message" and "*" would tell of each message twice.
var events = []string{
	"message.any", "message.ack", "message.ack.group", "message.reaction", "message.edited", "message.revoked", "session.status",
}

// A sessionInfo is what WAHA says of a session.
type sessionInfo struct {
	Status string
	Me     struct {
		ID, Lid  jid
		Timelock struct {
			Ends stamp `json:"timeEnforcementEnds"`
		} `json:"reachoutTimelock"` // while WhatsApp lets the account write to nobody new
	}
	Config struct {
		Webhooks []struct {
			URL    string
			Events []string
		}
	}
}

// SetHook configures the session so that its events come to the URL. WAHA puts the
// whole configuration anew.
func (c *Connector) SetHook(ctx context.Context, conn domain.Connection, hookURL string) error {
	call := c.calling(conn, "")
	return call.ask(ctx, http.MethodPut, "/api/sessions/"+call.session, map[string]any{"config": map[string]any{
		"metadata": map[string]string{"connection.id": string(conn.ID)},
		"webhooks": []any{map[string]any{
			"url": hookURL, "events": events,
			"hmac":    map[string]string{"key": string(conn.Settings[hmacKey])},
			"retries": map[string]any{"policy": "exponential", "delaySeconds": 2, "attempts": 15},
		}},
		"ignore": map[string]bool{"status": true, "channels": true, "broadcast": true},
	}}, nil)
}

// HookStatus returns where the events of the session go.
func (c *Connector) HookStatus(ctx context.Context, conn domain.Connection) (domain.HookStatus, error) {
	info, err := c.session(ctx, conn)
	if err != nil || len(info.Config.Webhooks) == 0 {
		return domain.HookStatus{}, err
	}
	hook := info.Config.Webhooks[0]
	return domain.HookStatus{URL: hook.URL, Kinds: hook.Events}, nil
}

func (c *Connector) session(ctx context.Context, conn domain.Connection) (info sessionInfo, err error) {
	call := c.calling(conn, "")
	return info, call.ask(ctx, http.MethodGet, "/api/sessions/"+call.session, nil, &info)
}

// Watch looks how the session fares, and where its events go.
func (c *Connector) Watch(ctx context.Context, conn domain.Connection, hookURL string) (domain.Watched, error) {
	info, err := c.session(ctx, conn)
	if err != nil {
		return domain.Watched{}, err
	}
	var seen domain.Watched
	if link, known := linkOf(info.Status); known {
		link.At = time.Now().Truncate(time.Millisecond)
		seen.Link = &link
	}
	problem := func(level domain.SignalLevel, title, details string) {
		seen.Problems = append(seen.Problems, domain.Signal{Kind: domain.SignalWebhook, Level: level, Title: title, Details: details})
	}
	hooks := info.Config.Webhooks
	switch {
	case len(hooks) == 0:
		problem(domain.LevelWarning, "the session has no webhook of its own", "run recado hooks --set")
	case len(hooks) > 1:
		problem(domain.LevelWarning, "the session has several webhooks: each message may come twice", "")
	case hookURL != "" && hooks[0].URL != hookURL:
		shown, _, _ := strings.Cut(hooks[0].URL, "?")
		problem(domain.LevelCritical, "the webhook of the session goes to another URL", wire.Brief(shown))
	}
	if len(hooks) == 1 {
		var missing []string
		for _, name := range events {
			if !slices.Contains(hooks[0].Events, name) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			problem(domain.LevelWarning, "the webhook of the session lacks events", strings.Join(missing, ", "))
		}
	}
	return seen, nil
}

// ask calls a method once, and reads its answer into result unless that is nil.
func (c *call) ask(ctx context.Context, method, path string, body, result any) error {
	reply, failed := c.do(ctx, method, path, body)
	switch {
	case failed != nil:
		return errors.New(failed.Failure.Cause.Details)
	case reply.Status/100 != 2:
		if refused, own := c.refusal(reply); own {
			return fmt.Errorf("WAHA: %s", refused.Failure.Cause.Title)
		}
		return fmt.Errorf("%s: HTTP status %d, without a word of WAHA", path, reply.Status)
	case result == nil:
		return nil
	}
	return wire.Decode(reply.Body, result)
}
