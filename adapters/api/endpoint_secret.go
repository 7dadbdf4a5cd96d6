package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A rotation is the body of rotate-secret.
type rotation struct {
	_       struct{} `additionalProperties:"false"`
	Secret  string   `json:"secret,omitempty" maxLength:"200" pattern:"^[^\\x00]*$" doc:"The new secret: whsec_ and the base64 of 24 to 64 random bytes. Left out, one is made."`
	Overlap *int64   `json:"overlap_seconds,omitempty" default:"86400" minimum:"0" maximum:"604800" doc:"For how long the previous secret also signs, up to 7 days; 0: not at all."`
}

type rotateSecretInput struct {
	ID   domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	Body *rotation
}

func (a *API) registerRotation(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "rotate-secret", Method: http.MethodPost, Path: "/v1/endpoints/{id}/rotate-secret",
		Summary: "Give an endpoint a new secret; the answer shows it once",
		Description: "Events carry two signatures until previous_until, the newest first; then the secret before stops by itself. " +
			"The same secret again changes nothing. " + declaredInFile,
		Errors: slices.Concat([]int{http.StatusNotFound, http.StatusConflict}, bodyErrors),
	}, requireRight(domain.ManageSettings, a.rotateSecret))
}

// rotateSecret handles POST /v1/endpoints/{id}/rotate-secret. It wakes the lane
// that delivers to the endpoint.
func (a *API) rotateSecret(ctx context.Context, e domain.Employee, in *rotateSecretInput) (*endpointOutput, error) {
	given, overlap := "", domain.DefaultOverlap
	if in.Body != nil {
		given = in.Body.Secret
		if in.Body.Overlap != nil {
			overlap = time.Duration(*in.Body.Overlap) * time.Second
		}
	}
	secret, err := secretOrNew(given)
	if err != nil {
		return nil, err
	}
	err = a.Store.ChangeEndpoint(ctx, e.Company, in.ID, func(before domain.Endpoint, now time.Time) (domain.Endpoint, error) {
		return before.Rotated(secret, overlap, now), before.Changeable()
	})
	if err != nil {
		return nil, err
	}
	a.Hint(domain.CallbackLane(in.ID))
	return a.withSecret(ctx, e, in.ID, secret)
}

// secretOrNew reads a secret, or makes one if none is given.
func secretOrNew(given string) (domain.Secret, error) {
	if given == "" {
		var random [32]byte
		if _, err := rand.Read(random[:]); err != nil {
			return "", err
		}
		return domain.NewEndpointSecret(random), nil
	}
	secret, err := domain.ParseEndpointSecret(given)
	if err != nil {
		return "", invalid("invalid secret", fieldError{"body.secret", err.Error()})
	}
	return secret, nil
}
