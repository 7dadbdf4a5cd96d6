package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A subscription as it is shown, with what it used.
type subscription struct {
	ID          domain.SubscriptionID    `json:"id"`
	Kind        domain.Kind              `json:"kind" enum:"whatsapp_business,waba,telegram_personal,telegram_bot"`
	Tariff      domain.Tariff            `json:"tariff" enum:"inicial,estandar,avanzada"`
	State       domain.SubscriptionState `json:"state" enum:"paid,trial,overdue"`
	PaidUntil   *string                  `json:"paid_until" doc:"A date in the company's zone, its end included; null: not paid."`
	TrialUntil  *string                  `json:"trial_until" doc:"Likewise; null: no trial."`
	Dialogs     dialogs                  `json:"outgoing_dialogs"`
	WABADialogs int64                    `json:"waba_dialogs" doc:"Paid dialogs bought in all."`
}

type dialogs struct {
	Used   int64  `json:"used"`
	Limit  *int64 `json:"limit" doc:"Null: unlimited."`
	Period string `json:"period" doc:"The month in the company's zone: 2026-01."`
}

func (a *API) showSubscription(u domain.Usage) subscription {
	shown := subscription{
		ID: u.ID, Kind: u.Kind, Tariff: u.Tariff, State: u.State(a.Now(), u.Zone),
		PaidUntil: orNull(u.PaidUntil), TrialUntil: orNull(u.TrialUntil),
		Dialogs: dialogs{Used: u.Dialogs, Period: u.Period}, WABADialogs: u.WABADialogs,
	}
	if limit := u.Limit(); limit != domain.Unlimited {
		shown.Dialogs.Limit = &limit
	}
	return shown
}

type subscriptionsOutput struct {
	Body struct {
		Data []subscription `json:"data" nullable:"false"`
	}
}

func (a *API) registerSubscriptions(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-subscriptions", Method: http.MethodGet, Path: "/v1/subscriptions",
		Summary: "Subscriptions with what they used of their limits",
	}, reading(a.listSubscriptions))
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
