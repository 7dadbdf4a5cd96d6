package jobs

import (
	"context"
	"slices"

	"recado/domain"
)

// A call of a messenger: it sends a message, or acknowledges a press.
type call struct {
	begun domain.Result // of the SendBegun
	press domain.Acknowledgement
}

// claimCalls takes the presses that wait to be acknowledged, which is urgent and
// which few messengers have, and then begins sends.
func (t *turn) claimCalls(ctx context.Context, connector domain.Connector, p *pacer, id domain.ConnectionID, n int) (calls []call, err error) {
	if _, ok := connector.(domain.Acknowledger); ok {
		presses, err := t.cfg.Store.TakePresses(ctx, id, n)
		for _, p := range presses {
			calls = append(calls, call{press: p})
		}
		if err != nil || len(calls) >= n {
			return calls, err
		}
	}
	begun, err := t.claimSends(ctx, connector, p, id, n-len(calls))
	for _, b := range begun {
		calls = append(calls, call{begun: b})
	}
	return slices.Clip(calls), err
}

// acknowledge confirms to the messenger once that the press arrived. If that fails, the
// client's messenger stops waiting by itself.
func (t *turn) acknowledge(ctx context.Context, connector domain.Connector, conn domain.Connection, p domain.Acknowledgement) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), p.Until)
	defer cancel()
	if a, ok := connector.(domain.Acknowledger); ok {
		if err := a.Acknowledge(ctx, conn, p.Press); err != nil {
			t.cfg.Log.Info("a press was not acknowledged", "connection", conn.ID, "err", err)
		}
	}
}
