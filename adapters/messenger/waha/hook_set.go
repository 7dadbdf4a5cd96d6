package waha

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A configuration is a session's, with its fields as WAHA wrote them: most are the
// operator's.
type configuration map[string]json.RawMessage

// SetHook configures the session so that its events come to the URL. WAHA replaces the
// whole configuration, so that what the operator set is read before, and put back: the
// proxy, the engine's stores, webhooks of somebody else.
func (c *Connector) SetHook(ctx context.Context, conn domain.Connection, hookURL string) error {
	call := c.calling(conn, "")
	path := "/api/sessions/" + call.session
	var session struct{ Config configuration }
	if err := call.ask(ctx, http.MethodGet, path, nil, &session); err != nil {
		return err
	}
	config := map[string]any{}
	for name, field := range session.Config {
		config[name] = field
	}
	config["metadata"] = session.Config.with("metadata", map[string]any{"connection.id": conn.ID})
	config["ignore"] = session.Config.with("ignore", map[string]any{"status": true, "channels": true, "broadcast": true})
	config["webhooks"] = append([]any{map[string]any{
		"url": hookURL, "events": events,
		"hmac":    map[string]string{"key": string(conn.Settings[hmacKey])},
		"retries": map[string]any{"policy": retryPolicy, "delaySeconds": 2, "attempts": retryAttempts},
	}}, session.Config.foreignHooks(hookURL)...)
	return call.ask(ctx, http.MethodPut, path, map[string]any{"config": config}, nil)
}

// with returns an object of the configuration in which some fields are set.
func (c configuration) with(name string, fields map[string]any) map[string]any {
	object := map[string]any{}
	var old map[string]json.RawMessage
	_ = json.Unmarshal(c[name], &old) // null, or nothing: there was none
	for field, value := range old {
		object[field] = value
	}
	maps.Copy(object, fields)
	return object
}

// foreignHooks lists the webhooks that are not ours.
func (c configuration) foreignHooks(hookURL string) (foreign []any) {
	var hooks []json.RawMessage
	_ = json.Unmarshal(c["webhooks"], &hooks) // likewise
	for _, raw := range hooks {
		var hook webhook
		_ = wire.Decode(raw, &hook) // what can be read of it is enough
		if !sameHook(hook.URL, hookURL) {
			foreign = append(foreign, raw)
		}
	}
	return foreign
}

// sameHook reports whether both URLs are of one webhook of ours. The host may differ: an
// installation may have moved.
func sameHook(a, b string) bool {
	if a == b {
		return true
	}
	at, err := url.Parse(a)
	other, err2 := url.Parse(b)
	return err == nil && err2 == nil && at.Path == other.Path
}
