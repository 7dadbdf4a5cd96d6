package main

import (
	"context"
	"fmt"
)

// growth measures row 7: like carried, on sites with a history.
func (b *bench) growth(ctx context.Context) error {
	for i, t := range b.old {
		if err := b.measureGrown(ctx, t, b.plan.history[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureGrown(ctx context.Context, t *site, messages int) error {
	defer t.stop()
	if err := t.startWarm(ctx); err != nil {
		return err
	}
	n := b.plan.carried
	run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
	if err != nil {
		return err
	}
	b.table.add("Growth", rowGrown(messages), perSecond, run.carried())
	now, most := memory(t.recado.pid())
	name := fmt.Sprintf("beside %s messages in %s chats, after %s", thousands(messages), thousands(b.plan.old), thousands(t.warmUpSize()+n))
	b.table.add("Memory of recado", name, "MB", now)
	b.table.add("Memory of recado", name+": the most", "MB", most)
	if err := b.deadlines(ctx, t, messages); err != nil {
		return t.withLog(err)
	}
	return b.resting(ctx, t, " beside "+thousands(messages)+" messages")
}

func rowGrown(messages int) string {
	return "carried to the end beside " + thousands(messages) + " messages"
}

// trips counts the traffic between Recado and its servers. It is a run of its own,
// since the counting proxies are slow.
func (b *bench) trips(ctx context.Context, t *site) error {
	t.stop()
	postgres, database, err := newProxy(t.database)
	if err != nil {
		return err
	}
	defer postgres.close()
	queue, redis, err := newProxy(b.servers.redisURL)
	if err != nil {
		return err
	}
	defer queue.close()
	if err := t.serveAt(ctx, allRoles, database, redis); err != nil {
		return err
	}
	if err := t.warmUp(ctx); err != nil {
		return err
	}
	count := func() []float64 {
		return []float64{float64(postgres.trips.Load()), float64(postgres.bytes.Load()), float64(queue.trips.Load()), float64(queue.bytes.Load())}
	}
	n := b.plan.carried
	before := count()
	if _, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage); err != nil {
		return err
	}
	for i, row := range []struct {
		name, unit string
		size       float64
	}{
		{"round trips to Postgres", "", 1},
		{"bytes to and from Postgres", "MB", 1 << 20},
		{"round trips to Redis", "", 1},
		{"bytes to and from Redis", "MB", 1 << 20},
	} {
		b.table.add("For 1,000 messages carried", row.name, row.unit, (count()[i]-before[i])/row.size/float64(n)*1000)
	}
	return nil
}
