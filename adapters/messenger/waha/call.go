package waha

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A call is how the methods of WAHA are called for a connection.
type call struct {
	client  wire.Client
	base    string
	key     string
	session string
	hide    func(string) string // takes secrets and the text of a message out of what WAHA says
}

func (c *Connector) calling(conn domain.Connection, text string) call {
	s := conn.Settings
	key := strings.TrimSpace(string(s[apiKey]))
	name := string(s[session])
	if name == "" {
		name = conn.Account
	}
	return call{
		client: c.client, base: strings.TrimRight(string(s[baseURL]), "/"), key: key, session: name,
		hide: wire.Hider(text, key, string(s[hmacKey]), string(s[previousHMACKey])),
	}
}

// account names the session among those of every WAHA.
func (c *call) account() string { return c.session + " " + c.base }

// do calls a method once. The SendResult is of a call that was not answered.
func (c *call) do(ctx context.Context, method, path string, body any) (wire.Reply, *domain.SendResult) {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			failed := wire.NotSent("request", c.hide(err.Error()))
			return wire.Reply{}, &failed
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(data))
	if err != nil {
		failed := wire.NotSent("request", c.hide(err.Error()))
		return wire.Reply{}, &failed
	}
	req.Header.Set("X-Api-Key", c.key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	reply, err := c.client.Once(req)
	if err != nil {
		failed := wire.NoResponse(err, c.hide)
		return wire.Reply{}, &failed
	}
	return reply, nil
}

// answer calls a method once. A reply that is no success is an error.
func (c *call) answer(ctx context.Context, method, path string, body any) (wire.Reply, error) {
	reply, failed := c.do(ctx, method, path, body)
	switch {
	case failed != nil:
		return reply, errors.New(failed.Failure.Cause.Details)
	case reply.Status/100 != 2:
		if refused, own := c.refusal(reply); own {
			return reply, fmt.Errorf("WAHA: %s", refused.Failure.Cause.Title)
		}
		return reply, fmt.Errorf("%s: HTTP status %d, without a word of WAHA", path, reply.Status)
	}
	return reply, nil
}

// ask calls a method once, and reads its answer into result unless that is nil.
func (c *call) ask(ctx context.Context, method, path string, body, result any) error {
	reply, err := c.answer(ctx, method, path, body)
	if err != nil || result == nil {
		return err
	}
	return wire.Decode(reply.Body, result)
}
