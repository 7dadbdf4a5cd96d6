package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

const (
	fairGroup    = "Fairness, webhook → callback"
	rowNoneBad   = "all endpoints healthy, p99"
	rowBesideBad = "beside those that hang and those that fail: the healthy ones, p99"
	rowNoneWaits = "of one endpoint, p99"
	rowBesideOne = "the same beside a chat with a backlog: other chats, p99"
)

// fairness measures what bad endpoints cost the healthy ones, and what a chat with a
// backlog costs the other chats of its endpoint.
func (b *bench) fairness(ctx context.Context) error {
	return errors.Join(b.badEndpoints(ctx), b.greatBacklog(ctx))
}

// badEndpoints measures the same load twice, on many companies: while all endpoints
// are healthy, and from the moment on at which some hang or fail.
func (b *bench) badEndpoints(ctx context.Context) error {
	p := b.plan.fair
	var bad atomic.Bool
	crms := httptest.NewServer(badCRM(&bad))
	defer crms.Close()
	t := &site{crowd: crowd{companies: p.endpoints, chats: 3, stride: 1}}
	t.hooksOf = func(company int) string {
		switch {
		case company < p.hang:
			return crms.URL + "/hang"
		case company < p.hang+p.fail:
			return crms.URL + "/fail"
		}
		return "http://" + t.crm.address() + "/hooks"
	}
	t, err := b.create(ctx, t)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	defer crms.CloseClientConnections() // or Recado would wait for those that hang
	defer bad.Store(false)
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	for _, row := range []string{"", rowNoneBad, rowBesideBad} { // the first warms up
		bad.Store(row == rowBesideBad)
		delays, err := t.healthy(ctx, p)
		if err != nil {
			return t.withLog(err)
		}
		if row != "" {
			b.table.add(fairGroup, row, "ms", quantile(delays, 0.99))
		}
	}
	return nil
}

// badCRM answers at once until it is bad. Then it answers to /hang after Recado has
// given up, and to /fail with 500.
func badCRM(bad *atomic.Bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !bad.Load():
		case r.URL.Path == "/hang":
			select {
			case <-time.After(20 * time.Second):
			case <-r.Context().Done():
			}
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
}

// healthy sends messages to all companies, and returns the delays of those whose
// endpoint is healthy.
func (t *site) healthy(ctx context.Context, p fairPlan) (delays []time.Duration, err error) {
	bad := p.hang + p.fail
	rounds := max(1, int(p.lasts.Seconds()*float64(p.rate))/p.endpoints)
	callbacks := t.crm.expect(rounds*(p.endpoints-bad), func(body []byte) int {
		n := ofMessage(body)
		return n/p.endpoints*(p.endpoints-bad) + n%p.endpoints - bad
	})
	load := webhooks(t.public, t.crowd.messages(rounds*p.endpoints), rounds*p.endpoints)
	load.callers, load.every = openCallers, time.Second/time.Duration(p.rate)
	run, err := load.run(ctx)
	if err != nil {
		return nil, err
	}
	if err := callbacks.wait(ctx); err != nil {
		return nil, err
	}
	for h, came := range callbacks.since(run.begun) {
		delays = append(delays, came-run.due[h/(p.endpoints-bad)*p.endpoints+h%(p.endpoints-bad)+bad])
	}
	return delays, nil
}

// greatBacklog measures messages of many chats of one endpoint, alone and beside a
// chat whose events wait.
func (b *bench) greatBacklog(ctx context.Context) error {
	p := b.plan.fair
	t, err := b.create(ctx, &site{crowd: crowd{companies: 1, chats: 1, stride: 1}})
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	n := max(1, int(p.lasts.Seconds()*float64(p.rate)/3))
	for _, row := range []string{"", rowNoneWaits, rowBesideOne} { // the first warms up
		if row == rowBesideOne {
			if err := t.pile(ctx, p.backlog); err != nil {
				return t.withLog(err)
			}
		}
		others := webhooks(t.public, crowd{companies: 1, chats: 20, stride: 1}.messages(n), n)
		others.callers, others.every = openCallers, time.Second/time.Duration(p.rate)
		run, err := t.carry(ctx, others, ofMessage)
		if err != nil {
			return err
		}
		if row != "" {
			b.table.add(fairGroup, row, "ms", quantile(run.waitedFor(), 0.99))
		}
	}
	return nil
}

// pile lets so many events of one chat wait, and makes them due.
func (t *site) pile(ctx context.Context, n int) error {
	if err := t.waitEmpty(ctx, "deliveries WHERE state = 'due'"); err != nil {
		return err
	}
	if err := t.hold(ctx); err != nil {
		return err
	}
	great := &script{}
	for i := range n {
		great.message(0, numberOf(0, 1_000_000), 1_000_000+i) // no number that is expected
	}
	if _, err := webhooks(t.public, great, n).run(ctx); err != nil {
		return err
	}
	if err := t.waitApplied(ctx); err != nil {
		return err
	}
	return t.release(ctx)
}
