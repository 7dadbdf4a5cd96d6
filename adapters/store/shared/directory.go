package shared

import (
	"context"

	"recado/domain"
)

const selectHook = `SELECT id, kind, secrets FROM hooks WHERE id = $1`

// Hook implements domain.Lookup.
func (q Queries) Hook(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	return One(ctx, q.db, q.scanHook, selectHook, id)
}

func (s safe) scanHook(row Row) (domain.Hook, error) {
	var h domain.Hook
	var sealed []byte
	if err := row.Scan(&h.ID, &h.Kind, &sealed); err != nil {
		return h, err
	}
	var err error
	h.Secrets, err = s.unsealSettings(sealed, "hook "+string(h.ID))
	return h, err
}

const selectConnection = `
SELECT ` + shownOf + `, settings FROM connections WHERE id = $1`

// shownOf is a connection without its secrets; readConnection scans it.
const shownOf = `id, company_id, kind, hook_id, account, status, cause`

// readConnection scans shownOf, and what is selected beside it into more.
func readConnection(row Row, more ...any) (domain.Connection, error) {
	var c domain.Connection
	var cause string
	err := row.Scan(append([]any{&c.ID, &c.Company, &c.Kind, &c.Hook, &c.Account, &c.Status, &cause}, more...)...)
	if err != nil {
		return c, err
	}
	c.Ended = c.Hook == ""
	err = fromJSON(cause, &c.Cause)
	return c, err
}

// Connection implements domain.Lookup.
func (q Queries) Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error) {
	return One(ctx, q.db, q.scanConnection, selectConnection, id)
}

func (s safe) scanConnection(row Row) (domain.Connection, error) {
	var sealed []byte
	c, err := readConnection(row, &sealed)
	if err != nil {
		return c, err
	}
	c.Settings, err = s.unsealSettings(sealed, "connection "+string(c.ID))
	return c, err
}

const selectEmployee = `
SELECT id, company_id, name, role, rights, service, key_hash IS NOT NULL FROM employees WHERE `

// Employee implements domain.Lookup.
func (q Queries) Employee(ctx context.Context, apiKey domain.Secret) (domain.Employee, error) {
	return One(ctx, q.db, scanEmployee, selectEmployee+`key_hash = $1`, keyHash(apiKey))
}

func scanEmployee(row Row) (domain.Employee, error) {
	var e domain.Employee
	err := row.Scan(&e.ID, &e.Company, &e.Name, &e.Role, &e.Rights, &e.Service, &e.HasKey)
	return e, err
}

// SelectEndpoints reads endpoints; see ScanEndpoint.
const SelectEndpoints = `
SELECT id, company_id, url, secret, previous, events, status, failures, paused_since, probe_at, last_success
FROM endpoints `

// SelectEndpoint reads one.
const SelectEndpoint = SelectEndpoints + `WHERE id = $1`

// Endpoint implements domain.Callbacks.
func (q Queries) Endpoint(ctx context.Context, id domain.EndpointID) (domain.Endpoint, error) {
	return One(ctx, q.db, q.ScanEndpoint, SelectEndpoint, id)
}

// ScanEndpoint is the Scan of SelectEndpoint.
func (s safe) ScanEndpoint(row Row) (domain.Endpoint, error) {
	var e domain.Endpoint
	var secret, previous []byte
	err := row.Scan(&e.ID, &e.Company, &e.URL, &secret, &previous, &e.Events, &e.Status, &e.Failures,
		Moment(&e.PausedSince), Moment(&e.ProbeAt), Moment(&e.LastSuccess))
	if err != nil {
		return e, err
	}
	if e.Secret, err = s.unseal(secret, "endpoint "+string(e.ID)); err != nil {
		return e, err
	}
	e.Previous, err = s.unseal(previous, "endpoint "+string(e.ID))
	return e, err
}

// UpdateEndpoint stores what tries changed in an endpoint.
const UpdateEndpoint = `
UPDATE endpoints SET status = $2, failures = $3, paused_since = $4, probe_at = $5, last_success = $6 WHERE id = $1`

// EndpointArgs are the arguments of UpdateEndpoint.
func EndpointArgs(e domain.Endpoint) []any {
	return []any{e.ID, e.Status, e.Failures, Millis(e.PausedSince), Millis(e.ProbeAt), Millis(e.LastSuccess)}
}
