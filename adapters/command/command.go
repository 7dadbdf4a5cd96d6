// Package command carries out what employees ask for, the same for REST and the chat page.
package command

import (
	"context"
	"time"

	"recado/domain"
	"recado/metrics"
)

// Commands applies commands. Every field is required.
type Commands struct {
	Store   domain.Applier
	Hint    func(domain.Lane) // tells the workers that a lane has work; must not block
	Now     func() time.Time
	Metrics *metrics.Metrics
}

// Apply applies a command in the employee's company, and hints the endpoints that get
// its events. A refusal of the domain is returned as the error.
func (c Commands) Apply(ctx context.Context, e domain.Employee, u domain.Update) (domain.Result, error) {
	u.Company, u.Rights, u.Received = e.Company, e.Granted(), c.Now()
	receipt, err := c.Store.Apply(ctx, domain.Batch{Updates: []domain.Update{u}})
	if err != nil {
		return domain.Result{}, err
	}
	for _, endpoint := range receipt.Endpoints {
		c.Hint(domain.CallbackLane(endpoint))
	}
	return receipt.Results[0], receipt.Results[0].Err
}

// FollowUp has the message of a result sent, or counts why a gate failed it, as the
// workers count what fails later.
func (c Commands) FollowUp(r domain.Result) {
	switch {
	case r.Message.Status != domain.Failed:
		c.Hint(domain.SendLane(r.Message.Connection))
	case r.Outcome != domain.Repeated:
		f := r.Message.Failure
		c.Metrics.Failure(r.Kind, f.Code(), f.Reason)
		if f.Reason == domain.ReasonDialogLimit || f.Reason == domain.ReasonNoPaidDialogs {
			c.Metrics.DialogRefused(r.Kind, r.Tariff, f.Code())
		}
	}
}
