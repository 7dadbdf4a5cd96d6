package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"recado/domain"
)

type deliveriesReplayCmd struct {
	Endpoint string        `required:"" placeholder:"ID" help:"The endpoint to send to."`
	Since    time.Duration `placeholder:"AGE" help:"Events of that time until now, for example 48h or 2d; by default all that are stored."`
	Type     []eventType   `placeholder:"TYPE" help:"Only these types, separated by commas; by default all that the endpoint gets."`
	Chat     string        `placeholder:"ID" help:"Only the events of one chat."`
	Stop     bool          `help:"Stop the replay that runs."`
}

// replays is what the command needs of a store.
type replays interface {
	domain.Replays
	Endpoint(ctx context.Context, id domain.EndpointID) (domain.Endpoint, error)
	Chat(ctx context.Context, company domain.CompanyID, id domain.ChatID) (domain.Chat, error)
}

// Run starts a replay, or stops the one that runs, and prints how far it is.
func (c *deliveriesReplayCmd) Run(ctx context.Context, env environment) error {
	return withStoreBeside(ctx, env, func(s domain.Store) error { return c.replay(ctx, s, env.stdout) })
}

func (c *deliveriesReplayCmd) replay(ctx context.Context, s replays, w io.Writer) error {
	e, err := s.Endpoint(ctx, domain.EndpointID(c.Endpoint))
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("no endpoint has the id %q", c.Endpoint)
	}
	if err != nil {
		return err
	}
	if c.Stop {
		r, err := runningReplay(ctx, s, e)
		if err == nil {
			r, err = s.StopReplay(ctx, e.Company, e.ID, r.ID)
		}
		return printReplay(w, r, err)
	}
	q := domain.ReplayQuery{Chat: domain.ChatID(c.Chat)}
	if q.Chat != "" {
		if _, err := s.Chat(ctx, e.Company, q.Chat); errors.Is(err, domain.ErrNotFound) {
			return noChat(q.Chat)
		} else if err != nil {
			return err
		}
	}
	if c.Since > 0 {
		q.Since = time.Now().UTC().Add(-c.Since).Truncate(time.Millisecond)
	}
	for _, t := range c.Type {
		q.Types = append(q.Types, domain.EventType(t))
	}
	r, _, err := s.StartReplay(ctx, e.Company, e.ID, q)
	if errors.Is(err, domain.ErrReplayRuns) {
		if r, err = runningReplay(ctx, s, e); err == nil {
			return fmt.Errorf("%s runs, %s; end it with --stop first", r.ID, progress(r))
		}
	}
	return printReplay(w, r, err)
}

func runningReplay(ctx context.Context, s replays, e domain.Endpoint) (domain.Replay, error) {
	list, err := s.Replays(ctx, e.Company, e.ID)
	if err != nil {
		return domain.Replay{}, err
	}
	for _, r := range list {
		if r.State == domain.ReplayRunning {
			return r, nil
		}
	}
	return domain.Replay{}, fmt.Errorf("no replay to %s runs", e.ID)
}

func printReplay(w io.Writer, r domain.Replay, err error) error {
	if err == nil {
		_, err = fmt.Fprintf(w, "%s: %s, %s\n", r.ID, r.State, progress(r))
	}
	return err
}

// progress says how many events of a replay are delivered: "3 of 40 delivered".
func progress(r domain.Replay) string {
	if r.Count < 0 {
		return fmt.Sprintf("%d delivered of more than can be counted", r.Delivered)
	}
	return fmt.Sprintf("%d of %d delivered", r.Delivered, r.Count)
}
