package shared

import (
	"context"
	"time"

	"recado/domain"
)

// CreateEndpoint implements domain.CompanySettings. The lock on the company keeps
// the count right.
func (q Queries) CreateEndpoint(ctx context.Context, e domain.Endpoint) error {
	e.Origin = domain.EndpointOfAPI
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		if err := some(tx.Exec(ctx, `UPDATE companies SET name = name WHERE id = $1`, e.Company)); err != nil {
			return err
		}
		count, err := One(ctx, tx, Value[int], `SELECT count(*) FROM endpoints WHERE company_id = $1`, e.Company)
		if err != nil {
			return err
		}
		if count >= domain.MaxEndpoints {
			return domain.ErrTooManyEndpoints
		}
		created, err := q.insertEndpoint(ctx, tx, q.finds.expiry, e)
		if err == nil && !created {
			return domain.ErrEndpointExists
		}
		return err
	})
}

// ChangeEndpoint implements domain.CompanySettings.
func (q Queries) ChangeEndpoint(
	ctx context.Context, company domain.CompanyID, id domain.EndpointID, change func(domain.Endpoint, time.Time) (domain.Endpoint, error),
) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		before, err := q.lockEndpoint(ctx, tx, company, id)
		if err != nil {
			return err
		}
		at, err := now(ctx, tx)
		if err != nil {
			return err
		}
		after, err := change(before, at)
		if err != nil {
			return err
		}
		after.ID, after.Company, after.Origin, after.EndpointHealth = before.ID, before.Company, before.Origin, before.EndpointHealth
		if err := q.updateEndpoint(ctx, tx, after); err != nil || after.URL == before.URL && after.Secret == before.Secret {
			return err
		}
		return startAfresh(ctx, tx, after)
	})
}

// DeleteEndpoint implements domain.CompanySettings.
func (q Queries) DeleteEndpoint(ctx context.Context, company domain.CompanyID, id domain.EndpointID) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		e, err := q.lockEndpoint(ctx, tx, company, id)
		if err != nil {
			return err
		}
		if err := e.Changeable(); err != nil {
			return err
		}
		_, err = endEndpoint(ctx, tx, e)
		return err
	})
}

// lockEndpoint reads an endpoint and locks it against a record of the moment.
func (s safe) lockEndpoint(ctx context.Context, tx Tx, company domain.CompanyID, id domain.EndpointID) (domain.Endpoint, error) {
	if err := some(tx.Exec(ctx, `UPDATE endpoints SET url = url WHERE company_id = $1 AND id = $2`, company, id)); err != nil {
		return domain.Endpoint{}, err
	}
	return One(ctx, tx, s.ScanEndpoint, SelectEndpoint, id)
}

// insertEndpoint stores a new endpoint. It returns false, and the transaction must not be
// kept, if its id is taken.
func (s safe) insertEndpoint(ctx context.Context, tx Tx, x expiry, e domain.Endpoint) (created bool, err error) {
	args, err := s.endpointArgs(e)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `
INSERT INTO endpoints (id, url, secret, previous, previous_until, events, batch, company_id, origin, log_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT coalesce(max(id), 0) FROM deliveries))
ON CONFLICT (id) DO NOTHING`, append(args, e.Company, e.Origin)...)
	if err != nil || n == 0 {
		return false, err
	}
	return x.takeID(ctx, tx, e.ID)
}

// updateEndpoint stores what people change in an endpoint.
func (s safe) updateEndpoint(ctx context.Context, tx Tx, e domain.Endpoint) error {
	args, err := s.endpointArgs(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE endpoints SET url = $2, secret = $3, previous = $4, previous_until = $5, events = $6, batch = $7 WHERE id = $1`, args...)
	return err
}

func (s safe) endpointArgs(e domain.Endpoint) ([]any, error) {
	secret, err := s.seal(e.Secret, "endpoint "+string(e.ID))
	if err != nil {
		return nil, err
	}
	previous, err := s.seal(e.Previous, "endpoint "+string(e.ID))
	return []any{e.ID, e.URL, secret, previous, Millis(e.PreviousUntil), e.Events, e.Batch}, err
}
