package shared

import (
	"context"
	"sync"
	"time"

	"recado/domain"
)

// zones remembers the time zones of companies: reading one opens a file.
type zones struct{ seen sync.Map }

// load returns the zone of an IANA name. One that this program does not know is UTC under
// its own name: the months of one company are some hours off, and nothing stops.
func (z *zones) load(name string) *time.Location {
	if zone, ok := z.seen.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.FixedZone(name, 0)
	}
	z.seen.Store(name, zone)
	return zone
}

// subscriptionOf are the columns of a subscription n that need not exist.
const subscriptionOf = `coalesce(n.id, ''), coalesce(n.company_id, ''), coalesce(n.kind, ''), coalesce(n.tariff, ''),
       coalesce(n.paid_until, ''), coalesce(n.trial_until, ''), coalesce(n.dialog_limit, -1), coalesce(n.count_mode, ''), coalesce(n.waba_dialogs, 0)`

// SelectRoute reads the routes of connections c; see Route.
const SelectRoute = `
SELECT c.hook_id, c.account, ` + routeOf

// SelectFormerRoute reads the routes of connections c by the hooks f that they had
// before.
const SelectFormerRoute = `
SELECT f.hook_id, f.account, ` + routeOf + `
JOIN former_hooks f ON f.connection_id = c.id
`

const routeOf = `c.id, c.company_id, c.kind, c.hook_id = '', c.history, c.cause, c.business, c.number, c.closed, c.watched, o.time_zone, ` + subscriptionOf + `
FROM connections c
JOIN companies o ON o.id = c.company_id
LEFT JOIN subscriptions n ON n.company_id = c.company_id AND n.kind = c.kind
`

// Route is the Scan of SelectRoute and SelectFormerRoute.
func (q Queries) Route(row Row) (domain.Route, error) {
	var r domain.Route
	var n domain.Subscription
	var zone, cause, closed, watched string
	err := row.Scan(&r.Account.Hook, &r.Account.Account, &r.Connection, &r.Company, &r.Kind, &r.Ended, &r.KeepHistory, &cause,
		&r.Business, &r.Number, &closed, &watched, &zone,
		&n.ID, &n.Company, &n.Kind, &n.Tariff, &n.PaidUntil, &n.TrialUntil, &n.DialogLimit, &n.CountMode, &n.WABADialogs)
	if err != nil {
		return r, err
	}
	if err := fromJSON(cause, &r.Suspended); err != nil {
		return r, err
	}
	if err := fromJSON(closed, &r.Closed); err != nil {
		return r, err
	}
	r.Stored = watched
	if err := fromJSON(watched, &r.Watched); err != nil {
		return r, err
	}
	if n.ID != "" {
		r.Subscription = &n
	}
	r.Zone = q.zones.load(zone)
	return r, nil
}

// UnknownAccounts returns the accounts that no route leads from.
func UnknownAccounts(accounts []domain.AccountKey, routes []domain.Route) (unknown []domain.AccountKey) {
	known := make(map[domain.AccountKey]bool, len(routes))
	for _, r := range routes {
		known[r.Account] = true
	}
	for _, a := range accounts {
		if !known[a] {
			unknown = append(unknown, a)
		}
	}
	return unknown
}

// CountColumns are those of a count of dialogs; the first two are the key.
var CountColumns = []Column[domain.Count]{
	textColumn("subscription_id", func(c *domain.Count) *domain.SubscriptionID { return &c.Subscription }),
	textColumn("month", func(c *domain.Count) *string { return &c.Month }),
	numberColumn("used", func(c *domain.Count) *int64 { return &c.Used }),
	numberColumn("reserved", func(c *domain.Count) *int64 { return &c.Reserved }),
	textColumn("told", func(c *domain.Count) *string { return &c.Alerted }),
}

// AddCount is what becomes of a count that is there already.
const AddCount = `
ON CONFLICT (subscription_id, month) DO UPDATE
SET used = dialog_counts.used + excluded.used, reserved = dialog_counts.reserved + excluded.reserved, told = dialog_counts.told || excluded.told`

// ScanCount scans the CountColumns.
func ScanCount(row Row) (domain.Count, error) {
	var c domain.Count
	err := row.Scan(&c.Subscription, &c.Month, &c.Used, &c.Reserved, &c.Alerted)
	return c, err
}

const selectPrices = `
SELECT p.subscription_id, p.month, p.category, p.type, p.messages
FROM price_counts p JOIN subscriptions n ON n.id = p.subscription_id
WHERE ($1 = '' OR n.company_id = $1) AND p.month >= $2
ORDER BY p.subscription_id, p.month, p.category, p.type`

func scanPrices(row Row) (domain.PriceCount, error) {
	var c domain.PriceCount
	err := row.Scan(&c.Subscription, &c.Month, &c.Category, &c.Type, &c.Messages)
	return c, err
}

const selectUsage = `
SELECT o.time_zone, now_ms(), ` + subscriptionOf + `
FROM subscriptions n JOIN companies o ON o.id = n.company_id
WHERE $1 = '' OR n.company_id = $1
ORDER BY n.id`

const selectCounts = `
SELECT d.subscription_id, d.month, d.used, d.reserved, d.told
FROM dialog_counts d JOIN subscriptions n ON n.id = d.subscription_id
WHERE ($1 = '' OR n.company_id = $1) AND (d.month >= $2 OR d.month = '')`

// Usage implements domain.ChatReader. An empty company is every one.
func (q Queries) Usage(ctx context.Context, company domain.CompanyID) ([]domain.Usage, error) {
	oldest := ""
	list, err := List(ctx, q.db, func(row Row) (domain.Usage, error) {
		u, err := q.usage(row)
		if oldest == "" || u.Period < oldest {
			oldest = u.Period
		}
		return u, err
	}, selectUsage, company)
	if err != nil {
		return nil, err
	}
	counts, err := List(ctx, q.db, ScanCount, selectCounts, company, oldest)
	if err != nil {
		return nil, err
	}
	prices, err := List(ctx, q.db, scanPrices, selectPrices, company, oldest)
	if err != nil {
		return nil, err
	}
	byKey := make(map[domain.CountKey]domain.Count, len(counts))
	for _, c := range counts {
		byKey[c.CountKey] = c
	}
	for i, u := range list {
		list[i].Dialogs = byKey[domain.CountKey{Subscription: u.ID, Month: u.Period}].Used
		paid := byKey[domain.CountKey{Subscription: u.ID, Month: domain.PaidDialogs}]
		list[i].PaidReserved, list[i].PaidCommitted = paid.Reserved, paid.Used-paid.Reserved
		for _, p := range prices {
			if p.Subscription == u.ID && p.Month == u.Period {
				list[i].Priced = append(list[i].Priced, p)
			}
		}
	}
	return list, nil
}

func (q Queries) usage(row Row) (domain.Usage, error) {
	var u domain.Usage
	var zone string
	var now time.Time
	err := row.Scan(&zone, Moment(&now), &u.ID, &u.Company, &u.Kind, &u.Tariff, &u.PaidUntil, &u.TrialUntil, &u.DialogLimit, &u.CountMode, &u.WABADialogs)
	if err != nil {
		return u, err
	}
	u.Zone = q.zones.load(zone)
	u.Period = domain.Month(now, u.Zone)
	return u, nil
}
