package main

import (
	"slices"

	"recado/domain"
)

// A declaration is a file of apply while it is read.
type declaration struct {
	*reader
	connectors map[domain.Kind]domain.Connector
	registry   domain.Registry
	accounts   map[account]domain.ConnectionID
	keys       map[domain.Secret]domain.EmployeeID
}

// An account is what a webhook is routed by.
type account struct {
	hook domain.HookID
	name string
}

// readRegistry reads a file of apply. The error lists every mistake with its
// line and shows no secret.
func readRegistry(
	file string, data []byte, getenv func(string) string, connectors map[domain.Kind]domain.Connector,
) (domain.Registry, error) {
	d := &declaration{
		reader:     &reader{file: file, getenv: getenv, taken: map[string]int{}},
		connectors: connectors,
		registry:   domain.Registry{APIKeys: map[domain.EmployeeID]domain.Secret{}},
		accounts:   map[account]domain.ConnectionID{},
		keys:       map[domain.Secret]domain.EmployeeID{},
	}
	if top := d.parse(data); top != nil {
		top.mappings("hooks", "hook", d.hook)
		top.mappings("companies", "company", d.company)
		top.done()
	}
	if err := d.err(); err != nil {
		return domain.Registry{}, err
	}
	return d.registry, nil
}

func (d *declaration) company(m *mapping) {
	c := domain.Company{
		ID:       domain.CompanyID(m.id()),
		Name:     m.must("name"),
		TimeZone: m.must("time_zone", isZone),
	}
	d.registry.Companies = append(d.registry.Companies, c)
	var subscribed []domain.Kind
	m.mappings("subscriptions", "subscription", func(s *mapping) { subscribed = append(subscribed, d.subscription(s, c.ID, subscribed)) })
	m.mappings("connections", "connection", func(cm *mapping) { d.connection(cm, c.ID, subscribed) })
	m.mappings("employees", "employee", func(e *mapping) { d.employee(e, c.ID) })
	m.mappings("endpoints", "endpoint", func(e *mapping) { d.endpoint(e, c.ID) })
	m.done()
}

// subscription returns the kind that it pays for. The company has
// subscriptions for the kinds in subscribed already.
func (d *declaration) subscription(m *mapping, company domain.CompanyID, subscribed []domain.Kind) domain.Kind {
	s := domain.Subscription{
		ID:          domain.SubscriptionID(m.id()),
		Company:     company,
		Kind:        domain.Kind(m.must("kind", oneOf(domain.Kinds))),
		Tariff:      domain.Tariff(m.must("tariff", oneOf(domain.Tariffs))),
		PaidUntil:   m.text("paid_until", isDate),
		TrialUntil:  m.text("trial_until", isDate),
		DialogLimit: m.number("outgoing_dialog_limit", -1),
		CountMode:   domain.CountMode(m.text("count_mode", oneOf(domain.CountModes))),
		WABADialogs: m.number("waba_dialogs", 0),
	}
	if s.Kind != "" && slices.Contains(subscribed, s.Kind) {
		m.wrong(m.lineOf("kind"), "company %s has a subscription of kind %s already", company, s.Kind)
	}
	if s.Kind != domain.WABA && s.WABADialogs > 0 {
		m.wrong(m.lineOf("waba_dialogs"), "waba_dialogs is only for a subscription of kind %s", domain.WABA)
	}
	m.done()
	d.registry.Subscriptions = append(d.registry.Subscriptions, s)
	return s.Kind
}

func (d *declaration) employee(m *mapping, company domain.CompanyID) {
	e := domain.Employee{
		ID:      domain.EmployeeID(m.id()),
		Company: company,
		Name:    m.must("name"),
		Role:    m.must("role", oneOf(domain.Roles)),
		Rights:  m.texts("rights", oneOf(domain.AllRights)),
		Service: m.flag("service"),
	}
	switch {
	case e.Role == domain.RoleCustom && len(e.Rights) == 0:
		m.wrong(m.lineOf("role"), "rights is missing: the role custom is a list of them")
	case e.Role != domain.RoleCustom && e.Role != "" && len(e.Rights) > 0:
		m.wrong(m.lineOf("rights"), "rights is only for the role custom")
	}
	if key := domain.Secret(m.text("api_key", isAPIKey)); key != "" {
		if other, taken := d.keys[key]; taken {
			m.wrong(m.lineOf("api_key"), "api_key is that of employee %s too", other)
		}
		d.keys[key] = e.ID
		d.registry.APIKeys[e.ID] = key
	}
	if m.flag("revoked") {
		if d.registry.APIKeys[e.ID] != "" {
			m.wrong(m.lineOf("revoked"), "revoked takes the key away: leave out api_key, or revoked")
		}
		d.registry.Revoked = append(d.registry.Revoked, e.ID)
	}
	m.done()
	d.registry.Employees = append(d.registry.Employees, e)
}

func (d *declaration) endpoint(m *mapping, company domain.CompanyID) {
	events := slices.Concat([]domain.EventType{"*"}, domain.EventTypes)
	e := domain.Endpoint{
		ID:       domain.EndpointID(m.id()),
		Company:  company,
		URL:      m.must("url", isCallbackURL),
		Secret:   domain.Secret(m.must("secret", isCallbackSecret)),
		Previous: domain.Secret(m.text("previous_secret", isCallbackSecret)),
		Events:   m.texts("events", oneOf(events)),
	}
	if len(e.Events) == 0 {
		m.wrong(m.lineOf("events"), `events is missing: ["*"] takes all`)
	}
	m.done()
	d.registry.Endpoints = append(d.registry.Endpoints, e)
}
