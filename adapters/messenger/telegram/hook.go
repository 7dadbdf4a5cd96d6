package telegram

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var (
	_ domain.Acknowledger  = (*Connector)(nil)
	_ domain.HookRegistrar = (*Connector)(nil)
	_ domain.Watcher       = (*Connector)(nil)
)

// Acknowledge answers a callback query, so that Telegram stops to show that it waits.
func (c *Connector) Acknowledge(ctx context.Context, conn domain.Connection, press string) error {
	return c.ask(ctx, conn.Settings, "answerCallbackQuery", map[string]any{"callback_query_id": press}, nil)
}

// SetHook makes Telegram deliver the updates that are read to the URL.
func (c *Connector) SetHook(ctx context.Context, conn domain.Connection, hookURL string) error {
	return c.ask(ctx, conn.Settings, "setWebhook", map[string]any{
		"url": hookURL, "secret_token": string(conn.Settings[secretToken]), "allowed_updates": updateKinds,
	}, nil)
}

// HookStatus returns what getWebhookInfo says.
func (c *Connector) HookStatus(ctx context.Context, conn domain.Connection) (domain.HookStatus, error) {
	var info struct {
		URL     string
		Waiting wire.Integer `json:"pending_update_count"`
		ErrorAt seconds      `json:"last_error_date"`
		Error   string       `json:"last_error_message"`
		Kinds   []string     `json:"allowed_updates"`
	}
	err := c.ask(ctx, conn.Settings, "getWebhookInfo", struct{}{}, &info)
	return domain.HookStatus{
		URL: info.URL, Waiting: int64(info.Waiting), LastError: wire.Brief(info.Error), LastErrorAt: info.ErrorAt.time(), Kinds: slices.Clip(info.Kinds),
	}, err
}

// recentError is how old the last error may be to be a problem: Telegram reports
// it for ever.
const recentError = 2 * domain.WatchEvery

// Watch looks where the updates of the bot go, and how they fare.
func (c *Connector) Watch(ctx context.Context, conn domain.Connection, hookURL string) (domain.Watched, error) {
	info, err := c.HookStatus(ctx, conn)
	if err != nil {
		return domain.Watched{}, err
	}
	seen := domain.Watched{Waiting: info.Waiting}
	problem := func(level domain.SignalLevel, title, details string) {
		seen.Problems = append(seen.Problems, domain.Signal{Kind: domain.SignalWebhook, Level: level, Title: title, Details: details})
	}
	switch {
	case info.URL == "":
		problem(domain.LevelCritical, "the bot has no webhook", "run recado hooks --set")
	case hookURL != "" && info.URL != hookURL:
		shown, _, _ := strings.Cut(info.URL, "?")
		problem(domain.LevelCritical, "the webhook of the bot goes to another URL", wire.Brief(shown))
	}
	if time.Since(info.LastErrorAt) < recentError {
		problem(domain.LevelWarning, "Telegram cannot deliver webhooks", info.LastError)
	}
	return seen, nil
}

// ask calls a method of the Bot API once, and reads its result unless that is nil.
func (a api) ask(ctx context.Context, settings domain.Settings, method string, body, result any) error {
	hide := hider(settings, "")
	req, err := a.post(ctx, settings, method, body)
	if err != nil {
		return errors.New(hide(err.Error()))
	}
	reply, err := a.client.Once(req)
	if err != nil {
		return errors.New(hide(err.Error()))
	}
	var said apiAnswer
	switch err := wire.Decode(reply.Body, &said); {
	case err != nil || said.OK == nil:
		return fmt.Errorf("%s: HTTP status %d, without a word of Telegram", method, reply.Status)
	case !*said.OK:
		return fmt.Errorf("%s: %s", method, wire.Brief(hide(said.Description)))
	case result == nil:
		return nil
	}
	return wire.Decode(said.Result, result)
}

// post makes the POST of a method.
func (a api) post(ctx context.Context, settings domain.Settings, method string, body any) (*http.Request, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.methodURL(settings, method), bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// methodURL is where a method is called.
func (a api) methodURL(settings domain.Settings, method string) string {
	base := cmp.Or(string(settings[baseURL]), a.host)
	return strings.TrimRight(base, "/") + "/" + a.path + url.PathEscape(tokenOf(settings)) + "/" + method
}
