package api

import (
	"context"
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"

	"recado/domain"
)

// errUnauthorized is the same for a missing, a malformed and an unknown key.
var errUnauthorized = errors.New("unauthorized")

type callerKey struct{}

// authenticate is the middleware that finds the employee of the API key. Without
// one it answers and does not make the call.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	e, err := a.employee(ctx.Context(), ctx.Header("Authorization"))
	if err != nil {
		_, w, _ := humahttprouter.Unwrap(ctx)
		a.problem(ctx.Operation().OperationID, err).write(w)
		return
	}
	next(huma.WithValue(ctx, callerKey{}, e))
}

func (a *API) employee(ctx context.Context, authorization string) (domain.Employee, error) {
	scheme, key, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" {
		return domain.Employee{}, errUnauthorized
	}
	e, err := a.callers.get(ctx, domain.Secret(key))
	if errors.Is(err, domain.ErrNotFound) {
		return domain.Employee{}, errUnauthorized
	}
	return e, err
}

// caller returns the authenticated employee. Every call runs behind authenticate.
func caller(ctx context.Context) domain.Employee {
	return ctx.Value(callerKey{}).(domain.Employee)
}
