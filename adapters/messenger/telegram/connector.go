// Package telegram speaks the Bot API of Telegram, and what GATEWAY.md adds to it: the
// API of a gateway to personal accounts. [Connector] is for bots, [Personal] for people.
//
// A webhook is one update. [Connector.Parse] makes at most one fact of it.
// Telegram numbers messages within a chat, so the name of a message is
// "<id of the chat>/<number>". What Telegram answers to a send goes through one
// table of rules, in failures.go.
//
// When a group becomes a supergroup it gets another id and its numbers begin
// anew. Telegram says so in the group, in the supergroup, and in its answer to
// a message that is sent to the old id: each is enough.
package telegram

import (
	"net/http"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A Connector speaks to Telegram for every connection of domain.TelegramBot.
type Connector struct{ api }

var _ domain.Connector = (*Connector)(nil)

// New returns a Connector that sends through the Transport of client, within
// its Timeout. Redirects are not followed and nothing is sent twice, whatever
// client says.
func New(client *http.Client) *Connector { return &Connector{api{wire.New(client), bots}} }

// The names of settings.
const (
	token               = "token"
	secretToken         = "secret_token"
	previousSecretToken = "previous_secret_token"
	baseURL             = "base_url"
)

// defaultBaseURL is where Telegram takes messages.
const defaultBaseURL = "https://api.telegram.org"

// bots is what Telegram itself speaks.
var bots = &dialect{kind: domain.TelegramBot, path: "bot", host: defaultBaseURL, read: readUpdate, rules: rules, limits: limits}

// ConnectionSettings lists what a bot needs.
func (*Connector) ConnectionSettings() []domain.Setting {
	return []domain.Setting{
		{Name: token, Check: checkToken, Identity: botID},
		{Name: secretToken, Check: checkSecretToken},
		{Name: previousSecretToken, Optional: true, Check: checkSecretToken},
		{Name: baseURL, Optional: true, Public: true, Check: checkBaseURL},
		domain.PaceSetting,
	}
}

// Pace returns the limits that Telegram states for bots; the bursts are not stated, but
// allowed. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
func (*Connector) Pace() domain.Pace {
	return domain.Pace{
		Connection: domain.Per(30, time.Second, 30),
		Pair:       domain.Per(1, time.Second, 3),
		Group:      domain.Per(20, time.Minute, 5),
		Unnamed:    true,
	}
}
