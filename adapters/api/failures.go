package api

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// The reference of failures. It shows the tables that decide them.
type (
	failureCode struct {
		Code domain.Code `json:"code"`
		Text string      `json:"text" doc:"The text shown to the employee."`
		Hint string      `json:"hint" doc:"Advice to add to the text; may be empty."`
	}
	failureReason struct {
		Reason   domain.Reason `json:"reason"`
		Code     domain.Code   `json:"code"`
		Means    string        `json:"means" doc:"What it means, for support."`
		Do       string        `json:"do" doc:"What the employee should do."`
		Retried  bool          `json:"retried" doc:"Whether sending is retried before the message fails."`
		Suspends bool          `json:"suspends" doc:"Whether the connection is suspended until an administrator resumes it."`
	}
	failureAnswer struct {
		Kind    domain.Kind   `json:"kind"`
		Answer  string        `json:"answer" doc:"The messenger's error code, or its HTTP status and text."`
		Reason  domain.Reason `json:"reason"`
		Retried bool          `json:"retried"`
	}
	failuresOutput struct {
		Body struct {
			Codes   []failureCode   `json:"codes" nullable:"false"`
			Reasons []failureReason `json:"reasons" nullable:"false"`
			Answers []failureAnswer `json:"answers" nullable:"false" doc:"For each kind the first match decides; without a match the reason is unrecognized."`
		}
	}
)

func (a *API) registerFailures(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-failures", Method: http.MethodGet, Path: "/v1/failures",
		Summary: "List failure codes, reasons, and the messengers' answers behind them",
	}, a.listFailures)
}

// listFailures handles GET /v1/failures. `recado failures` prints the same tables.
func (a *API) listFailures(context.Context, domain.Employee, *struct{}) (*failuresOutput, error) {
	out := &failuresOutput{}
	body := &out.Body
	body.Answers = []failureAnswer{}
	for _, c := range slices.Sorted(maps.Keys(domain.Texts)) {
		body.Codes = append(body.Codes, failureCode{c, domain.Texts[c], domain.Hints[c]})
	}
	for _, r := range slices.Sorted(maps.Keys(domain.Policies)) {
		p := domain.Policies[r]
		body.Reasons = append(body.Reasons, failureReason{r, p.Code, p.Means, p.Do, p.Retried(), p.Suspend})
	}
	for _, k := range slices.Sorted(maps.Keys(a.FailureTable)) {
		for _, row := range a.FailureTable[k] {
			body.Answers = append(body.Answers, failureAnswer{k, row.Answer, row.Reason, row.Retried()})
		}
	}
	return out, nil
}
