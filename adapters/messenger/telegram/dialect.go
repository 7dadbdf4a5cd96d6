package telegram

import (
	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A dialect is how the API of bots and that of a gateway to personal accounts differ.
type dialect struct {
	kind      domain.Kind // names the source of failures, too
	path      string      // stands before the token in a URL
	host      string      // where messages go without a base_url
	read      func(body []byte) ([]piece, error)
	rules     []rule
	limits    []domain.Limit
	clientIDs bool // takes an id of ours, and sends no second message with it
}

// An api is what both kinds of connections do alike.
type api struct {
	client wire.Client
	*dialect
}

// HookSettings is empty: each account has its own webhook.
func (api) HookSettings() []domain.Setting { return nil }

// Limits lists what the messenger takes.
func (a api) Limits() []domain.Limit { return a.limits }
