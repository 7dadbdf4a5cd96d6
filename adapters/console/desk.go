package console

import (
	"context"
	"slices"
	"time"

	"recado/domain"
)

// A desk is what an employee sees chats with: what the gates check, and the language
// and the time zone in which the page shows them.
type desk struct {
	*pages
	by          domain.Employee
	staff       map[domain.EmployeeID]string // names of colleagues
	usage       []domain.Usage
	connections []domain.Connection
	zone        *time.Location
	now         time.Time
	base        string // see Console
	hasText     func(domain.Kind, domain.MessageType) bool
	files       map[domain.MediaID]domain.StoredMedia // of the messages that are shown
}

func (c *Console) desk(ctx context.Context, v *visit) (*desk, error) {
	d := &desk{pages: v.pages, by: v.by, now: c.Now(), zone: time.UTC, base: c.base, staff: map[domain.EmployeeID]string{}, hasText: c.hasText}
	var err error
	if d.usage, err = c.Store.Usage(ctx, v.by.Company); err != nil {
		return nil, err
	}
	if d.connections, err = c.Store.Connections(ctx, v.by.Company); err != nil {
		return nil, err
	}
	colleagues, err := c.Store.Employees(ctx, v.by.Company)
	if err != nil {
		return nil, err
	}
	for _, e := range colleagues {
		d.staff[e.ID] = e.Name
	}
	if len(d.usage) > 0 {
		d.zone = d.usage[0].Zone
	}
	return d, nil
}

// intent returns what the employee would do by sending a message of a type.
func (d *desk) intent(c *domain.Chat, t domain.MessageType) domain.Intent {
	return domain.IntentOf(d.by, c, t, d.now, d.usage, d.connections)
}

// clock shows the time of a moment.
func (d *desk) clock(at time.Time) string { return at.In(d.zone).Format("15:04") }

func (d *desk) longDate(at time.Time) string {
	return d.text("day.date", "Day", at.Day(), "Month", d.text("month."+at.Format("01")), "Year", at.Year())
}

// date writes a date that is stored as 2026-01-31; one that is stored otherwise stays
// as it is.
func (d *desk) date(stored string) string {
	at, err := time.Parse(time.DateOnly, stored)
	if err != nil {
		return stored
	}
	return d.longDate(at)
}

// month writes a month that is stored as 2026-01.
func (d *desk) month(stored string) string {
	at, err := time.Parse("2006-01", stored)
	if err != nil {
		return stored
	}
	return d.text("month.year", "Month", d.text("month."+at.Format("01")), "Year", at.Year())
}

// price names what a message was billed as: its category, and whether it was free.
// What the messenger does not document stays in its words.
func (d *desk) price(p domain.Price) string {
	category, kind := p.Category, p.Type
	if slices.Contains(domain.PriceCategories, category) || category == domain.UnknownPrice {
		category = d.text("price." + category)
	}
	switch {
	case kind == "regular" || kind == "":
		return category
	case slices.Contains(domain.PriceTypes, kind) || kind == domain.UnknownPrice:
		kind = d.text("price." + kind)
	}
	return category + " · " + kind
}

// when shows a moment in a list: the time of today, else the day.
func (d *desk) when(at time.Time) string {
	local, today := at.In(d.zone), d.now.In(d.zone)
	switch {
	case at.IsZero():
		return ""
	case local.Format(time.DateOnly) == today.Format(time.DateOnly):
		return local.Format("15:04")
	case local.Format(time.DateOnly) == today.AddDate(0, 0, -1).Format(time.DateOnly):
		return d.text("day.yesterday")
	}
	return local.Format("02/01/06")
}

// moment writes a day and a time; the zero time is empty.
func (d *desk) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(d.zone).Format("02/01/06 15:04")
}
