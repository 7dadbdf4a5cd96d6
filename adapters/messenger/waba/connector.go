// Package waba speaks the WhatsApp Business API: Meta's Cloud API, and the
// errors of gateways that pass it on.
//
// A webhook is a batch of entries, changes and messages or statuses. [Connector.Parse]
// reads it piece by piece, so that a broken piece costs no more than itself.
// What Meta answers to a send, and the errors of a failed status, go through one
// table of rules, in failures.go.
package waba

import (
	"errors"
	"net/http"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A Connector speaks to Meta for every connection of domain.WABA.
type Connector struct {
	client  wire.Client
	charges Charges
}

var _ domain.Connector = (*Connector)(nil)

// New returns a Connector that sends through the Transport of client, within
// its Timeout. Redirects are not followed and nothing is sent twice, whatever
// client says. The charges say which messages cost a paid dialog; nil: the
// DefaultCharges.
func New(client *http.Client, charges Charges) *Connector {
	if charges == nil {
		charges = DefaultCharges
	}
	return &Connector{wire.New(client), charges}
}

// The names of settings.
const (
	appSecret           = "app_secret"
	previousAppSecret   = "previous_app_secret"
	verifyToken         = "verify_token"
	previousVerifyToken = "previous_verify_token"
	phoneNumberID       = "phone_number_id"
	accessToken         = "access_token"
	baseURL             = "base_url"
)

// defaultBaseURL is where Meta takes messages.
const defaultBaseURL = "https://graph.facebook.com/" + defaultVersion

// HookSettings lists what a Meta app needs. It serves many connections.
func (*Connector) HookSettings() []domain.Setting {
	return []domain.Setting{
		{Name: appSecret, Check: domain.CheckSecret},
		{Name: previousAppSecret, Optional: true, Check: domain.CheckSecret},
		{Name: verifyToken, Check: domain.CheckSecret},
		{Name: previousVerifyToken, Optional: true, Check: domain.CheckSecret},
	}
}

func trueOrFalse(text string) error {
	if text != "true" && text != "false" {
		return errors.New("must be true or false")
	}
	return nil
}

// ConnectionSettings lists what a phone number needs.
func (*Connector) ConnectionSettings() []domain.Setting {
	return []domain.Setting{
		{Name: phoneNumberID, Account: true, Public: true, Check: checkPhoneNumberID},
		{Name: accessToken, Check: domain.CheckToken},
		{Name: baseURL, Optional: true, Public: true, Check: checkBaseURL},
		{Name: domain.History, Optional: true, Public: true, Check: trueOrFalse},
		domain.PaceSetting,
	}
}

// Pace returns Meta's limits of a number and of a pair. A number that Meta raised to
// 1,000/s, or one that is shared with the app on a phone, 20/s, says so in its setting.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits
func (*Connector) Pace() domain.Pace {
	pair := domain.Rate{Every: 6 * time.Second, Burst: 45}
	return domain.Pace{Connection: domain.Per(80, time.Second, 80), Pair: pair, Group: pair}
}
