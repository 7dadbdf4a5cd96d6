package main

import (
	"slices"

	"recado/domain"
)

func (d *declaration) hook(m *mapping) {
	h := domain.Hook{ID: domain.HookID(m.id())}
	kind, connector := d.connector(m)
	if connector == nil {
		return
	}
	if len(connector.HookSettings()) == 0 {
		m.wrong(m.lineOf("kind"), "kind %s has no hooks: each of its connections is its own", kind)
		return
	}
	h.Kind = kind
	h.Secrets, _ = m.settings(connector.HookSettings())
	m.done()
	d.registry.Hooks = append(d.registry.Hooks, h)
}

// connection reads a connection and, if its messenger has no hooks of several
// connections, makes its own hook of the same settings. Whether a hook that the
// file does not declare exists, the store knows.
func (d *declaration) connection(m *mapping, company domain.CompanyID, subscribed []domain.Kind) {
	c := domain.Connection{ID: domain.ConnectionID(m.id()), Company: company}
	kind, connector := d.connector(m)
	if connector == nil {
		return
	}
	c.Kind = kind
	if !slices.Contains(subscribed, kind) {
		m.wrong(m.lineOf("kind"), "company %s has no subscription of kind %s", company, kind)
	}
	ownHook := len(connector.HookSettings()) == 0
	if !ownHook {
		c.Hook = domain.HookID(m.must("hook", isID))
		d.checkHook(m, c)
	}
	c.Settings, c.Account = m.settings(connector.ConnectionSettings())
	if ownHook && c.ID != "" {
		c.Hook = domain.HookID(c.ID)
		m.claim("hook", string(c.Hook), m.lineOf("id"))
		d.registry.Hooks = append(d.registry.Hooks, domain.Hook{ID: c.Hook, Kind: kind, Secrets: c.Settings})
	}
	d.claimAccount(m, c)
	m.done()
	d.registry.Connections = append(d.registry.Connections, c)
}

// connector reads the kind; nil after a mistake.
func (d *declaration) connector(m *mapping) (domain.Kind, domain.Connector) {
	kind := domain.Kind(m.must("kind", oneOf(domain.Kinds)))
	connector := d.connectors[kind]
	if kind != "" && connector == nil {
		m.wrong(m.lineOf("kind"), "kind %s is not supported by this version", kind)
	}
	return kind, connector
}

// checkHook complains if the file declares the hook with another kind.
func (d *declaration) checkHook(m *mapping, c domain.Connection) {
	i := slices.IndexFunc(d.registry.Hooks, func(h domain.Hook) bool { return h.ID == c.Hook })
	if i >= 0 && d.registry.Hooks[i].Kind != c.Kind {
		m.wrong(m.lineOf("hook"), "hook %s is of kind %s", c.Hook, d.registry.Hooks[i].Kind)
	}
}

// claimAccount complains if a webhook could not tell two connections apart.
func (d *declaration) claimAccount(m *mapping, c domain.Connection) {
	if c.Hook == "" {
		return
	}
	a := account{c.Hook, c.Account}
	if other, taken := d.accounts[a]; taken && other != c.ID {
		m.wrong(m.line, "connection %s is the same account of hook %s", other, c.Hook)
	}
	d.accounts[a] = c.ID
}

// settings reads what a connector lists, and returns also the value that names
// the connection within its hook.
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
	if s.Name == "base_url" {
		checks = []check{isBaseURL}
	}
	if s.Optional {
		return m.text(s.Name, checks...)
	}
	return m.must(s.Name, checks...)
}
