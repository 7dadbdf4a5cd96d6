package shared

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"recado/domain"
)

func (d *declaration) companies(ctx context.Context, r domain.Registry) error {
	for _, c := range r.Companies {
		was, exists, err := find(ctx, d.tx, scanCompany, `SELECT id, name, time_zone FROM companies WHERE id = $1`, c.ID)
		if err != nil {
			return err
		}
		if d.compare("company", string(c.ID), exists,
			fact{name: "name", before: was.Name, after: c.Name}, fact{name: "time_zone", before: was.TimeZone, after: c.TimeZone}) {
			if err := d.write(ctx, `
INSERT INTO companies (id, name, time_zone) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone`, c.ID, c.Name, c.TimeZone); err != nil {
				return err
			}
		}
	}
	return nil
}

func scanCompany(row Row) (domain.Company, error) {
	var c domain.Company
	err := row.Scan(&c.ID, &c.Name, &c.TimeZone)
	return c, err
}

func (d *declaration) subscriptions(ctx context.Context, r domain.Registry) error {
	for _, n := range r.Subscriptions {
		was, exists, err := find(ctx, d.tx, scanSubscription, `
SELECT `+subscriptionOf+` FROM subscriptions n WHERE n.id = $1`, n.ID)
		if err != nil {
			return err
		}
		if !d.owned("subscription", string(n.ID), exists, was.Company, n.Company) {
			continue
		}
		twin, taken, err := find(ctx, d.tx, Value[string], `
SELECT id FROM subscriptions WHERE company_id = $1 AND kind = $2 AND id <> $3`, n.Company, n.Kind, n.ID)
		if err != nil {
			return err
		}
		if taken {
			d.mistake("subscription %s: company %s has a subscription of kind %s already, %s; change that one", n.ID, n.Company, n.Kind, twin)
			continue
		}
		if d.compare("subscription", string(n.ID), exists,
			fact{name: "kind", before: string(was.Kind), after: string(n.Kind)},
			fact{name: "tariff", before: string(was.Tariff), after: string(n.Tariff)},
			fact{name: "paid_until", before: was.PaidUntil, after: n.PaidUntil},
			fact{name: "trial_until", before: was.TrialUntil, after: n.TrialUntil},
			fact{name: "outgoing_dialog_limit", before: fmt.Sprint(was.DialogLimit), after: fmt.Sprint(n.DialogLimit)},
			fact{name: "count_mode", before: string(was.CountMode), after: string(n.CountMode)},
			fact{name: "waba_dialogs", before: fmt.Sprint(was.WABADialogs), after: fmt.Sprint(n.WABADialogs)}) {
			if err := d.write(ctx, upsertSubscription, subscriptionArgs(n)...); err != nil {
				return err
			}
		}
	}
	return nil
}

const upsertSubscription = `
INSERT INTO subscriptions (id, company_id, kind, tariff, paid_until, trial_until, dialog_limit, count_mode, waba_dialogs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, tariff = excluded.tariff, paid_until = excluded.paid_until, trial_until = excluded.trial_until,
    dialog_limit = excluded.dialog_limit, count_mode = excluded.count_mode, waba_dialogs = excluded.waba_dialogs`

func subscriptionArgs(n domain.Subscription) []any {
	return []any{n.ID, n.Company, n.Kind, n.Tariff, n.PaidUntil, n.TrialUntil, n.DialogLimit, n.CountMode, n.WABADialogs}
}

func scanSubscription(row Row) (domain.Subscription, error) {
	var n domain.Subscription
	err := row.Scan(&n.ID, &n.Company, &n.Kind, &n.Tariff, &n.PaidUntil, &n.TrialUntil, &n.DialogLimit, &n.CountMode, &n.WABADialogs)
	return n, err
}

func (d *declaration) employees(ctx context.Context, r domain.Registry) error {
	for _, e := range r.Employees {
		was, exists, err := find(ctx, d.tx, scanEmployee, selectEmployee+`id = $1`, e.ID)
		if err != nil {
			return err
		}
		if !d.owned("employee", string(e.ID), exists, was.Company, e.Company) {
			continue
		}
		key, revoked := r.APIKeys[e.ID], slices.Contains(r.Revoked, e.ID)
		_, void, err := find(ctx, d.tx, Value[int64], `SELECT at FROM revoked_keys WHERE key_hash = $1`, keyHash(key))
		if err != nil {
			return err
		}
		if void {
			d.lines = append(d.lines, fmt.Sprintf(
				"! employee %s: the api_key in the file was revoked or replaced through the API and stays void; put another one into the file", e.ID))
			key = ""
		}
		holder, held, err := find(ctx, d.tx, Value[domain.EmployeeID], `SELECT id FROM employees WHERE key_hash = $1`, keyHash(key))
		if err != nil {
			return err
		}
		if held && holder != e.ID && key != "" {
			d.mistake("employee %s: the API key is another employee's; give each a key of his own", e.ID)
			continue
		}
		facts := []fact{
			{name: "name", before: was.Name, after: e.Name},
			{name: "role", before: was.Role, after: e.Role},
			{name: "rights", before: strings.Join(was.Rights, " "), after: strings.Join(e.Rights, " ")},
			{name: "service", before: fmt.Sprint(was.Service), after: fmt.Sprint(e.Service)},
		}
		if key != "" {
			facts = append(facts, fact{name: "api_key", before: string(holder), after: string(e.ID), secret: true})
		}
		if revoked && was.HasKey {
			facts = append(facts, fact{name: "api_key", before: "his", after: "revoked"})
		}
		if !d.compare("employee", string(e.ID), exists, facts...) {
			continue
		}
		if err := d.writeEmployee(ctx, e, key); err != nil {
			return err
		}
		if revoked {
			if err := d.write(ctx, `UPDATE employees SET key_hash = NULL WHERE id = $1`, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *declaration) writeEmployee(ctx context.Context, e domain.Employee, key domain.Secret) error {
	var hash []byte
	if key != "" {
		hash = keyHash(key)
	}
	rights := e.Rights
	if rights == nil {
		rights = []string{}
	}
	return d.write(ctx, `
INSERT INTO employees (id, company_id, name, role, rights, service, key_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, role = excluded.role, rights = excluded.rights, service = excluded.service,
    key_hash = coalesce(excluded.key_hash, employees.key_hash)`,
		e.ID, e.Company, e.Name, e.Role, rights, e.Service, hash)
}
