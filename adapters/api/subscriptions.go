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

// A subscription in an answer, with its usage.
type subscription struct {
	ID          domain.SubscriptionID `json:"id"`
	Kind        kind                  `json:"kind"`
	Tariff      tariff                `json:"tariff"`
	State       subscriptionState     `json:"state"`
	PaidUntil   *string               `json:"paid_until" doc:"The last paid day, in the company's time zone; null if not paid."`
	TrialUntil  *string               `json:"trial_until" doc:"The last day of the trial; null if there is none."`
	Dialogs     dialogs               `json:"outgoing_dialogs"`
	WABADialogs int64                 `json:"waba_dialogs" doc:"The total number of paid dialogs bought."`
	Balance     balance               `json:"waba_balance" doc:"How waba_dialogs are used."`
	Priced      []priced              `json:"messages_priced" nullable:"false" doc:"What the messenger billed in the current month, beside the paid dialogs."`
}

type priced struct {
	Category string `json:"category" doc:"Or unknown."`
	Type     string `json:"type" doc:"Or unknown."`
	Messages int64  `json:"messages"`
}

type dialogs struct {
	Used   int64     `json:"used"`
	Limit  *int64    `json:"limit" doc:"Null if unlimited."`
	Period string    `json:"period" doc:"The current month in the company's time zone, for example 2026-01."`
	Mode   countMode `json:"count_mode" doc:"Which dialogs count: those the company began, or all in which it wrote."`
}

type balance struct {
	Available int64 `json:"available"`
	Reserved  int64 `json:"reserved" doc:"Reserved until the messenger reports the price."`
	Committed int64 `json:"committed" doc:"Charged by the messenger."`
}

func (a *API) showSubscription(u domain.Usage) subscription {
	shown := subscription{
		ID: u.ID, Kind: kind(u.Kind), Tariff: tariff(u.Tariff), State: subscriptionState(u.State(a.Now(), u.Zone)),
		PaidUntil: orNull(u.PaidUntil), TrialUntil: orNull(u.TrialUntil),
		Dialogs: dialogs{Used: u.Dialogs, Period: u.Period, Mode: countMode(cmp.Or(u.CountMode, domain.CountOursFirst))}, WABADialogs: u.WABADialogs,
		Balance: balance{Available: u.PaidAvailable(), Reserved: u.PaidReserved, Committed: u.PaidCommitted},
	}
	shown.Priced = []priced{}
	for _, p := range u.Priced {
		shown.Priced = append(shown.Priced, priced{p.Category, p.Type, p.Messages})
	}
	if limit := u.Limit(); limit != domain.Unlimited {
		shown.Dialogs.Limit = &limit
	}
	return shown
}

// A subscriptionChange is the body of change-subscription. Fields that are left
// out do not change.
type subscriptionChange struct {
	_           struct{}   `additionalProperties:"false"`
	Tariff      *tariff    `json:"tariff,omitempty"`
	PaidUntil   *string    `json:"paid_until,omitempty" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"The last paid day, in the company's time zone; empty for not paid."`
	TrialUntil  *string    `json:"trial_until,omitempty" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" doc:"The last day of the trial; empty for none."`
	DialogLimit *int64     `json:"outgoing_dialog_limit,omitempty" minimum:"-1" maximum:"9007199254740991" doc:"Dialogs per month; -1 for the tariff's limit."`
	CountMode   *countMode `json:"count_mode,omitempty"`
	WABADialogs *int64     `json:"waba_dialogs,omitempty" minimum:"0" maximum:"9007199254740991" doc:"The total number of paid dialogs bought, not an increment."`
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
		Summary: "List subscriptions and their usage",
	}, requireRight(domain.ReadChats, a.listSubscriptions))
	register(a, h, huma.Operation{
		OperationID: "change-subscription", Method: http.MethodPatch, Path: "/v1/subscriptions/{id}",
		Summary: "Change a subscription, for billing systems", Errors: slices.Concat([]int{http.StatusNotFound}, bodyErrors),
	}, requireRight(domain.ManageSubscriptions, a.changeSubscription))
}

// listSubscriptions handles GET /v1/subscriptions.
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

// changeSubscription handles PATCH /v1/subscriptions/{id}.
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

// check finds dates that do not exist.
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
	if c.WABADialogs != nil && !n.Kind.Traits().PaidDialogs {
		return n, invalid("validation failed", fieldError{"body.waba_dialogs", "expected for a subscription of kind " + domain.Join(domain.KindsWithPaidDialogs()) + " only"})
	}
	setIfGiven(&n.Tariff, (*domain.Tariff)(c.Tariff))
	setIfGiven(&n.PaidUntil, c.PaidUntil)
	setIfGiven(&n.TrialUntil, c.TrialUntil)
	setIfGiven(&n.DialogLimit, c.DialogLimit)
	setIfGiven(&n.CountMode, (*domain.CountMode)(c.CountMode))
	setIfGiven(&n.WABADialogs, c.WABADialogs)
	return n, nil
}

// setIfGiven sets the field unless given is nil.
func setIfGiven[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}
