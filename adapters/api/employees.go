package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// An employee in an answer.
type employee struct {
	ID      domain.EmployeeID `json:"id"`
	Name    string            `json:"name"`
	Role    string            `json:"role"`
	Rights  []domain.Right    `json:"rights" nullable:"false" doc:"Rights granted by the role."`
	Service bool              `json:"service" doc:"Whether this is a service; its messages have the origin api."`
	HasKey  bool              `json:"has_key"`
}

func showEmployee(e domain.Employee) employee {
	return employee{ID: e.ID, Name: e.Name, Role: e.Role, Rights: e.Granted(), Service: e.Service, HasKey: e.HasKey}
}

type (
	employeesOutput struct {
		Body struct {
			Data []employee `json:"data" nullable:"false"`
		}
	}
	employeeInput struct {
		ID domain.EmployeeID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	keyOutput struct {
		Body struct {
			Key string `json:"api_key" doc:"Shown only once: Recado stores only its hash."`
		}
	}
)

const keyHolders = "Refused with 403 if the employee holds a right that the caller lacks."

func (a *API) registerEmployees(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-employees", Method: http.MethodGet, Path: "/v1/employees",
		Summary: "List employees and their rights",
	}, requireRight(domain.ManageSettings, a.listEmployees))
	register(a, h, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/v1/employees/{id}/key",
		Summary: "Create an API key, replacing any existing one", Description: keyHolders, DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.createKey))
	register(a, h, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/v1/employees/{id}/key",
		Summary: "Revoke an employee's API key (idempotent)", Description: keyHolders, DefaultStatus: http.StatusNoContent, Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.revokeKey))
}

// listEmployees handles GET /v1/employees.
func (a *API) listEmployees(ctx context.Context, e domain.Employee, _ *struct{}) (*employeesOutput, error) {
	list, err := a.Store.Employees(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	out := &employeesOutput{}
	out.Body.Data = []employee{}
	for _, one := range list {
		out.Body.Data = append(out.Body.Data, showEmployee(one))
	}
	return out, nil
}

// checkKeyHolder refuses to let a caller touch the key of an employee who holds a
// right that the caller lacks: with that key the caller would have it too.
func (a *API) checkKeyHolder(ctx context.Context, caller domain.Employee, id domain.EmployeeID) error {
	list, err := a.Store.Employees(ctx, caller.Company)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.ID == id && !caller.Granted().Include(e.Granted()) {
			return domain.ErrForbidden
		}
	}
	return nil
}

// createKey handles POST /v1/employees/{id}/key. The answer is the only place
// where the key appears.
func (a *API) createKey(ctx context.Context, e domain.Employee, in *employeeInput) (*keyOutput, error) {
	if err := a.checkKeyHolder(ctx, e, in.ID); err != nil {
		return nil, err
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	out := &keyOutput{}
	out.Body.Key = "rk_" + base64.RawURLEncoding.EncodeToString(random)
	if err := a.setKey(ctx, e, in.ID, domain.Secret(out.Body.Key)); err != nil {
		return nil, err
	}
	return out, nil
}

// revokeKey handles DELETE /v1/employees/{id}/key.
func (a *API) revokeKey(ctx context.Context, e domain.Employee, in *employeeInput) (*struct{}, error) {
	if err := a.checkKeyHolder(ctx, e, in.ID); err != nil {
		return nil, err
	}
	return nil, a.setKey(ctx, e, in.ID, "")
}

// setKey replaces an employee's key. The old one ends here at once, and in other
// processes within cacheFor.
func (a *API) setKey(ctx context.Context, e domain.Employee, id domain.EmployeeID, key domain.Secret) error {
	defer a.callers.forget()
	return a.Store.SetAPIKey(ctx, e.Company, id, key)
}
