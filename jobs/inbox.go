package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

// inbox applies the webhooks of a lane in order, a batch at a time. The
// transaction that applies a batch also deletes its webhooks, so a process that
// is killed leaves nothing half done.
func (t *turn) inbox(ctx context.Context) error {
	number, err := strconv.Atoi(t.lane.Owner())
	if err != nil {
		return err
	}
	for until := time.Now().Add(maxInboxTurn); !t.over(ctx) && time.Now().Before(until); {
		lastLook := time.Now()
		hooks, err := t.cfg.Store.Next(ctx, number)
		switch {
		case err != nil:
			return err
		case len(hooks) == 0 && pause(ctx, t.wake, idleWait):
			continue
		case len(hooks) == 0:
			return nil
		}
		err = t.apply(ctx, number, t.parse(hooks))
		if errors.Is(err, domain.ErrTaken) {
			continue // a worker that lost this lane was still applying them
		}
		if err != nil {
			return err
		}
		if len(hooks) < fullBatch {
			pause(ctx, nil, inboxPace-time.Since(lastLook))
		}
	}
	return nil
}

// parse reads the webhooks, a portion each. Items that cannot be read are parked one
// by one.
func (t *turn) parse(hooks []domain.Webhook) []portion {
	list := make([]portion, len(hooks))
	for i, h := range hooks {
		parsed := parseOne(t.cfg.Connectors[h.Kind], h)
		list[i] = portion{hook: &hooks[i], updates: parsed.Updates, ignored: parsed.Ignored}
		for j := range parsed.Updates {
			u := &parsed.Updates[j]
			u.Hook, u.Kind, u.Received = h.Hook, h.Kind, h.Received
		}
		for _, bad := range parsed.Bad {
			list[i].parked = append(list[i].parked, domain.ParkedItem{
				Hook: h.Hook, Kind: h.Kind, Account: bad.Account, Body: bad.Item, Error: bad.Error,
			})
		}
	}
	return list
}

// parseOne reads one webhook. If the connector panics, or this program no longer
// knows the kind, the whole body becomes one bad item.
func parseOne(c domain.Connector, h domain.Webhook) (parsed domain.Parsed) {
	defer func() {
		if p := recover(); p != nil {
			parsed = domain.Parsed{Bad: []domain.BadItem{{Item: h.Body, Error: fmt.Sprintf("panic in the parser: %v", p)}}}
		}
	}()
	if c == nil {
		return domain.Parsed{Bad: []domain.BadItem{{Item: h.Body, Error: fmt.Sprintf("no connector for %s", h.Kind)}}}
	}
	return c.Parse(h.Body)
}
