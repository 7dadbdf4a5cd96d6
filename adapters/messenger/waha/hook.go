package waha

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var _ domain.HookRegistrar = (*Connector)(nil)

// events lists the events that are read. "message" and "*" would tell of each message twice.
var events = []string{
	"message.any", "message.ack", "message.ack.group", "message.reaction", "message.edited", "message.revoked", "session.status",
}

// Retries are what outlasts a night; by default WAHA gives a webhook up after 30 s.
const (
	retryPolicy   = "exponential"
	retryAttempts = 15
)

// A sessionInfo is what WAHA says of a session.
type sessionInfo struct {
	Status string
	Me     struct {
		ID, Lid  jid
		Timelock struct {
			Ends stamp `json:"timeEnforcementEnds"`
		} `json:"reachoutTimelock"` // while WhatsApp lets the account write to nobody new
	}
	Config struct {
		Webhooks []webhook
		NOWEB    struct{ Store *struct{ Enabled bool } }
	}
}

// A webhook is where a session tells of its events.
type webhook struct {
	URL     string
	Events  []string
	HMAC    *struct{ Key string }
	Retries struct {
		Policy   string
		Delay    float64 `json:"delaySeconds"`
		Attempts int
	}
}

// HookStatus returns where the events of the session go. Of several webhooks it shows the
// first: SetHook makes that ours.
func (c *Connector) HookStatus(ctx context.Context, conn domain.Connection) (domain.HookStatus, error) {
	info, err := c.session(ctx, conn)
	if err != nil || len(info.Config.Webhooks) == 0 {
		return domain.HookStatus{}, err
	}
	hook := info.Config.Webhooks[0]
	return domain.HookStatus{URL: hook.URL, Kinds: hook.Events}, nil
}

func (c *Connector) session(ctx context.Context, conn domain.Connection) (info sessionInfo, err error) {
	call := c.calling(conn, "")
	return info, call.ask(ctx, http.MethodGet, "/api/sessions/"+call.session, nil, &info)
}

// ask calls a method once, and reads its answer into result unless that is nil.
func (c *call) ask(ctx context.Context, method, path string, body, result any) error {
	reply, failed := c.do(ctx, method, path, body)
	switch {
	case failed != nil:
		return errors.New(failed.Failure.Cause.Details)
	case reply.Status/100 != 2:
		if refused, own := c.refusal(reply); own {
			return fmt.Errorf("WAHA: %s", refused.Failure.Cause.Title)
		}
		return fmt.Errorf("%s: HTTP status %d, without a word of WAHA", path, reply.Status)
	case result == nil:
		return nil
	}
	return wire.Decode(reply.Body, result)
}
