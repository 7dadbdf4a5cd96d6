package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Names of rows that other rows or goals refer to.
const (
	rowBare         = "bare handler: body, HMAC, 200"
	rowDurable      = "bare durable handler: one committed INSERT each"
	rowNaive        = "naive asynq pipeline, carried to the end"
	rowNaiveAck     = "naive asynq pipeline, acknowledged meanwhile"
	rowBurst        = "acknowledged in a burst, workers paused"
	rowCarried      = "carried to the end: committed, and the callback delivered"
	rowCommitted    = "carried without an endpoint: committed"
	rowStatuses     = "statuses, carried to the end"
	rowStatusesOnly = "statuses without an endpoint"
	rowSends        = "sends: from the API to the messenger"
	rowBacklog      = "callbacks from a full backlog"
	rowBatches      = "callbacks in batches, carried to the end"
	rowBatchBacklog = "callbacks in batches, from a full backlog"
	rowBatchP99     = "the same at half of its rate: webhook → callback, p99"
)

const perSecond = "/s"

// bare measures row 1.
func (b *bench) bare(ctx context.Context) error { return b.handler(ctx, "bare", rowBare, b.plan.bare) }

// durable measures row 2.
func (b *bench) durable(ctx context.Context) error {
	return b.handler(ctx, "durable", rowDurable, b.plan.durable)
}

// handler measures how many webhooks a handler answers in a second.
func (b *bench) handler(ctx context.Context, part, row string, n int) error {
	p, address, err := b.startPart(ctx, part, "")
	if err != nil {
		return err
	}
	defer p.stop()
	hooks := b.crowd().messages(min(n, 10_000))
	if _, err := webhooks(address, hooks, n/10).run(ctx); err != nil { // warm-up
		return err
	}
	run, err := webhooks(address, hooks, n).run(ctx)
	if err != nil {
		return err
	}
	b.table.add("Compared with", row, perSecond, run.perSecond())
	return nil
}

// naive measures row 3. Its chats exist before, like Recado's.
func (b *bench) naive(ctx context.Context) error {
	crm, err := newCRM()
	if err != nil {
		return err
	}
	defer crm.close()
	p, address, err := b.startPart(ctx, "naive", "http://"+crm.address()+"/hooks")
	if err != nil {
		return err
	}
	defer p.stop()
	for i, n := range []int{b.crowd().size(), b.plan.naive} {
		callbacks := crm.expect(n, ofMessage)
		run, err := webhooks(address, b.crowd().messages(n), n).run(ctx)
		if err != nil {
			return err
		}
		if err := callbacks.wait(ctx); err != nil {
			return err
		}
		if i > 0 { // the first run is the warm-up
			b.table.add("Compared with", rowNaive, perSecond, rate(n, callbacks.ended().Sub(run.begun)))
			b.table.add("Compared with", rowNaiveAck, perSecond, run.perSecond())
		}
	}
	return nil
}

func (b *bench) crowd() crowd { return crowd{companies: companies, chats: b.plan.chats, stride: 1} }

// burst measures the first of rows 4: how fast webhooks are accepted while nothing
// else runs.
func (b *bench) burst(ctx context.Context) error {
	t, err := b.newSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if err := t.serve(ctx, "ingress"); err != nil {
		return err
	}
	hooks := t.crowd.messages(min(b.plan.burst, 20_000))
	if _, err := webhooks(t.public, hooks, b.plan.burst/10).run(ctx); err != nil { // warm-up
		return t.withLog(err)
	}
	run, err := webhooks(t.public, hooks, b.plan.burst).run(ctx)
	if err != nil {
		return t.withLog(err)
	}
	b.table.add("Recado", rowBurst, perSecond, run.perSecond())
	b.table.add("Recado", "the same: p99 of the acknowledgement", "ms", quantile(run.waited(), 0.99))
	return nil
}

// carried measures the rows that one running site can give.
func (b *bench) carried(ctx context.Context) error {
	t, err := b.warmSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	speed, err := b.carry(ctx, t)
	if err != nil {
		return err
	}
	if err := b.latencies(ctx, t, speed/2); err != nil {
		return err
	}
	if err := b.idle(ctx, t); err != nil {
		return err
	}
	if err := b.backlog(ctx, t, rowBacklog); err != nil {
		return err
	}
	if err := b.feed(ctx, t); err != nil {
		return err
	}
	return b.trips(ctx, t)
}

// sendings measures messages from the API to the messenger on a site of their own.
func (b *bench) sendings(ctx context.Context) error {
	t, err := b.warmSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	return b.sends(ctx, t, rowStatuses)
}

// carry measures messages that are carried to the end, and what they cost.
func (b *bench) carry(ctx context.Context, t *site) (speed float64, err error) {
	n := b.plan.carried
	load := webhooks(t.public, t.crowd.messages(n), n)
	heap := []string{"go_memstats_mallocs_total", "go_memstats_alloc_bytes_total"}
	allocated, err := scrape(t.private, heap...)
	if err != nil {
		return 0, err
	}
	used := b.consumed(ctx, t.recado)
	profiled := b.profile(ctx, t)
	run, err := t.carry(ctx, load, ofMessage)
	if err != nil {
		return 0, err
	}
	thousands := float64(n) / 1000
	for i, after := range b.consumed(ctx, t.recado) {
		b.table.add("For 1,000 messages carried", "CPU of "+consumers[i], "s", (after-used[i])/thousands)
	}
	after, err := scrape(t.private, heap...)
	if err != nil {
		return 0, err
	}
	b.table.add("For 1,000 messages carried", "allocations of recado", "", (after[0]-allocated[0])/thousands)
	b.table.add("For 1,000 messages carried", "allocated by recado", "MB", (after[1]-allocated[1])/thousands/(1<<20))
	b.table.add("Recado", rowCarried, perSecond, run.carried())
	b.table.add("Recado", "the same: acknowledged meanwhile", perSecond, run.perSecond())
	return run.carried(), profiled()
}

// paced carries messages at a rate, by the clock.
func (t *site) paced(ctx context.Context, perSecond float64) (delivery, error) {
	n := max(1, int(perSecond*t.bench.plan.paced.Seconds()))
	load := webhooks(t.public, t.crowd.messages(n), n)
	load.callers, load.every = openCallers, time.Duration(float64(time.Second)/perSecond)
	return t.carry(ctx, load, ofMessage)
}

// latencies measures row 5, at a rate that Recado can carry.
func (b *bench) latencies(ctx context.Context, t *site, perSecond float64) error {
	run, err := t.paced(ctx, perSecond)
	if err != nil {
		return err
	}
	callbacks := run.waitedFor()
	const group = "At half of the carried rate, by the clock"
	b.table.add(group, "webhook → acknowledgement, p50", "ms", quantile(run.waited(), 0.5))
	b.table.add(group, rowAckP99, "ms", quantile(run.waited(), 0.99))
	b.table.add(group, "webhook → callback, p50", "ms", quantile(callbacks, 0.5))
	b.table.add(group, rowCallbackP99, "ms", quantile(callbacks, 0.99))
	now, most := memory(t.recado.pid())
	b.table.add("Memory of recado", rowMemory, "MB", now)
	b.table.add("Memory of recado", "the most until then", "MB", most)
	return nil
}

const (
	rowAckP99      = "webhook → acknowledgement, p99"
	rowCallbackP99 = "webhook → callback, p99"
	rowMemory      = "after the load at half rate"
)

// idle sends one webhook at a time, so rarely that no worker holds a lane when the
// next one arrives.
func (b *bench) idle(ctx context.Context, t *site) error {
	var callbacks []time.Duration
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for range b.plan.idle {
		<-tick.C
		run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(1), 1), ofMessage)
		if err != nil {
			return err
		}
		callbacks = append(callbacks, run.waitedFor()...)
	}
	b.table.add("Idle", "webhook → callback, p50", "ms", quantile(callbacks, 0.5))
	b.table.add("Idle", "webhook → callback, the slowest", "ms", quantile(callbacks, 1))
	return b.resting(ctx, t, "")
}

// resting measures what a minute costs in which nothing arrives; beside names what
// else the site has.
func (b *bench) resting(ctx context.Context, t *site, beside string) error {
	if err := b.calm(ctx, t); err != nil {
		return err
	}
	used := b.consumed(ctx, t.recado)
	began := time.Now()
	if err := pause(ctx, b.plan.rest); err != nil {
		return err
	}
	minutes := time.Since(began).Minutes()
	for i, after := range b.consumed(ctx, t.recado) {
		if consumers[i] != "bench" {
			b.table.add("Idle", "CPU of "+consumers[i]+" in a minute without a webhook"+beside, "s", (after-used[i])/minutes)
		}
	}
	return nil
}

// calm waits for what the load left behind: a checkpoint, and the vacuums, which
// PostgreSQL begins within a minute. They belong to the load.
func (b *bench) calm(ctx context.Context, t *site) error {
	if b.plan.calm == 0 {
		return nil
	}
	if _, err := t.db.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	const naptime = 70 * time.Second // autovacuum_naptime is a minute
	began := time.Now()
	for last := began; time.Since(last) < naptime && time.Since(began) < b.plan.calm; {
		var busy bool
		if err := t.db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum) OR EXISTS (SELECT FROM pg_stat_progress_analyze)").Scan(&busy); err != nil {
			return err
		}
		if busy {
			last = time.Now()
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// pause waits for d, or until the context ends, which is an error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hold lets all events wait for their endpoints. First the calls under way must end: a
// success would resume its endpoint, at a slow pace.
func (t *site) hold(ctx context.Context) error {
	if err := t.waitEmpty(ctx, "leases WHERE owner <> '' AND lane LIKE 'callback:%'"); err != nil {
		return err
	}
	_, err := t.db.Exec(ctx, "UPDATE endpoints SET status = 'paused', paused_since = now_ms(), probe_at = now_ms() + 3600000, not_before = now_ms() + 3600000")
	return err
}

// release makes all that waits due.
func (t *site) release(ctx context.Context) error {
	_, err := t.db.Exec(ctx, "UPDATE endpoints SET status = 'ok', paused_since = 0, probe_at = 0, not_before = 0")
	return err
}

// backlog lets callbacks accumulate while the endpoints are paused, and measures from
// the first that arrives. Earlier callbacks must be recorded before, since a
// successful one resumes its endpoint.
func (b *bench) backlog(ctx context.Context, t *site, row string) error {
	n := b.plan.backlog
	if err := t.waitEmpty(ctx, "deliveries WHERE state = 'due'"); err != nil {
		return t.withLog(err)
	}
	if err := t.hold(ctx); err != nil {
		return err
	}
	callbacks := t.crm.expect(n, ofMessage)
	if _, err := webhooks(t.public, t.crowd.messages(n), n).run(ctx); err != nil {
		return t.withLog(err)
	}
	if err := t.waitApplied(ctx); err != nil {
		return t.withLog(err)
	}
	if err := t.release(ctx); err != nil {
		return err
	}
	if err := callbacks.wait(ctx); err != nil {
		return t.withLog(err)
	}
	first := callbacks.begun.Add(time.Duration(callbacks.first.Load()))
	b.table.add("Recado", row, perSecond, rate(n, callbacks.ended().Sub(first)))
	return nil
}

// sends measures messages from the API to the messenger, and then their statuses.
func (b *bench) sends(ctx context.Context, t *site, statuses string) error {
	n := b.plan.sends
	load := load{address: t.public, script: t.crowd.sendings(n), calls: n, callers: apiCallers, want: http.StatusAccepted}
	used := b.consumed(ctx, t.recado)
	profiled := b.profile(ctx, t)
	run, err := load.run(ctx)
	if err != nil {
		return t.withLog(err)
	}
	last, err := t.meta.wait(ctx)
	if err != nil {
		return t.withLog(err)
	}
	if err := profiled(); err != nil {
		return err
	}
	if err := t.waitEmpty(ctx, "outbox"); err != nil { // otherwise statuses would find no message
		return t.withLog(err)
	}
	if t.crms != noCRM {
		b.table.add("Recado", rowSends, perSecond, rate(n, last.Sub(run.begun)))
		b.table.add("Recado", "the same: accepted by the API meanwhile", perSecond, run.perSecond())
		for i, after := range b.consumed(ctx, t.recado) {
			b.table.add("For 1,000 sends", "CPU of "+consumers[i], "s", (after-used[i])*1000/float64(n))
		}
	}
	var took time.Duration
	for _, word := range statusWords { // in order: no event says that a message is delivered after it was read
		callbacks, err := t.carry(ctx, webhooks(t.public, t.crowd.statuses(b.plan.statuses, word), b.plan.statuses), ofStatus(word))
		if err != nil {
			return fmt.Errorf("%s: %w", word, err)
		}
		took += callbacks.end.Sub(callbacks.begun)
	}
	b.table.add("Recado", statuses, perSecond, rate(b.plan.statuses*len(statusWords), took))
	return nil
}

// withoutEndpoint measures a site whose companies have no CRM.
func (b *bench) withoutEndpoint(ctx context.Context) error {
	t, err := b.warmSite(ctx, noCRM)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	n := b.plan.carried
	run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
	if err != nil {
		return err
	}
	b.table.add("Recado", rowCommitted, perSecond, run.carried())
	return b.sends(ctx, t, rowStatusesOnly)
}

// batched measures a site whose CRMs take batches.
func (b *bench) batched(ctx context.Context) error {
	t, err := b.warmSite(ctx, batches)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	n := b.plan.carried
	profiled := b.profile(ctx, t)
	run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
	if err != nil {
		return err
	}
	if err := profiled(); err != nil {
		return err
	}
	b.table.add("Recado", rowBatches, perSecond, run.carried())
	paced, err := t.paced(ctx, run.carried()/2)
	if err != nil {
		return err
	}
	b.table.add("Recado", rowBatchP99, "ms", quantile(paced.waitedFor(), 0.99))
	return b.backlog(ctx, t, rowBatchBacklog)
}
