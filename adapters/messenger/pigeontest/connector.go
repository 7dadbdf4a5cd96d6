// Package pigeontest is an invented messenger. It proves that a messenger is one
// folder, a row of traits and a line in the map: the tests of cmd/recado add
// both to a program that receives, answers and is simulated over it.
//
// A webhook is one object: what a peer wrote, or the arrival of a message. It is
// signed with the token by which messages are sent; a pigeon has no older token.
package pigeontest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Kind names the connections; Traits is its row in domain.Messengers.
const Kind domain.Kind = "pigeon"

// Traits of pigeons: they carry texts.
var Traits = domain.Traits{Kind: Kind, Name: "Pigeon", Sends: []domain.MessageType{domain.TypeText}}

const (
	token     = "token"
	baseURL   = "base_url"
	signature = "X-Pigeon-Signature"
)

// A Connector speaks to the loft.
type Connector struct{ client wire.Client }

var _ domain.Connector = (*Connector)(nil)

// New returns a Connector that sends through the Transport of client.
func New(client *http.Client) *Connector { return &Connector{wire.New(client)} }

// HookSettings is empty: each connection is its own hook.
func (*Connector) HookSettings() []domain.Setting { return nil }

// ConnectionSettings lists what a connection needs.
func (*Connector) ConnectionSettings() []domain.Setting {
	return []domain.Setting{
		{Name: token, Check: func(text string) error {
			if strings.Contains(text, " ") {
				return errors.New("must be one word")
			}
			return nil
		}},
		{Name: baseURL, Optional: true, Public: true, Check: domain.CheckBaseURL},
	}
}

// Pace is no limit: a pigeon flies when it is asked to.
func (*Connector) Pace() domain.Pace { return domain.Pace{} }

// FailureTable lists the one error of the loft.
func (*Connector) FailureTable() []domain.FailureRow {
	return []domain.FailureRow{{Answer: "no such roost", Reason: domain.ReasonNoAccount}}
}

// Sign returns the signature of a body.
func Sign(secret domain.Secret, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return http.Header{signature: {hex.EncodeToString(mac.Sum(nil))}}
}

// VerifyHeader checks that there is a signature.
func (*Connector) VerifyHeader(_ domain.Settings, header http.Header) error {
	if header.Get(signature) == "" {
		return domain.ErrForged
	}
	return nil
}

// Verify checks the signature.
func (*Connector) Verify(hook domain.Settings, header http.Header, body []byte) error {
	secret := hook[token]
	if secret == "" || !hmac.Equal([]byte(header.Get(signature)), []byte(Sign(secret, body).Get(signature))) {
		return domain.ErrForged
	}
	return nil
}

// A Webhook is what a pigeon brings: a text of a peer, or the arrival of our message.
type Webhook struct {
	ID      string       `json:"id"`
	From    string       `json:"from,omitempty"`
	Text    string       `json:"text,omitempty"`
	Arrived bool         `json:"arrived,omitempty"`
	At      wire.Integer `json:"at"` // milliseconds
}

// Parse reads a webhook.
func (*Connector) Parse(body []byte) domain.Parsed {
	var w Webhook
	err := json.Unmarshal(body, &w)
	peer, peerErr := Kind.Peer(w.From)
	switch {
	case err == nil && (w.ID == "" || w.At <= 0):
		err = errors.New("the pigeon has no ring or no time")
	case err == nil && !w.Arrived:
		err = peerErr
	}
	if err != nil {
		return domain.Parsed{Bad: []domain.BadItem{{Item: body, Error: err.Error()}}}
	}
	u := domain.Update{At: time.UnixMilli(int64(w.At)).UTC(), Item: func() []byte { return body }}
	if w.Arrived {
		u.Fact = domain.StatusReported{ProviderID: domain.ProviderID(w.ID), Status: domain.Delivered}
	} else {
		u.Fact = domain.MessageArrived{
			Peer: peer, Direction: domain.Inbound, ProviderID: domain.ProviderID(w.ID), Type: domain.TypeText, Text: w.Text,
		}
	}
	return domain.Parsed{Updates: []domain.Update{u}}
}

// Send gives a text to a pigeon.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	secret := string(conn.Settings[token])
	hide := wire.Hider(m.Text, secret)
	if m.Type != domain.TypeText {
		return wire.NotSent("type", "pigeons carry texts only")
	}
	body, err := json.Marshal(map[string]any{"to": m.Peer, "text": m.Text})
	if err != nil {
		return wire.NotSent("request", hide(err.Error()))
	}
	url := cmp.Or(string(conn.Settings[baseURL]), "https://loft.invalid") + "/send"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return wire.NotSent("request", hide(err.Error()))
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	reply, err := c.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, hide)
	}
	return read(reply, hide)
}

func read(r wire.Reply, hide func(string) string) domain.SendResult {
	var answer struct{ ID, Error string }
	if err := json.Unmarshal(r.Body, &answer); err != nil {
		return r.WithoutOwnError(string(Kind))
	}
	switch {
	case answer.Error != "":
		return wire.Refused(&domain.Failure{Reason: domain.ReasonNoAccount, Cause: domain.Cause{
			Source: string(Kind), HTTPStatus: r.Status, Code: "roost", Title: wire.Brief(hide(answer.Error)),
		}})
	case answer.ID != "":
		return domain.SendResult{Fate: domain.FateAccepted, ProviderID: domain.ProviderID(answer.ID)}
	}
	return r.WithoutOwnError(string(Kind))
}
