package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// An employee as he is shown.
type employee struct {
	ID      domain.EmployeeID `json:"id"`
	Name    string            `json:"name"`
	Role    string            `json:"role"`
	Rights  []domain.Right    `json:"rights" nullable:"false" doc:"What he may do, by his role."`
	Service bool              `json:"service" doc:"His messages have the origin api."`
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
			Key string `json:"api_key" doc:"Shown this once: only its hash is kept."`
		}
	}
)

func (a *API) registerEmployees(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-employees", Method: http.MethodGet, Path: "/v1/employees",
		Summary: "Employees with their rights",
	}, holding(domain.ManageSettings, a.listEmployees))
	register(a, h, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/v1/employees/{id}/key",
		Summary: "Give an employee an API key, in place of the one he had", DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, holding(domain.ManageSettings, a.createKey))
	register(a, h, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/v1/employees/{id}/key",
		Summary: "Take an employee's API key away; once more changes nothing", DefaultStatus: http.StatusNoContent, Errors: []int{http.StatusNotFound},
	}, holding(domain.ManageSettings, a.revokeKey))
}

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

func (a *API) createKey(ctx context.Context, e domain.Employee, in *employeeInput) (*keyOutput, error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	out := &keyOutput{}
	out.Body.Key = "rk_" + base64.RawURLEncoding.EncodeToString(random)
	if err := a.Store.SetAPIKey(ctx, e.Company, in.ID, domain.Secret(out.Body.Key)); err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) revokeKey(ctx context.Context, e domain.Employee, in *employeeInput) (*struct{}, error) {
	return nil, a.Store.SetAPIKey(ctx, e.Company, in.ID, "")
}
