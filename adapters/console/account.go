package console

import (
	"context"
	"net/http"
	"time"

	"recado/domain"
)

// A subscriptionRow is a subscription and how much of it is used.
type subscriptionRow struct {
	domain.Usage
	KindName  string
	Month     string // of which the numbers are
	State     domain.SubscriptionState
	Until     string
	Limit     int64  // of outgoing dialogs; domain.Unlimited: none
	Reached   string // says when the limit will be reached at this pace; empty: not this month
	HasPaid   bool   // it buys paid dialogs
	Available int64
	Priced    []priceRow
}

// A priceRow is how many messages of a month had a price.
type priceRow struct {
	Price    string
	Messages int64
}

// A connectionRow is a connection as the page of the account shows it.
type connectionRow struct {
	domain.Connection
	KindName string
	Failure  *domain.PublicFailure
	Signals  []signalRow
}

type signalRow struct {
	domain.Signal
	When string
}

// accountRights are the rights that open the account page: an employee needs one of them.
var accountRights = domain.Rights{domain.ReadChats, domain.ManageSubscriptions, domain.ManageSettings}

// showHome handles GET /chat: the chats, or the account for who may not read them.
func (c *Console) showHome(ctx context.Context, v *visit) error {
	if v.by.Granted().May(domain.ReadChats) {
		return c.showChats(ctx, v)
	}
	http.Redirect(v.w, v.r, c.base+"/account", http.StatusSeeOther)
	return nil
}

// showAccount handles GET /chat/account: subscriptions, connections and endpoints.
func (c *Console) showAccount(ctx context.Context, v *visit) error {
	d, err := c.desk(ctx, v)
	if err != nil {
		return err
	}
	signals, err := c.Store.Signals(ctx, v.by.Company)
	if err != nil {
		return err
	}
	data := map[string]any{
		"Title": d.text("account.title"), "Subscriptions": d.subscriptionRows(), "Connections": d.connectionRows(signals),
		"May": v.by.Granted().May(domain.ManageSettings), "Done": v.r.FormValue("done"),
	}
	if data["May"] == true {
		if data["Endpoints"], err = c.Store.Endpoints(ctx, v.by.Company); err != nil {
			return err
		}
	}
	return v.render("account", data)
}

func (d *desk) subscriptionRows() (rows []subscriptionRow) {
	for _, u := range d.usage {
		row := subscriptionRow{
			Usage: u, KindName: u.Kind.Traits().Name, State: u.State(d.now, u.Zone), Until: d.date(u.PaidUntil), Month: d.month(u.Period), Limit: u.Limit(),
			HasPaid: u.Kind.Traits().PaidDialogs, Available: u.PaidAvailable(),
		}
		if row.State == domain.SubscriptionTrial {
			row.Until = d.date(u.TrialUntil)
		}
		if day := reachedOn(d.now.In(u.Zone), row.Dialogs, row.Limit); !day.IsZero() {
			row.Reached = d.reached(day)
		}
		for _, p := range u.Priced {
			row.Priced = append(row.Priced, priceRow{d.price(p.Price), p.Messages})
		}
		rows = append(rows, row)
	}
	return rows
}

// reachedOn returns the day of this month on which a limit will be reached if dialogs
// go on as until now; zero: none.
func reachedOn(now time.Time, used, limit int64) time.Time {
	if limit <= 0 || used == 0 || used >= limit {
		return time.Time{}
	}
	year, month, _ := now.Date()
	begin := time.Date(year, month, 1, 0, 0, 0, 0, now.Location())
	at := begin.Add(time.Duration(float64(now.Sub(begin)) * float64(limit) / float64(used)))
	if !at.Before(begin.AddDate(0, 1, 0)) {
		return time.Time{}
	}
	return at
}

// reached says that a limit will be reached on a day of this month.
func (d *desk) reached(day time.Time) string {
	if day.Format(time.DateOnly) == d.now.In(day.Location()).Format(time.DateOnly) {
		return d.text("account.reached_today")
	}
	return d.text("account.reached", "Day", d.text("day.month", "Day", day.Day(), "Month", d.text("month."+day.Format("01"))))
}

func (d *desk) connectionRows(signals []domain.RecordedSignal) (rows []connectionRow) {
	for _, link := range d.connections {
		if link.Ended {
			continue
		}
		row := connectionRow{Connection: link, KindName: link.Kind.Traits().Name}
		if link.Cause != nil {
			public := link.Cause.Public()
			row.Failure = &public
		}
		for _, s := range signals {
			if s.Connection == link.ID {
				row.Signals = append(row.Signals, signalRow{s.Signal, d.when(s.At)})
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// resume handles POST /chat/account/connections/{connection}/resume.
func (c *Console) resume(ctx context.Context, v *visit) error {
	link, err := c.Store.Resume(ctx, v.by.Company, domain.ConnectionID(v.r.PathValue("connection")))
	if err != nil {
		return err
	}
	c.Hint(domain.SendLane(link.ID))
	http.Redirect(v.w, v.r, c.base+"/account?done=resumed", http.StatusSeeOther)
	return nil
}
