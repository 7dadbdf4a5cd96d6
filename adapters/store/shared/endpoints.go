package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// selectEndpointStates reads the endpoints of a company $1; see scanEndpointState.
var selectEndpointStates = fmt.Sprintf(`
SELECT `+endpointColumns+`,
    (SELECT count(*) FROM (
        SELECT 1 FROM deliveries d WHERE d.endpoint_id = endpoints.id AND d.state = 'due' LIMIT %d
    ) w),
    coalesce((%s), 0),
    coalesce((
        SELECT d.last_error FROM deliveries d WHERE d.endpoint_id = endpoints.id AND d.state = 'due' AND d.attempts > 0
        ORDER BY d.failed_at DESC LIMIT 1
    ), '')
FROM endpoints WHERE company_id = $1 `, countMax, oldestDue)

func (q Queries) scanEndpointState(row Row) (domain.EndpointState, error) {
	var s domain.EndpointState
	var err error
	s.Endpoint, err = q.readEndpoint(row, &s.Waiting, Moment(&s.Oldest), &s.LastError)
	s.Secret, s.Previous = "", ""
	return s, err
}

// Endpoints implements domain.CompanySettings.
func (q Queries) Endpoints(ctx context.Context, company domain.CompanyID) ([]domain.EndpointState, error) {
	return List(ctx, q.db, q.scanEndpointState, selectEndpointStates+`ORDER BY id`, company)
}

// EndpointState implements domain.CompanySettings.
func (q Queries) EndpointState(ctx context.Context, company domain.CompanyID, id domain.EndpointID) (domain.EndpointState, error) {
	return One(ctx, q.db, q.scanEndpointState, selectEndpointStates+`AND id = $2`, company, id)
}

// EnableEndpoint implements domain.CompanySettings.
func (q Queries) EnableEndpoint(ctx context.Context, company domain.CompanyID, id domain.EndpointID) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		e, err := q.lockEndpoint(ctx, tx, company, id)
		if err != nil {
			return err
		}
		return startAfresh(ctx, tx, e)
	})
}

// startAfresh restarts an endpoint, with an event if its status changes.
func startAfresh(ctx context.Context, tx Tx, e domain.Endpoint) error {
	was := e.Status
	if err := restartEndpoint(ctx, tx, e); err != nil || was == domain.EndpointOK {
		return err
	}
	e.Status = domain.EndpointOK
	return InsertEndpointStatus(ctx, tx, e, 0)
}

// restartEndpoint forgets the failures of an endpoint, and makes all that waits
// for it due.
func restartEndpoint(ctx context.Context, tx Tx, e domain.Endpoint) error {
	at, err := now(ctx, tx)
	if err != nil {
		return err
	}
	e.EndpointHealth = e.Reset(at)
	if _, err := tx.Exec(ctx, UpdateEndpoint, EndpointArgs(e)...); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, ReleaseDeliveries, e.ID)
	return err
}
