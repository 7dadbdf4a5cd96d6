// Package waha speaks to WAHA, a gateway to WhatsApp for ordinary accounts that are
// linked by a QR code. WhatsApp does not support it, and may ban a number that uses it.
//
// A webhook is one event of one session. [Connector.Parse] makes at most one fact of
// it. The name of a message is its bare id, without the chat: WhatsApp calls one
// contact by the phone number today and by a hidden number ("…@lid") tomorrow. What
// WAHA answers to a send goes through one table of rules, in failures.go.
//
// WAHA takes an id of ours for a text, so a text whose outcome is unknown is looked
// up by that id, and sent again with it where WAHA does not know it.
package waha

import (
	"net/http"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A Connector speaks to WAHA for every connection of domain.WhatsAppBusiness.
type Connector struct {
	client   wire.Client
	turns    *turns
	recent   *recent
	renaming *renaming
}

var (
	_ domain.Connector = (*Connector)(nil)
	_ domain.Namer     = (*Connector)(nil)
)

// New returns a Connector that sends through the Transport of client, within
// its Timeout. Redirects are not followed and nothing is sent twice, whatever
// client says.
func New(client *http.Client) *Connector {
	return &Connector{wire.New(client), &turns{next: map[string]time.Time{}}, new(recent), &renaming{accounts: map[string]bool{}}}
}

// The names of settings.
const (
	session         = "session"
	apiKey          = "api_key"
	hmacKey         = "hmac_key"
	previousHMACKey = "previous_hmac_key"
	baseURL         = "base_url"
)

// HookSettings is empty: each session has its own webhook.
func (*Connector) HookSettings() []domain.Setting { return nil }

// ConnectionSettings lists what a session needs. Every event names its session, so
// that an event of another session of the same WAHA is noticed.
func (*Connector) ConnectionSettings() []domain.Setting {
	return []domain.Setting{
		{Name: session, Account: true, Public: true, Check: checkSession},
		{Name: apiKey, Check: domain.CheckToken},
		{Name: hmacKey, Check: domain.CheckSecret},
		{Name: previousHMACKey, Optional: true, Check: domain.CheckSecret},
		{Name: baseURL, Public: true, Check: checkBaseURL},
		domain.PaceSetting,
	}
}

// Pace is slow on purpose: WhatsApp states no limits for accounts like these, and bans
// those that write like machines.
func (*Connector) Pace() domain.Pace {
	return domain.Pace{
		Connection: domain.Rate{Every: 3 * time.Second, Burst: 5},
		Pair:       domain.Per(4, time.Minute, 4),
		Group:      domain.Per(4, time.Minute, 4),
	}
}
