package waba

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Send posts a message to the phone number of the connection, after its file. Meta
// knows no key by which it would recognise a repeat: what may have been written is
// never written again, neither here nor by net/http.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	if refusal := wire.CheckOutgoing(domain.WABA, m); refusal != nil {
		return *refusal
	}
	s := c.sender(conn, m)
	if m.Media != nil {
		return s.sendFile(ctx)
	}
	return s.send(ctx, "")
}

// A sender sends one message over a connection.
type sender struct {
	client wire.Client
	m      domain.Outgoing
	number string // the URL of the phone number
	token  string
	hide   func(string) string
}

func (c *Connector) sender(conn domain.Connection, m domain.Outgoing) sender {
	base := cmp.Or(string(conn.Settings[baseURL]), defaultBaseURL)
	number := cmp.Or(string(conn.Settings[phoneNumberID]), conn.Account)
	token := strings.TrimSpace(string(conn.Settings[accessToken]))
	return sender{c.client, m, strings.TrimRight(base, "/") + "/" + url.PathEscape(number), token, wire.Hider(m.Text, token)}
}

// send posts the message once. File is Meta's name of its file; empty: it has none.
func (s sender) send(ctx context.Context, file string) domain.SendResult {
	reply, err := s.post(ctx, envelopeOf(s.m, file))
	switch {
	case errors.Is(err, errRequest):
		return wire.NotSent("request", s.hide(err.Error()))
	case err != nil:
		return wire.NoResponse(err, s.hide)
	}
	return read(reply, s.m, s.hide)
}

// errRequest says that no request could be made.
var errRequest = errors.New("no request can be made")

// post posts JSON to the phone number's messages once.
func (s sender) post(ctx context.Context, v any) (wire.Reply, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return wire.Reply{}, errors.Join(errRequest, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.number+"/messages", bytes.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
		err = s.authorize(req)
	}
	if err != nil {
		return wire.Reply{}, errors.Join(errRequest, err)
	}
	return s.client.Once(req)
}

// authorize adds the token to a request.
func (s sender) authorize(req *http.Request) error {
	if strings.ContainsFunc(s.token, unicode.IsControl) {
		return errors.New("access_token holds a character that no header may hold")
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	return nil
}
