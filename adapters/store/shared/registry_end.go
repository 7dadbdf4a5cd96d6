package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// end ends what a complete registry does not name. It goes first, so that accounts
// and keys are free for others. Hooks follow in endHooks, when no connection uses
// them any more.
func (d *declaration) end(ctx context.Context, r domain.Registry) error {
	if !r.Complete {
		return nil
	}
	steps := []struct {
		list  string
		named map[string]bool
		end   func(ctx context.Context, id string) error
	}{
		{`SELECT id FROM endpoints ORDER BY id`, namesOf(r.Endpoints, func(e domain.Endpoint) string { return string(e.ID) }), d.endUnnamedEndpoint(r)},
		{`SELECT id FROM employees ORDER BY id`, namesOf(r.Employees, func(e domain.Employee) string { return string(e.ID) }), d.endEmployee},
		{`SELECT id FROM connections WHERE hook_id <> '' ORDER BY id`, namesOf(r.Connections, func(c domain.Connection) string { return string(c.ID) }), d.endUnnamed(r)},
		{`SELECT id FROM subscriptions ORDER BY id`, namesOf(r.Subscriptions, func(s domain.Subscription) string { return string(s.ID) }), d.endSubscription},
		{`SELECT id FROM companies ORDER BY id`, namesOf(r.Companies, func(c domain.Company) string { return string(c.ID) }), d.endCompany},
	}
	for _, s := range steps {
		if err := d.endOthers(ctx, s.list, s.named, s.end); err != nil {
			return err
		}
	}
	return nil
}

func namesOf[T any](list []T, id func(T) string) map[string]bool {
	names := map[string]bool{}
	for _, one := range list {
		names[id(one)] = true
	}
	return names
}

// endOthers ends what a query lists and the registry does not name.
func (d *declaration) endOthers(ctx context.Context, list string, named map[string]bool, end func(context.Context, string) error) error {
	ids, err := List(ctx, d.tx, Value[string], list)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if named[id] {
			continue
		}
		if err := end(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// ended notes that something ended, and what that means.
func (d *declaration) ended(what, id string, consequences ...string) {
	line := fmt.Sprintf("- %s %s", what, id)
	for i, c := range consequences {
		line += []string{": ", "; "}[min(i, 1)] + c
	}
	d.lines = append(d.lines, line)
}

// counted says how many of something there are, or nothing if there are none.
func counted(n int64, one, many string) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"1 " + one}
	}
	return []string{fmt.Sprintf("%d %s", n, many)}
}

// endUnnamedEndpoint returns how an endpoint ends that the registry does not name.
// One that the API created stays, unless its company ends.
func (d *declaration) endUnnamedEndpoint(r domain.Registry) func(context.Context, string) error {
	companies := namesOf(r.Companies, func(c domain.Company) string { return string(c.ID) })
	return func(ctx context.Context, id string) error {
		e, err := One(ctx, d.tx, d.ScanEndpoint, SelectEndpoint, id)
		if err != nil {
			return err
		}
		if e.Origin == domain.EndpointOfAPI && companies[string(e.Company)] {
			d.lines = append(d.lines, fmt.Sprintf("! endpoint %s: created through the API, it stays; delete it there", id))
			return nil
		}
		expired, err := endEndpoint(ctx, d.tx, e)
		d.ended("endpoint", id, counted(expired, "waiting event expires", "waiting events expire")...)
		return err
	}
}

func (d *declaration) endEmployee(ctx context.Context, id string) error {
	d.ended("employee", id)
	return d.write(ctx, `DELETE FROM employees WHERE id = $1`, id)
}

// endUnnamed returns how a connection ends that the registry does not name. One
// whose account moves ends there.
func (d *declaration) endUnnamed(r domain.Registry) func(context.Context, string) error {
	moving := map[string]bool{}
	for _, from := range r.MovedFrom {
		moving[string(from)] = true
	}
	return func(ctx context.Context, id string) error {
		if moving[id] {
			return nil
		}
		return d.endConnection(ctx, domain.ConnectionID(id))
	}
}

// endConnection lets go of the connection's account and secrets. The row stays for
// its chats, and for the workers, which fail what is queued. Its hook is the one
// without a name, to which no webhook leads.
func (d *declaration) endConnection(ctx context.Context, id domain.ConnectionID, why ...string) error {
	c, err := One(ctx, d.tx, d.scanConnection, selectConnection, id)
	if err != nil {
		return err
	}
	var queued int64
	for _, class := range []Wheel{LiveWheel, BulkWheel} {
		n, err := d.tx.Exec(ctx, `UPDATE outbox AS q SET next_at = 0 WHERE q.connection_id = $1 AND `+class.Waits+` -- plan 4`, id)
		if err != nil {
			return err
		}
		queued += n
	}
	nothing, err := d.sealSettings(nil, "connection "+string(id))
	if err != nil {
		return err
	}
	parked, err := d.tx.Exec(ctx, `DELETE FROM parked WHERE hook_id = $1 AND account = $2`, c.Hook, c.Account)
	if err != nil {
		return err
	}
	if err := d.write(ctx, `DELETE FROM former_hooks WHERE connection_id = $1`, id); err != nil {
		return err
	}
	noSecrets, err := d.sealSettings(nil, "hook ")
	if err != nil {
		return err
	}
	if err := d.write(ctx, `INSERT INTO hooks (id, kind, secrets) VALUES ('', '', $1) ON CONFLICT DO NOTHING`, noSecrets); err != nil {
		return err
	}
	if err := d.write(ctx, `
UPDATE connections SET hook_id = '', account = id, settings = $2, status = 'ok', cause = '', send_after = 0 WHERE id = $1`, id, nothing); err != nil {
		return err
	}
	why = append(why, counted(queued, "queued message fails", "queued messages fail")...)
	why = append(why, counted(parked, "parked webhook is deleted", "parked webhooks are deleted")...)
	d.ended("connection", string(id), append(why, "its chats stay with company "+string(c.Company))...)
	return nil
}

// moves ends the connections whose accounts other connections have from now on.
func (d *declaration) moves(ctx context.Context, r domain.Registry) error {
	named := namesOf(r.Connections, func(c domain.Connection) string { return string(c.ID) })
	for _, c := range r.Connections {
		from := r.MovedFrom[c.ID]
		if from == "" {
			continue
		}
		was, exists, err := find(ctx, d.tx, d.scanConnection, selectConnection, from)
		switch {
		case err != nil:
			return err
		case named[string(from)]:
			d.mistake("connection %s: moved_from names connection %s, which is declared too", c.ID, from)
		case !exists || was.Ended: // it moved before
		case was.Kind != c.Kind || was.Account != c.Account:
			d.mistake("connection %s: moved_from names connection %s, which has another account", c.ID, from)
		default:
			if err := d.endConnection(ctx, from, fmt.Sprintf("its account moves to connection %s of company %s", c.ID, c.Company)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *declaration) endSubscription(ctx context.Context, id string) error {
	d.ended("subscription", id)
	return d.write(ctx, `DELETE FROM subscriptions WHERE id = $1`, id)
}

// endCompany leaves of the company only what Trim has to erase.
func (d *declaration) endCompany(ctx context.Context, id string) error {
	d.ended("company", id, "its chats and messages are erased")
	connections, err := List(ctx, d.tx, Value[string], `SELECT id FROM connections WHERE company_id = $1`, id)
	if err != nil {
		return err
	}
	for _, c := range connections {
		for _, part := range []string{LiveWheel.Waits, BulkWheel.Waits, "q.unknown_at > 0"} {
			if err := d.write(ctx, `DELETE FROM outbox AS q WHERE q.connection_id = $1 AND `+part+` -- plan 4`, c); err != nil {
				return err
			}
		}
	}
	for _, sql := range []string{
		`INSERT INTO erasures (connection_id, company_id) SELECT id, company_id FROM connections WHERE company_id = $1`,
		`DELETE FROM client_refs WHERE company_id = $1`,
		`DELETE FROM dialog_counts WHERE subscription_id IN (SELECT id FROM subscriptions WHERE company_id = $1)`,
		`DELETE FROM endpoints WHERE company_id = $1`,
		`DELETE FROM employees WHERE company_id = $1`,
		`DELETE FROM connections WHERE company_id = $1`,
		`DELETE FROM subscriptions WHERE company_id = $1`,
		`DELETE FROM companies WHERE id = $1`,
	} {
		if err := d.write(ctx, sql, id); err != nil {
			return err
		}
	}
	return nil
}

// endHooks ends the hooks that a complete registry does not name and no connection
// uses.
func (d *declaration) endHooks(ctx context.Context, r domain.Registry) error {
	if !r.Complete {
		return nil
	}
	return d.endOthers(ctx, `
SELECT id FROM hooks
WHERE id <> '' AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.hook_id = hooks.id)
ORDER BY id`,
		namesOf(r.Hooks, func(h domain.Hook) string { return string(h.ID) }),
		func(ctx context.Context, id string) error {
			parked, err := d.tx.Exec(ctx, `DELETE FROM parked WHERE hook_id = $1`, id)
			if err != nil {
				return err
			}
			d.ended("hook", id, counted(parked, "parked webhook is deleted", "parked webhooks are deleted")...)
			return d.write(ctx, `DELETE FROM hooks WHERE id = $1`, id)
		})
}

// erasing notes a mistake if something of the company, or of the connection, is
// still being erased: it would be erased with the old.
func (d *declaration) erasing(ctx context.Context, r domain.Registry) error {
	for _, c := range r.Companies {
		_, busy, err := find(ctx, d.tx, Value[string], `SELECT connection_id FROM erasures WHERE company_id = $1`, c.ID)
		if err != nil {
			return err
		}
		if busy {
			d.mistake("company %s ended, and its chats are still being erased by the running service; apply the file again later", c.ID)
		}
	}
	for _, c := range r.Connections {
		_, busy, err := find(ctx, d.tx, Value[string], `SELECT company_id FROM erasures WHERE connection_id = $1`, c.ID)
		if err != nil {
			return err
		}
		if busy {
			d.mistake("connection %s ended, and its chats are still being erased by the running service; apply the file again later", c.ID)
		}
	}
	return nil
}

// keepFormerHook lets webhooks that still come to the hook that a connection had
// before find it. The connection's hook of now is none of those.
func (d *declaration) keepFormerHook(ctx context.Context, c, was domain.Connection, exists bool) error {
	if err := d.write(ctx, `DELETE FROM former_hooks WHERE hook_id = $1 AND account = $2`, c.Hook, c.Account); err != nil {
		return err
	}
	if !exists || was.Hook == "" || was.Hook == c.Hook || was.Account != c.Account {
		return nil
	}
	d.lines = append(d.lines, fmt.Sprintf("! connection %s: webhooks that still come to hook %s are taken for it, until apply --prune ends that hook", c.ID, was.Hook))
	return d.write(ctx, `
INSERT INTO former_hooks (hook_id, account, connection_id) VALUES ($1, $2, $3)
ON CONFLICT (hook_id, account) DO UPDATE SET connection_id = excluded.connection_id`, was.Hook, c.Account, c.ID)
}
