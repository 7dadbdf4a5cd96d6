package shared

import (
	"context"
	"time"

	"recado/domain"
)

// ChangeSubscription implements domain.CompanySettings. To write what is there already
// is the lock that every database knows.
func (q Queries) ChangeSubscription(
	ctx context.Context, company domain.CompanyID, id domain.SubscriptionID, change func(domain.Subscription) (domain.Subscription, error),
) (domain.Usage, error) {
	err := q.transact(ctx, func(ctx context.Context, tx Tx) error {
		if err := some(tx.Exec(ctx, `UPDATE subscriptions SET tariff = tariff WHERE id = $1 AND company_id = $2`, id, company)); err != nil {
			return err
		}
		before, err := One(ctx, tx, scanSubscription, `SELECT `+subscriptionOf+` FROM subscriptions n WHERE n.id = $1`, id)
		if err != nil {
			return err
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		after.ID, after.Company, after.Kind = before.ID, before.Company, before.Kind
		_, err = tx.Exec(ctx, upsertSubscription, subscriptionArgs(after)...)
		return err
	})
	if err != nil {
		return domain.Usage{}, err
	}
	usage, err := q.Usage(ctx, company)
	for _, u := range usage {
		if u.ID == id {
			return u, err
		}
	}
	return domain.Usage{}, err
}

const selectEmployees = selectEmployee + `company_id = $1 ORDER BY id`

// Employees implements domain.CompanySettings.
func (q Queries) Employees(ctx context.Context, company domain.CompanyID) ([]domain.Employee, error) {
	return List(ctx, q.db, scanEmployee, selectEmployees, company)
}

// SetAPIKey implements domain.CompanySettings.
func (q Queries) SetAPIKey(ctx context.Context, company domain.CompanyID, id domain.EmployeeID, key domain.Secret) error {
	var hash []byte
	if key != "" {
		hash = keyHash(key)
	}
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, `
INSERT INTO revoked_keys (key_hash, at)
SELECT key_hash, now_ms() FROM employees WHERE company_id = $1 AND id = $2 AND key_hash IS NOT NULL
ON CONFLICT DO NOTHING`, company, id)
		if err != nil {
			return err
		}
		return some(tx.Exec(ctx, `UPDATE employees SET key_hash = $3 WHERE company_id = $1 AND id = $2`, company, id, hash))
	})
}

// selectShown reads connections without their secrets.
const selectShown = `SELECT ` + shownOf + ` FROM connections WHERE company_id = $1 `

func scanShown(row Row) (domain.Connection, error) { return readConnection(row) }

// Connections implements domain.CompanySettings.
func (q Queries) Connections(ctx context.Context, company domain.CompanyID) ([]domain.Connection, error) {
	return List(ctx, q.db, scanShown, selectShown+`ORDER BY id`, company)
}

// Resume implements domain.CompanySettings.
func (q Queries) Resume(ctx context.Context, company domain.CompanyID, id domain.ConnectionID) (domain.Connection, error) {
	err := q.transact(ctx, func(ctx context.Context, tx Tx) error {
		c, err := One(ctx, tx, scanShown, selectShown+`AND id = $2`, company, id)
		if err != nil {
			return err
		}
		return resume(ctx, tx, c)
	})
	if err != nil {
		return domain.Connection{}, err
	}
	return One(ctx, q.db, scanShown, selectShown+`AND id = $2`, company, id)
}

// resume lets a suspended or disconnected connection send again, and tells of it once.
func resume(ctx context.Context, tx Tx, c domain.Connection) error {
	n, err := tx.Exec(ctx, `
UPDATE connections SET status = 'ok', cause = '', send_after = 0 WHERE id = $1 AND status IN ('suspended', 'disconnected')`, c.ID)
	if err != nil || n == 0 {
		return err
	}
	return insertConnectionEvent(ctx, tx, c, domain.ConnectionOK)
}

func insertConnectionEvent(ctx context.Context, tx Tx, c domain.Connection, status domain.ConnectionStatus) error {
	return insertEvent(ctx, tx, func(id domain.EventID, at time.Time) (domain.Event, error) {
		return domain.ConnectionEvent(id, at, c, status, nil)
	})
}

// NotifyUnpaid implements domain.Maintenance. Who asks first tells.
func (q Queries) NotifyUnpaid(ctx context.Context) error {
	list, err := List(ctx, q.db, q.scanPayment, selectPayments)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.is == p.notified {
			continue
		}
		err := q.transact(ctx, func(ctx context.Context, tx Tx) error {
			n, err := tx.Exec(ctx, `UPDATE connections SET status = $2 WHERE id = $1 AND status = $3`, p.connection.ID, p.is, p.notified)
			if err != nil || n == 0 {
				return err
			}
			return insertConnectionEvent(ctx, tx, p.connection, p.is)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A payment is whether a connection is paid for, and the status that the company was last notified of.
type payment struct {
	connection   domain.Connection
	notified, is domain.ConnectionStatus
}

const selectPayments = `
SELECT c.id, c.company_id, c.kind, c.status, o.time_zone, now_ms(), coalesce(n.paid_until, ''), coalesce(n.trial_until, '')
FROM connections c
JOIN companies o ON o.id = c.company_id
LEFT JOIN subscriptions n ON n.company_id = c.company_id AND n.kind = c.kind
WHERE c.status NOT IN ('suspended', 'disconnected') AND c.hook_id <> ''
ORDER BY c.id`

func (q Queries) scanPayment(row Row) (payment, error) {
	var p payment
	var n domain.Subscription
	var zone string
	var at time.Time
	err := row.Scan(&p.connection.ID, &p.connection.Company, &p.connection.Kind, &p.notified, &zone, Moment(&at), &n.PaidUntil, &n.TrialUntil)
	if err != nil {
		return p, err
	}
	p.is = domain.ConnectionOK
	if n.State(at, q.zones.load(zone)) == domain.SubscriptionOverdue {
		p.is = domain.ConnectionUnpaid
	}
	return p, nil
}
