package declaration

import (
	"slices"

	"recado/domain"
)

func (d *document) company(m *mapping) {
	c := domain.Company{
		ID:       domain.CompanyID(m.id()),
		Name:     m.required("name"),
		TimeZone: m.required("time_zone", isZone),
	}
	d.registry.Companies = append(d.registry.Companies, c)
	var subscribed []domain.Kind
	m.mappings("subscriptions", "subscription", func(s *mapping) { subscribed = append(subscribed, d.subscription(s, c.ID, subscribed)) })
	m.mappings("connections", "connection", func(cm *mapping) { d.connection(cm, c.ID, subscribed) })
	m.mappings("employees", "employee", func(e *mapping) { d.employee(e, c.ID) })
	m.mappings("endpoints", "endpoint", func(e *mapping) { d.endpoint(e, c.ID) })
	m.rejectUnknownKeys()
}

// subscription adds a subscription and returns its kind. subscribed lists the
// kinds of the company's earlier subscriptions.
func (d *document) subscription(m *mapping, company domain.CompanyID, subscribed []domain.Kind) domain.Kind {
	s := domain.Subscription{
		ID:          domain.SubscriptionID(m.id()),
		Company:     company,
		Kind:        domain.Kind(m.required("kind", oneOf(domain.Kinds()))),
		Tariff:      domain.Tariff(m.required("tariff", oneOf(domain.Tariffs))),
		PaidUntil:   m.text("paid_until", isDate),
		TrialUntil:  m.text("trial_until", isDate),
		DialogLimit: m.number("outgoing_dialog_limit", -1),
		CountMode:   domain.CountMode(m.text("count_mode", oneOf(domain.CountModes))),
		WABADialogs: m.number("waba_dialogs", 0),
	}
	if s.Kind != "" && slices.Contains(subscribed, s.Kind) {
		m.errorf(m.lineOf("kind"), "company %s has a subscription of kind %s already", company, s.Kind)
	}
	if s.WABADialogs > 0 && !s.Kind.Traits().PaidDialogs {
		m.errorf(m.lineOf("waba_dialogs"), "waba_dialogs is only for a subscription of kind %s", domain.Join(domain.KindsWithPaidDialogs()))
	}
	m.rejectUnknownKeys()
	d.registry.Subscriptions = append(d.registry.Subscriptions, s)
	return s.Kind
}

func (d *document) employee(m *mapping, company domain.CompanyID) {
	e := domain.Employee{
		ID:      domain.EmployeeID(m.id()),
		Company: company,
		Name:    m.required("name"),
		Role:    m.required("role", oneOf(domain.Roles)),
		Rights:  m.texts("rights", oneOf(domain.AllRights)),
		Service: m.flag("service"),
	}
	switch {
	case e.Role == domain.RoleCustom && len(e.Rights) == 0:
		m.errorf(m.lineOf("role"), "rights is missing: the role custom is a list of them")
	case e.Role != domain.RoleCustom && e.Role != "" && len(e.Rights) > 0:
		m.errorf(m.lineOf("rights"), "rights is only for the role custom")
	}
	if key := domain.Secret(m.text("api_key", isAPIKey)); key != "" {
		if other, taken := d.keys[key]; taken {
			m.errorf(m.lineOf("api_key"), "api_key is that of employee %s too", other)
		}
		d.keys[key] = e.ID
		d.registry.APIKeys[e.ID] = key
	}
	if m.flag("revoked") {
		if d.registry.APIKeys[e.ID] != "" {
			m.errorf(m.lineOf("revoked"), "revoked takes the key away: leave out api_key, or revoked")
		}
		d.registry.Revoked = append(d.registry.Revoked, e.ID)
	}
	m.rejectUnknownKeys()
	d.registry.Employees = append(d.registry.Employees, e)
}

func (d *document) endpoint(m *mapping, company domain.CompanyID) {
	events := slices.Concat([]domain.EventType{"*"}, domain.EventTypes)
	e := domain.Endpoint{
		ID:       domain.EndpointID(m.id()),
		Company:  company,
		URL:      m.required("url", isCallbackURL),
		Secret:   callbackSecret(m.required("secret", isCallbackSecret)),
		Previous: callbackSecret(m.text("previous_secret", isCallbackSecret)),
		Events:   m.texts("events", oneOf(events)),
		Batch:    m.flag("batch"),
	}
	if !m.has("events") {
		m.errorf(m.lineOf("events"), `events is missing: ["*"] takes all, [] none`)
	}
	if e.Events == nil {
		e.Events = []string{}
	}
	m.rejectUnknownKeys()
	d.registry.Endpoints = append(d.registry.Endpoints, e)
}
