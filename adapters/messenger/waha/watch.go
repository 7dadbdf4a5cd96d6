package waha

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var (
	_ domain.Watcher  = (*Connector)(nil)
	_ domain.Lookback = (*Connector)(nil)
)

// Watch looks how the session fares, and whether it is configured as SetHook does it.
func (c *Connector) Watch(ctx context.Context, conn domain.Connection, hookURL string) (domain.Watched, error) {
	info, err := c.session(ctx, conn)
	if err != nil {
		return domain.Watched{}, err
	}
	var w watching
	if link, known := linkOf(info.Status); known {
		link.At = time.Now().Truncate(time.Millisecond)
		w.seen.Link = &link
	}
	w.compareAll(info.Config.Webhooks, conn.Settings, hookURL)
	var about environment
	if call := c.calling(conn, ""); call.ask(ctx, http.MethodGet, "/api/server/version", nil, &about) == nil {
		w.judge(about, info)
	}
	return w.seen, nil
}

// doSet is what mends a configuration.
const doSet = "run recado hooks --set"

// A watching gathers what a look finds.
type watching struct{ seen domain.Watched }

func (w *watching) problem(level domain.SignalLevel, title, details string) {
	w.seen.Problems = append(w.seen.Problems, domain.Signal{Kind: domain.SignalWebhook, Level: level, Title: title, Details: details})
}

// compareAll looks at the webhooks of a session. Those of somebody else do no harm
// beside ours.
func (w *watching) compareAll(hooks []webhook, s domain.Settings, hookURL string) {
	var ours []webhook
	for _, hook := range hooks {
		if hookURL == "" || sameHook(hook.URL, hookURL) {
			ours = append(ours, hook)
		}
	}
	switch {
	case len(hooks) == 0:
		w.problem(domain.LevelWarning, "the session has no webhook of its own", doSet)
	case len(ours) == 0:
		w.compare(hooks[0], s, hookURL)
	case len(ours) == 1:
		w.compare(ours[0], s, hookURL)
	default:
		w.problem(domain.LevelWarning, "the session has several webhooks to us: each message comes twice", doSet)
	}
}

// compare looks at the webhook of a session.
func (w *watching) compare(hook webhook, s domain.Settings, hookURL string) {
	if hookURL != "" && hook.URL != hookURL {
		shown, _, _ := strings.Cut(hook.URL, "?")
		w.problem(domain.LevelCritical, "the webhook of the session goes to another URL", wire.Brief(shown))
	}
	switch {
	case hook.HMAC == nil || hook.HMAC.Key == "":
		w.problem(domain.LevelCritical, "the webhook of the session is not signed", doSet)
	case hook.HMAC.Key != string(s[hmacKey]) && hook.HMAC.Key != string(s[previousHMACKey]):
		w.problem(domain.LevelCritical, "the webhook of the session is signed with another key than hmac_key", doSet)
	}
	var missing []string
	for _, name := range events {
		if !slices.Contains(hook.Events, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		w.problem(domain.LevelWarning, "the webhook of the session lacks events", strings.Join(missing, ", "))
	}
	if hook.Retries.Policy != retryPolicy || hook.Retries.Attempts < retryAttempts {
		w.problem(domain.LevelWarning, "the session gives webhooks up too soon", doSet)
	}
}

// An environment is what WAHA says of itself.
type environment struct{ Version, Engine string }

// oldest is the first version that takes ids of ours.
var oldest = []int{2026, 4, 3}

// judge looks at the version of WAHA and its engine.
func (w *watching) judge(about environment, info sessionInfo) {
	if v := numbers(about.Version); len(v) == len(oldest) && slices.Compare(v, oldest) < 0 {
		w.problem(domain.LevelWarning, "WAHA is too old to recognise a repeated text", "it is "+wire.Brief(about.Version)+"; take 2026.7.1 or newer")
	}
	switch store := info.Config.NOWEB.Store; {
	case about.Engine != "" && !namesMessages(about.Engine):
		w.problem(domain.LevelWarning, "the engine of WAHA does not recognise a repeated text", "it is "+wire.Brief(about.Engine)+"; take GOWS")
	case about.Engine == "NOWEB" && (store == nil || !store.Enabled):
		w.problem(domain.LevelWarning, "the engine NOWEB stores no messages", "what no webhook told of is not found; take GOWS, or enable its store")
	}
}

// numbers reads a version such as 2026.7.1.
func numbers(version string) (list []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}
