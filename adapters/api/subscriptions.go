package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A subscription as it is shown, with what it used.
type subscription struct {
	ID          domain.SubscriptionID `json:"id"`
	Kind        kind                  `json:"kind"`
	Tariff      tariff                `json:"tariff"`
	State       subscriptionState     `json:"state"`
	PaidUntil   *string               `json:"paid_until" doc:"A date in the company's zone, its end included; null: not paid."`
	TrialUntil  *string               `json:"trial_until" doc:"Likewise; null: no trial."`
	Dialogs     dialogs               `json:"outgoing_dialogs"`
	WABADialogs int64                 `json:"waba_dialogs" doc:"Paid dialogs bought in all."`
	Balance     balance               `json:"waba_balance" doc:"What is left of waba_dialogs."`
}

type dialogs struct {
	Used   int64     `json:"used"`
	Limit  *int64    `json:"limit" doc:"Null: unlimited."`
	Period string    `json:"period" doc:"The month in the company's zone: 2026-01."`
	Mode   countMode `json:"count_mode" doc:"What counts: dialogs in which the company wrote first, or wrote at all."`
}

type balance struct {
	Available int64 `json:"available"`
	Reserved  int64 `json:"reserved" doc:"Wait for the messenger to tell their price."`
	Committed int64 `json:"committed" doc:"Were charged."`
}

func (a *API) showSubscription(u domain.Usage) subscription {
	shown := subscription{
		ID: u.ID, Kind: kind(u.Kind), Tariff: tariff(u.Tariff), State: subscriptionState(u.State(a.Now(), u.Zone)),
		PaidUntil: orNull(u.PaidUntil), TrialUntil: orNull(u.TrialUntil),
		Dialogs: dialogs{Used: u.Dialogs, Period: u.Period, Mode: countMode(cmp.Or(u.CountMode, domain.CountOursFirst))}, WABADialogs: u.WABADialogs,
		Balance: balance{Available: u.PaidAvailable(), Reserved: u.PaidReserved, Committed: u.PaidCommitted},
	}
	if limit := u.Limit(); limit != domain.Unlimited {
		shown.Dialogs.Limit = &limit
	}
	return shown
}

// A subscriptionChange is the body of a PATCH: what is left out stays.
type subscriptionChange struct {
	_           struct{}   `additionalProperties:"false"`
	Tariff      *tariff    `json:"tariff,omitempty"`
	PaidUntil   *string    `json:"paid_until,omitempty" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"A date in the company's zone, its end included; empty: not paid."`
	TrialUntil  *string    `json:"trial_until,omitempty" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"Likewise; empty: no trial."`
	DialogLimit *int64     `json:"outgoing_dialog_limit,omitempty" minimum:"-1" maximum:"9007199254740991" doc:"A month; -1: as the tariff says."`
	CountMode   *countMode `json:"count_mode,omitempty"`
	WABADialogs *int64     `json:"waba_dialogs,omitempty" minimum:"0" maximum:"9007199254740991" doc:"Paid dialogs bought in all: the total, so that the same again changes nothing."`
}

type (
	subscriptionsOutput struct {
		Body struct {
			Data []subscription `json:"data" nullable:"false"`
		}
	}
	subscriptionInput struct {
		ID   domain.SubscriptionID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Body subscriptionChange
	}
	subscriptionOutput struct{ Body subscription }
)

func (a *API) registerSubscriptions(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-subscriptions", Method: http.MethodGet, Path: "/v1/subscriptions",
		Summary: "Subscriptions with what they used of their limits",
	}, holding(domain.ReadChats, a.listSubscriptions))
	register(a, h, huma.Operation{
		OperationID: "change-subscription", Method: http.MethodPatch, Path: "/v1/subscriptions/{id}",
		Summary: "Change a subscription, as a billing system does", Errors: slices.Concat([]int{http.StatusNotFound}, withBody),
	}, holding(domain.ManageSubscriptions, a.changeSubscription))
}

func (a *API) listSubscriptions(ctx context.Context, e domain.Employee, _ *struct{}) (*subscriptionsOutput, error) {
	usage, err := a.Store.Usage(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	out := &subscriptionsOutput{}
	out.Body.Data = []subscription{}
	for _, u := range usage {
		out.Body.Data = append(out.Body.Data, a.showSubscription(u))
	}
	return out, nil
}

func (a *API) changeSubscription(ctx context.Context, e domain.Employee, in *subscriptionInput) (*subscriptionOutput, error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	u, err := a.Store.ChangeSubscription(ctx, e.Company, in.ID, in.Body.apply)
	if err != nil {
		return nil, err
	}
	return &subscriptionOutput{a.showSubscription(u)}, nil
}

// check finds dates that no calendar has.
func (c subscriptionChange) check() error {
	var wrong []fieldError
	for _, d := range []struct {
		field string
		date  *string
	}{{"body.paid_until", c.PaidUntil}, {"body.trial_until", c.TrialUntil}} {
		if d.date == nil || *d.date == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, *d.date); err != nil {
			wrong = append(wrong, fieldError{d.field, "expected a date like 2027-01-31"})
		}
	}
	if wrong != nil {
		return invalid("validation failed", wrong...)
	}
	return nil
}

func (c subscriptionChange) apply(n domain.Subscription) (domain.Subscription, error) {
	if c.WABADialogs != nil && n.Kind != domain.WABA {
		return n, invalid("validation failed", fieldError{"body.waba_dialogs", "expected for a subscription of kind waba only"})
	}
	put(&n.Tariff, (*domain.Tariff)(c.Tariff))
	put(&n.PaidUntil, c.PaidUntil)
	put(&n.TrialUntil, c.TrialUntil)
	put(&n.DialogLimit, c.DialogLimit)
	put(&n.CountMode, (*domain.CountMode)(c.CountMode))
	put(&n.WABADialogs, c.WABADialogs)
	return n, nil
}

// put sets what is given.
func put[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}
