package console

import (
	"context"
	"time"

	"recado/domain"
)

// A replayRow is a replay on the page of its endpoint.
type replayRow struct {
	domain.Replay
	Begun string
	From  string // empty: from the oldest event
	To    string // empty: until it was begun
	Runs  bool
}

func (d *desk) replayRows(replays []domain.Replay) (rows []replayRow) {
	for _, r := range replays {
		rows = append(rows, replayRow{r, d.moment(r.Created), d.moment(r.Since), d.moment(r.Until), r.State == domain.ReplayRunning})
	}
	return rows
}

// startReplay handles POST …/endpoints/{endpoint}/replays: the endpoint gets the events
// of a time once more.
func (c *Console) startReplay(ctx context.Context, v *visit) error {
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	var q domain.ReplayQuery
	if q.Since, err = d.parseMoment(v.r.PostFormValue("since")); err != nil {
		return err
	}
	if q.Until, err = d.parseMoment(v.r.PostFormValue("until")); err != nil {
		return err
	}
	if !q.Until.IsZero() && q.Until.Before(q.Since) {
		return errInvalid
	}
	endpoint := domain.EndpointID(v.r.PathValue("endpoint"))
	if _, _, err := c.Store.StartReplay(ctx, v.by.Company, endpoint, q); err != nil {
		return err
	}
	c.Hint(domain.ReplayLane(endpoint))
	c.backToEndpoint(v, endpoint, "replayed")
	return nil
}

// parseMoment reads what a browser gives for a day and a time, in the zone of the
// company; empty is the zero time.
func (d *desk) parseMoment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", text, d.zone)
	if err != nil {
		return time.Time{}, errInvalid
	}
	return at.UTC(), nil
}

// stopReplay handles POST …/endpoints/{endpoint}/replays/{replay}/stop.
func (c *Console) stopReplay(ctx context.Context, v *visit) error {
	endpoint := domain.EndpointID(v.r.PathValue("endpoint"))
	if _, err := c.Store.StopReplay(ctx, v.by.Company, endpoint, domain.ReplayID(v.r.PathValue("replay"))); err != nil {
		return err
	}
	c.backToEndpoint(v, endpoint, "stopped")
	return nil
}
