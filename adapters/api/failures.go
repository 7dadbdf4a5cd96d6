package api

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// The reference of failures, from the tables by which they are decided.
type (
	failureCode struct {
		Code domain.Code `json:"code"`
		Text string      `json:"text" doc:"What an employee reads."`
		Hint string      `json:"hint" doc:"What the text leaves out; empty: nothing."`
	}
	failureReason struct {
		Reason   domain.Reason `json:"reason"`
		Code     domain.Code   `json:"code"`
		Means    string        `json:"means" doc:"For support."`
		Do       string        `json:"do" doc:"For the employee, in his language."`
		Retried  bool          `json:"retried" doc:"It is tried again before it fails."`
		Suspends bool          `json:"suspends" doc:"The connection sends nothing more until it is resumed."`
	}
	failureAnswer struct {
		Kind    domain.Kind   `json:"kind"`
		Answer  string        `json:"answer" doc:"The messenger's code, or its HTTP status with a text."`
		Reason  domain.Reason `json:"reason"`
		Retried bool          `json:"retried"`
	}
	failuresOutput struct {
		Body struct {
			Codes   []failureCode   `json:"codes" nullable:"false"`
			Reasons []failureReason `json:"reasons" nullable:"false"`
			Answers []failureAnswer `json:"answers" nullable:"false" doc:"Of each kind the first that fits decides; what none fits is unrecognized."`
		}
	}
)

func (a *API) registerFailures(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-failures", Method: http.MethodGet, Path: "/v1/failures",
		Summary: "Why messages fail: every text, every reason, and which answer means it",
	}, a.listFailures)
}

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
