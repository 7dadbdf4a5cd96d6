package shared

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"recado/domain"
)

func (d *declaration) hooks(ctx context.Context, r domain.Registry) error {
	for _, h := range r.Hooks {
		was, exists, err := find(ctx, d.tx, d.scanHook, selectHook, h.ID)
		if err != nil {
			return err
		}
		if exists && was.Kind != h.Kind {
			d.mistake("hook %s is of kind %s; a hook keeps its kind, declare another", h.ID, was.Kind)
			continue
		}
		d.known["hook "+string(h.ID)] = true
		if !d.compare("hook", string(h.ID), exists, settingFacts(was.Secrets, h.Secrets)...) {
			continue
		}
		sealed, err := d.sealSettings(h.Secrets, "hook "+string(h.ID))
		if err != nil {
			return err
		}
		if err := d.write(ctx, `
INSERT INTO hooks (id, kind, secrets) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET secrets = excluded.secrets`, h.ID, h.Kind, sealed); err != nil {
			return err
		}
	}
	return nil
}

// settingFacts compares settings by name; none is shown.
func settingFacts(before, after domain.Settings) []fact {
	names := maps.Clone(before)
	if names == nil {
		names = domain.Settings{}
	}
	maps.Copy(names, after)
	var facts []fact
	for _, name := range slices.Sorted(maps.Keys(names)) {
		facts = append(facts, fact{name: name, before: string(before[name]), after: string(after[name]), secret: true})
	}
	return facts
}

func (d *declaration) connections(ctx context.Context, r domain.Registry) error {
	for _, c := range r.Connections {
		was, exists, err := find(ctx, d.tx, d.scanConnection, selectConnection, c.ID)
		if err != nil {
			return err
		}
		ok, err := d.checkConnection(ctx, c, was, exists)
		if err != nil {
			return err
		}
		revived := exists && was.Ended
		facts := append(settingFacts(was.Settings, c.Settings),
			fact{name: "hook", before: string(was.Hook), after: string(c.Hook)},
			fact{name: "account", before: was.Account, after: c.Account})
		resumed := was.Status == domain.ConnectionSuspended || was.Status == domain.ConnectionDisconnected
		switch {
		case revived:
			facts = []fact{{name: "status", before: "ended", after: string(domain.ConnectionOK)}}
		case resumed:
			facts = append(facts, fact{name: "status", before: string(was.Status), after: string(domain.ConnectionOK)})
		}
		if !ok || !d.compare("connection", string(c.ID), exists, facts...) {
			continue
		}
		if err := d.keepFormerHook(ctx, c, was, exists); err != nil {
			return err
		}
		sealed, err := d.sealSettings(c.Settings, "connection "+string(c.ID))
		if err != nil {
			return err
		}
		if err := d.write(ctx, `
INSERT INTO connections (id, company_id, kind, hook_id, account, history, settings) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE
SET hook_id = excluded.hook_id, account = excluded.account, history = excluded.history, settings = excluded.settings`,
			c.ID, c.Company, c.Kind, c.Hook, c.Account, c.Settings.KeepHistory(), sealed); err != nil {
			return err
		}
		if resumed {
			if err := resume(ctx, d.tx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkConnection notes what keeps a connection from being declared: a webhook
// must find exactly one, and of the kind of its hook.
func (d *declaration) checkConnection(ctx context.Context, c, was domain.Connection, exists bool) (bool, error) {
	if !d.owned("connection", string(c.ID), exists, was.Company, c.Company) {
		return false, nil
	}
	if exists && was.Kind != c.Kind {
		d.mistake("connection %s is of kind %s; a connection keeps its kind, declare another", c.ID, was.Kind)
		return false, nil
	}
	if !d.known["hook "+string(c.Hook)] {
		hook, found, err := find(ctx, d.tx, d.scanHook, selectHook, c.Hook)
		if err != nil {
			return false, err
		}
		if !found || hook.Kind != c.Kind {
			d.mistake("connection %s: there is no hook %s of kind %s; declare it under hooks", c.ID, c.Hook, c.Kind)
			return false, nil
		}
	}
	other, taken, err := find(ctx, d.tx, Value[string], `
SELECT id FROM connections WHERE hook_id = $1 AND account = $2 AND id <> $3`, c.Hook, c.Account, c.ID)
	if taken {
		d.mistake("connection %s: %s of hook %s belongs to connection %s already; to move it, say moved_from: %s here and take that connection"+
			" out of its file: its chats stay where they are, and this connection begins without chats", c.ID, c.Account, c.Hook, other, other)
	}
	return !taken, err
}

// claimIdentities notes a mistake for each connection of an account that another
// connection has, of this registry or of an earlier one.
func (d *declaration) claimIdentities(ctx context.Context, r domain.Registry) error {
	identity := func(c domain.Connection) string { return domain.IdentityOf(r.ConnectionSettings[c.Kind], c.Settings) }
	if !slices.ContainsFunc(r.Connections, func(c domain.Connection) bool { return identity(c) != "" }) {
		return nil
	}
	stored, err := List(ctx, d.tx, d.scanConnection, `SELECT `+shownOf+`, settings FROM connections WHERE hook_id <> '' ORDER BY id`)
	if err != nil {
		return err
	}
	type account struct {
		kind     domain.Kind
		identity string
	}
	holders := map[account]domain.ConnectionID{}
	declared := namesOf(r.Connections, func(c domain.Connection) string { return string(c.ID) })
	for _, c := range stored {
		if !declared[string(c.ID)] {
			holders[account{c.Kind, identity(c)}] = c.ID
		}
	}
	for _, c := range r.Connections {
		a := account{c.Kind, identity(c)}
		if a.identity == "" {
			continue
		}
		if other, taken := holders[a]; taken {
			d.mistake("connection %s: %s is the account of connection %s already, and the messenger knows one webhook for it;"+
				" to move it, say moved_from: %s here and take that connection out of its file", c.ID, a.identity, other, other)
		}
		holders[a] = c.ID
	}
	return nil
}

// unpark gives a connection the webhooks that waited for it.
func (d *declaration) unpark(ctx context.Context, r domain.Registry) error {
	for _, c := range r.Connections {
		homes, err := List(ctx, d.tx, scanAccountKey, `
SELECT hook_id, account FROM connections WHERE id = $1
UNION ALL
SELECT hook_id, account FROM former_hooks WHERE connection_id = $1`, c.ID)
		if err != nil {
			return err
		}
		n := int64(0)
		for _, home := range homes {
			back, err := d.finds.unparking.account(ctx, d.tx, home)
			if err != nil {
				return err
			}
			n += back
		}
		if n > 0 {
			d.lines = append(d.lines, fmt.Sprintf("↑ connection %s: %d parked updates are tried again", c.ID, n))
		}
	}
	return nil
}

func scanAccountKey(row Row) (k domain.AccountKey, err error) {
	err = row.Scan(&k.Hook, &k.Account)
	return k, err
}
