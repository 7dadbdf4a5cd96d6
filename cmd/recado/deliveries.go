package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"recado/domain"
)

// deliveriesCmd works on deliveries of events to CRMs.
type deliveriesCmd struct {
	List   deliveriesListCmd   `cmd:"" default:"withargs" help:"List deliveries, newest first."`
	Show   deliveriesShowCmd   `cmd:"" help:"Print a delivery and the attempts that did not succeed."`
	Retry  deliveriesRetryCmd  `cmd:"" help:"Make a delivery due now; one that is parked, expired or given up is put back."`
	Replay deliveriesReplayCmd `cmd:"" help:"Replay past events to an endpoint, after what is new."`
}

type (
	deliveriesListCmd struct {
		Endpoint string        `placeholder:"ID" help:"Of one endpoint; by default of all."`
		State    string        `enum:",due,delivered,parked,expired,replaying,given_up" default:"" placeholder:"STATE" help:"In one state: due, delivered, parked, expired; of a replay: replaying or given_up."`
		Type     eventType     `placeholder:"TYPE" help:"Of one type of events, for example message.created."`
		Chat     string        `placeholder:"ID" help:"Of one chat."`
		Since    time.Duration `placeholder:"AGE" help:"Made within that time, for example 2h or 2d."`
		Limit    int           `default:"100" help:"The most deliveries to list (${default})."`
	}
	deliveriesShowCmd  struct{ deliveryID }
	deliveriesRetryCmd struct{ deliveryID }

	deliveryID struct {
		ID string `arg:"" help:"The id of a delivery as listed, for example dlv_7."`
	}
)

// Run prints a table.
func (c *deliveriesListCmd) Run(ctx context.Context, env environment) error {
	q := domain.DeliveryQuery{
		Endpoint: domain.EndpointID(c.Endpoint), State: domain.DeliveryState(c.State), Type: domain.EventType(c.Type),
		Chat: domain.ChatID(c.Chat), Limit: c.Limit,
	}
	if c.Since > 0 {
		q.Since = time.Now().Add(-c.Since)
	}
	return withStoreBeside(ctx, env, func(s domain.Store) error {
		if err := checkChat(ctx, s, q); err != nil {
			return err
		}
		return listDeliveries(ctx, s, q, env.stdout)
	})
}

// Run prints the delivery and its attempts.
func (c *deliveriesShowCmd) Run(ctx context.Context, env environment) error {
	return withDeliveries(ctx, env, func(l domain.DeliveryLog) error { return showDelivery(ctx, l, c.ID, env.stdout) })
}

// Run makes the delivery due.
func (c *deliveriesRetryCmd) Run(ctx context.Context, env environment) error {
	return withDeliveries(ctx, env, func(l domain.DeliveryLog) error { return retryDelivery(ctx, l, c.ID, env.stdout) })
}

func withDeliveries(ctx context.Context, env environment, do func(domain.DeliveryLog) error) error {
	return withStoreBeside(ctx, env, func(s domain.Store) error { return do(s) })
}

// checkChat refuses a chat that no company has to which the endpoints belong.
func checkChat(ctx context.Context, s domain.Store, q domain.DeliveryQuery) error {
	if q.Chat == "" {
		return nil
	}
	endpoints, err := endpointsOf(ctx, s, q)
	if err != nil {
		return err
	}
	for _, id := range endpoints {
		e, err := s.Endpoint(ctx, id)
		if err == nil {
			_, err = s.Chat(ctx, e.Company, q.Chat)
		}
		if !errors.Is(err, domain.ErrNotFound) {
			return err
		}
	}
	return noChat(q.Chat)
}

func noChat(id domain.ChatID) error { return fmt.Errorf("no chat has the id %q", id) }

// endpointsOf returns the endpoint of the query, or all.
func endpointsOf(ctx context.Context, l domain.DeliveryLog, q domain.DeliveryQuery) ([]domain.EndpointID, error) {
	if q.Endpoint != "" {
		return []domain.EndpointID{q.Endpoint}, nil
	}
	return l.EndpointIDs(ctx)
}

func listDeliveries(ctx context.Context, l domain.DeliveryLog, q domain.DeliveryQuery, w io.Writer) error {
	found, more, err := findDeliveries(ctx, l, q)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(w, "no deliveries")
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tENDPOINT\tSTATE\tMADE\tTYPE\tCHAT\tREPLAY\tFAILURES\tNEXT\tERROR")
	for _, d := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
			domain.ShowDeliveryID(d.ID), d.Endpoint, d.State, stamp(d.Created), d.Type, orDash(string(d.Chat)), orDash(string(d.Replay)),
			d.Attempts, next(d.NextAt), oneLine(d.LastError, 80))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if more {
		fmt.Fprintf(w, "only the newest %d are listed; --limit lists more\n", q.Limit)
	}
	return nil
}

// findDeliveries collects the newest deliveries that fit the query, of one endpoint
// or of all.
func findDeliveries(ctx context.Context, l domain.DeliveryLog, q domain.DeliveryQuery) (found []domain.Delivery, more bool, err error) {
	endpoints, err := endpointsOf(ctx, l, q)
	if err != nil {
		return nil, false, err
	}
	for _, e := range endpoints {
		q, got := q, 0
		q.Endpoint = e
		for {
			page, err := l.Deliveries(ctx, "", q)
			if errors.Is(err, domain.ErrNotFound) {
				return nil, false, fmt.Errorf("no endpoint has the id %q", e)
			}
			if err != nil {
				return nil, false, err
			}
			found = append(found, page.Deliveries...)
			got += len(page.Deliveries)
			if q.Before = page.Next; page.Next == 0 || got >= q.Limit {
				more = more || page.Next != 0
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b domain.Delivery) int { return int(b.ID - a.ID) })
	return found[:min(len(found), q.Limit)], more || len(found) > q.Limit, nil
}

func showDelivery(ctx context.Context, l domain.DeliveryLog, id string, w io.Writer) error {
	number, err := domain.ParseDeliveryID(id)
	if err != nil {
		return aboutDelivery(id, err)
	}
	d, attempts, err := l.Delivery(ctx, "", number)
	if err != nil {
		return aboutDelivery(id, err)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", id},
		{"endpoint", string(d.Endpoint)},
		{"replay", string(d.Replay)},
		{"event", string(d.Event)},
		{"type", string(d.Type)},
		{"chat", string(d.Chat)},
		{"state", string(d.State)},
		{"made", stamp(d.Created)},
		{"next", next(d.NextAt)},
		{"error", oneLine(d.LastError, 0)},
	} {
		if row[1] != "" {
			fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
		}
	}
	if len(attempts) > 0 {
		fmt.Fprintln(table, "\nAT\tTOOK\tSTATUS\tNEXT\tERROR\tANSWER")
	}
	for _, a := range attempts {
		status := ""
		if a.Status != 0 {
			status = strconv.Itoa(a.Status)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			stamp(a.At), a.Took.Round(time.Millisecond), orDash(status), next(a.NextAt), oneLine(a.Error, 80), oneLine(a.Answer, 120))
	}
	return table.Flush()
}

func retryDelivery(ctx context.Context, l domain.DeliveryLog, id string, w io.Writer) error {
	number, err := domain.ParseDeliveryID(id)
	if err != nil {
		return aboutDelivery(id, err)
	}
	err = l.RetryDelivery(ctx, "", number)
	if errors.Is(err, domain.ErrAlreadyDelivered) {
		return fmt.Errorf("%s was delivered; use replay to send it again", id)
	}
	if err != nil {
		return aboutDelivery(id, err)
	}
	_, err = fmt.Fprintln(w, id, "is due now")
	return err
}

// aboutDelivery explains an error if there is no such delivery.
func aboutDelivery(id string, err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return fmt.Errorf("no delivery has the id %q; see recado deliveries list", id)
	}
	return err
}

// next shows when something is tried next.
func next(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return stamp(at)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
