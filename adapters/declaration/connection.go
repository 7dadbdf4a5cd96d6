package declaration

import (
	"slices"

	"recado/domain"
)

func (d *document) hook(m *mapping) {
	h := domain.Hook{ID: domain.HookID(m.id())}
	kind, connector := d.connector(m)
	if connector == nil {
		return
	}
	if len(connector.HookSettings()) == 0 {
		m.errorf(m.lineOf("kind"), "kind %s has no hooks: each of its connections is its own", kind)
		return
	}
	h.Kind = kind
	h.Secrets, _ = m.settings(connector.HookSettings())
	m.rejectUnknownKeys()
	d.registry.Hooks = append(d.registry.Hooks, h)
}

// connection adds a connection. If the hooks of its messenger are not shared by
// connections, it also adds the connection's own hook, with the same settings. A
// hook that the file does not declare may be in the store, which checks it.
func (d *document) connection(m *mapping, company domain.CompanyID, subscribed []domain.Kind) {
	c := domain.Connection{ID: domain.ConnectionID(m.id()), Company: company}
	kind, connector := d.connector(m)
	if connector == nil {
		return
	}
	c.Kind = kind
	if !slices.Contains(subscribed, kind) {
		m.errorf(m.lineOf("kind"), "company %s has no subscription of kind %s", company, kind)
	}
	ownHook := len(connector.HookSettings()) == 0
	if !ownHook {
		c.Hook = domain.HookID(m.required("hook", isID))
		d.checkHook(m, c)
	}
	c.Settings, c.Account = m.settings(connector.ConnectionSettings())
	if ownHook && c.ID != "" {
		c.Hook = domain.HookID(c.ID)
		m.claim("hook", string(c.Hook), m.lineOf("id"))
		d.registry.Hooks = append(d.registry.Hooks, domain.Hook{ID: c.Hook, Kind: kind, Secrets: c.Settings})
	}
	d.claimAccount(m, c)
	if from := domain.ConnectionID(m.text("moved_from", isID)); from != "" {
		d.moves = append(d.moves, move{m, c.ID, from})
	}
	d.claimIdentity(m, c, connector.ConnectionSettings())
	m.rejectUnknownKeys()
	d.registry.Connections = append(d.registry.Connections, c)
}

// A move says that a connection gets the account of another one, which ends.
type move struct {
	mapping *mapping
	to      domain.ConnectionID
	from    domain.ConnectionID
}

// checkMoves adds the moves, when all connections of the file are known.
func (d *document) checkMoves() {
	for _, v := range d.moves {
		declared := slices.ContainsFunc(d.registry.Connections, func(c domain.Connection) bool { return c.ID == v.from })
		if declared {
			v.mapping.errorf(v.mapping.lineOf("moved_from"), "moved_from names connection %s, which the file declares too: take it out", v.from)
		}
		if d.registry.MovedFrom == nil {
			d.registry.MovedFrom = map[domain.ConnectionID]domain.ConnectionID{}
		}
		d.registry.MovedFrom[v.to] = v.from
	}
}

// connector reads the kind and returns its connector, or nil after a mistake.
func (d *document) connector(m *mapping) (domain.Kind, domain.Connector) {
	kind := domain.Kind(m.required("kind", oneOf(domain.Kinds())))
	connector := d.connectors[kind]
	if kind != "" && connector == nil {
		m.errorf(m.lineOf("kind"), "kind %s is not supported by this version", kind)
	}
	return kind, connector
}

// checkHook notes a mistake if the file declares the hook with another kind.
func (d *document) checkHook(m *mapping, c domain.Connection) {
	i := slices.IndexFunc(d.registry.Hooks, func(h domain.Hook) bool { return h.ID == c.Hook })
	if i >= 0 && d.registry.Hooks[i].Kind != c.Kind {
		m.errorf(m.lineOf("hook"), "hook %s is of kind %s", c.Hook, d.registry.Hooks[i].Kind)
	}
}

// claimAccount notes a mistake if an earlier connection has the same account of
// the same hook: a webhook could not be routed to one of them.
func (d *document) claimAccount(m *mapping, c domain.Connection) {
	if c.Hook == "" {
		return
	}
	a := account{c.Hook, c.Account}
	if other, taken := d.accounts[a]; taken && other != c.ID {
		m.errorf(m.line, "connection %s is the same account of hook %s", other, c.Hook)
	}
	d.accounts[a] = c.ID
}

// claimIdentity notes a mistake if an earlier connection is of the same account at
// the messenger, by whatever secret.
func (d *document) claimIdentity(m *mapping, c domain.Connection, list []domain.Setting) {
	identity := domain.IdentityOf(list, c.Settings)
	if identity == "" {
		return
	}
	key := string(c.Kind) + " " + identity
	if other, taken := d.identities[key]; taken && other != c.ID {
		m.errorf(m.line, "connection %s is of the same account, %s; the messenger knows one webhook for it", other, identity)
	}
	d.identities[key] = c.ID
}

// settings reads the settings that a connector lists. account is the value that
// identifies the connection within its hook.
func (m *mapping) settings(list []domain.Setting) (values domain.Settings, account string) {
	values = domain.Settings{}
	for _, s := range list {
		value := m.setting(s)
		if value == "" {
			continue
		}
		values[s.Name] = domain.Secret(value)
		if s.Account {
			account = value
		}
	}
	return values, account
}

func (m *mapping) setting(s domain.Setting) string {
	var checks []check
	if s.Check != nil {
		checks = []check{s.Check}
	}
	if s.Optional {
		return m.text(s.Name, checks...)
	}
	return m.required(s.Name, checks...)
}
