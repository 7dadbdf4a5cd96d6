package shared

import (
	"context"
	"time"

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
const shownOf = `id, company_id, kind, hook_id, account, status, cause, closed, watched`

// readConnection scans shownOf, and what is selected beside it into more.
func readConnection(row Row, more ...any) (domain.Connection, error) {
	var c domain.Connection
	var cause, closed, watched string
	err := row.Scan(append([]any{&c.ID, &c.Company, &c.Kind, &c.Hook, &c.Account, &c.Status, &cause, &closed, &watched}, more...)...)
	if err != nil {
		return c, err
	}
	c.Ended = c.Hook == ""
	if err := fromJSON(closed, &c.Closed); err != nil {
		return c, err
	}
	if err := fromJSON(watched, &c.Watched); err != nil {
		return c, err
	}
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

const endpointColumns = `id, company_id, origin, url, secret, previous, previous_until, events, batch, status, health, paused_since, probe_at, last_success, attempts`

// SelectEndpoints reads endpoints; see ScanEndpoint.
const SelectEndpoints = `
SELECT ` + endpointColumns + ` FROM endpoints `

// SelectEndpoint reads one.
const SelectEndpoint = SelectEndpoints + `WHERE id = $1`

// Endpoint implements domain.Callbacks.
func (q Queries) Endpoint(ctx context.Context, id domain.EndpointID) (domain.Endpoint, error) {
	return One(ctx, q.db, q.ScanEndpoint, SelectEndpoint, id)
}

// ScanEndpoint is the Scan of SelectEndpoint.
func (s safe) ScanEndpoint(row Row) (domain.Endpoint, error) { return s.readEndpoint(row) }

// readEndpoint scans endpointColumns, and what is selected beside them into more.
func (s safe) readEndpoint(row Row, more ...any) (domain.Endpoint, error) {
	var e domain.Endpoint
	var secret, previous []byte
	var status domain.EndpointStatus
	var health string
	var paused, probe, success time.Time
	err := row.Scan(append([]any{
		&e.ID, &e.Company, &e.Origin, &e.URL, &secret, &previous, Moment(&e.PreviousUntil), &e.Events, &e.Batch, &status, &health,
		Moment(&paused), Moment(&probe), Moment(&success), &e.AttemptsLogged,
	}, more...)...)
	if err != nil {
		return e, err
	}
	if e.EndpointHealth, err = readHealth(status, health, paused, probe, success); err != nil {
		return e, err
	}
	if e.Secret, err = s.unseal(secret, "endpoint "+string(e.ID)); err != nil {
		return e, err
	}
	e.Previous, err = s.unseal(previous, "endpoint "+string(e.ID))
	return e, err
}

// readHealth reads the health of an endpoint. The status is a column of its own,
// and the truth. A program from before there was a health, which may have run a
// moment ago, wrote its times only.
func readHealth(status domain.EndpointStatus, health string, paused, probe, success time.Time) (domain.EndpointHealth, error) {
	var h domain.EndpointHealth
	if err := fromJSON(health, &h); err != nil {
		return h, err
	}
	h.Status = status
	if health == "" {
		h.LastSuccess = success
	}
	if status == domain.EndpointPaused && h.FailingSince.IsZero() {
		h.FailingSince, h.RetryAt = paused, probe
	}
	return h, nil
}

// UpdateEndpoint stores what calls changed in an endpoint.
const UpdateEndpoint = `
UPDATE endpoints SET status = $2, health = $3, not_before = $4, paused_since = $5, probe_at = $6, last_success = $7
WHERE id = $1`

// EndpointArgs are the arguments of UpdateEndpoint.
func EndpointArgs(e domain.Endpoint) []any {
	var paused, probe time.Time
	if e.Status == domain.EndpointPaused {
		paused, probe = e.FailingSince, e.RetryAt
	}
	return []any{e.ID, e.Status, jsonOf(e.EndpointHealth, false), Millis(e.ReadyAt()), Millis(paused), Millis(probe), Millis(e.LastSuccess)}
}

// selectProbe selects the oldest delivery of a chat that has not failed, or else
// the one that failed least. A delivery that failed is the oldest of its chat.
const selectProbe = SelectDelivery + `(
    SELECT *, false AS more FROM (
        SELECT * FROM deliveries d
        WHERE d.endpoint_id >= $1 AND d.endpoint_id <= $1 AND d.state = 'due' AND NOT EXISTS ( -- plans 1, 4
            SELECT 1 FROM deliveries h
            WHERE h.endpoint_id = d.endpoint_id AND h.chat_id = d.chat_id AND h.state = 'due' AND h.attempts > 0
        )
        ORDER BY d.endpoint_id, d.id LIMIT 1
    ) fresh
    UNION ALL
    SELECT *, false FROM (
        SELECT * FROM deliveries
        WHERE endpoint_id = $1 AND state = 'due' AND attempts > 0
        ORDER BY failures, id LIMIT 1
    ) failed
) d
JOIN events e ON e.id = d.event_id
WHERE EXISTS (SELECT 1 FROM endpoints WHERE id = $1)
ORDER BY d.attempts LIMIT 1`

// Probe implements domain.Callbacks.
func (q Queries) Probe(ctx context.Context, e domain.EndpointID) ([]domain.Delivery, error) {
	return List(ctx, q.db, ScanDelivery, selectProbe, e)
}
