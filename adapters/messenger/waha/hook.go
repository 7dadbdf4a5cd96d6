package waha

import (
	"context"
	"net/http"

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
