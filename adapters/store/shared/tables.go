package shared

import (
	"slices"
	"time"

	"recado/domain"
)

// InboxColumns are those of a webhook that waits.
var InboxColumns = []Column[domain.Webhook]{
	{Name: "lane", Num: func(w *domain.Webhook) int64 { return int64(domain.InboxLane(w.Hook)) }},
	textColumn("hook_id", func(w *domain.Webhook) *domain.HookID { return &w.Hook }),
	textColumn("kind", func(w *domain.Webhook) *domain.Kind { return &w.Kind }),
	momentColumn("received_at", func(w *domain.Webhook) *time.Time { return &w.Received }),
	bytesColumn("body", func(w *domain.Webhook) *[]byte { return &w.Body }),
}

// ParkedColumns are those of a part of a webhook that is put aside, but its times.
var ParkedColumns = []Column[domain.ParkedItem]{
	textColumn("hook_id", func(p *domain.ParkedItem) *domain.HookID { return &p.Hook }),
	textColumn("kind", func(p *domain.ParkedItem) *domain.Kind { return &p.Kind }),
	textColumn("account", func(p *domain.ParkedItem) *string { return &p.Account }),
	bytesColumn("body", func(p *domain.ParkedItem) *[]byte { return &p.Body }),
	textColumn("error", func(p *domain.ParkedItem) *string { return &p.Error }),
}

// AliasColumns are those of a further name of a peer; the first two are the key.
var AliasColumns = []Column[domain.Alias]{
	textColumn("connection_id", func(a *domain.Alias) *domain.ConnectionID { return &a.Connection }),
	textColumn("peer_id", func(a *domain.Alias) *domain.PeerID { return &a.Peer }),
	textColumn("chat_id", func(a *domain.Alias) *domain.ChatID { return &a.Chat }),
}

// MergeAlias is the name of a chat that ends, as an alias of the chat that goes on.
var MergeAlias = []Column[domain.Merge]{
	textColumn("connection_id", func(m *domain.Merge) *domain.ConnectionID { return &m.Connection }),
	textColumn("peer_id", func(m *domain.Merge) *domain.PeerID { return &m.Peer }),
	textColumn("chat_id", func(m *domain.Merge) *domain.ChatID { return &m.Chat }),
}

// MergeColumns are those of a chat that ends.
var MergeColumns = slices.Concat(MergeAlias, []Column[domain.Merge]{
	textColumn("merged_id", func(m *domain.Merge) *domain.ChatID { return &m.From }),
})

// OrphanKey names an update that waits.
var OrphanKey = []Column[domain.OrphanUpdate]{
	textColumn("connection_id", func(o *domain.OrphanUpdate) *domain.ConnectionID { return &o.Connection }),
	textColumn("provider_id", func(o *domain.OrphanUpdate) *domain.ProviderID { return &o.ProviderID }),
	textColumn("digest", func(o *domain.OrphanUpdate) *string { return &o.Digest }),
}

// OrphanColumns are those of an update that waits.
var OrphanColumns = slices.Concat(OrphanKey, []Column[domain.OrphanUpdate]{
	textColumn("kind", func(o *domain.OrphanUpdate) *string { return &o.FactType }),
	bytesColumn("fact", func(o *domain.OrphanUpdate) *[]byte { return &o.Fact }),
	momentColumn("at", func(o *domain.OrphanUpdate) *time.Time { return &o.At }),
	momentColumn("received_at", func(o *domain.OrphanUpdate) *time.Time { return &o.Received }),
})

// statusBy is the status of a connection over which nothing is sent because of the
// failure; empty: it sends.
func statusBy(why *domain.Failure) string {
	if why == nil {
		return ""
	}
	return string(domain.StatusBy(why))
}

// watchedAt is the last look after which the one at LookAt is due; 0: it stays.
func watchedAt(c *domain.ConnectionChange) int64 {
	if c.LookAt.IsZero() {
		return 0
	}
	return Millis(c.LookAt.Add(-domain.WatchEvery))
}

// ConnectionChangeColumns are what the answers of a messenger change in a
// connection, after its id.
var ConnectionChangeColumns = []Column[domain.ConnectionChange]{
	textColumn("id", func(c *domain.ConnectionChange) *domain.ConnectionID { return &c.ID }),
	jsonColumn("cause", func(c *domain.ConnectionChange) **domain.Failure { return &c.Suspended }, isNil),
	{Name: "status", Text: func(c *domain.ConnectionChange) string { return statusBy(c.Suspended) }},
	momentColumn("send_after", func(c *domain.ConnectionChange) *time.Time { return &c.SendAfter }),
	flagColumn("resumed", func(c *domain.ConnectionChange) *bool { return &c.Resumed }),
	textColumn("business", func(c *domain.ConnectionChange) *string { return &c.Business }),
	textColumn("number", func(c *domain.ConnectionChange) *string { return &c.Number }),
	{Name: "closed", Text: func(c *domain.ConnectionChange) string { return jsonOf(c.Closed, c.Closed == nil) }},
	jsonColumn("watched", func(c *domain.ConnectionChange) **domain.Watched { return &c.Watched }, isNil),
	{Name: "watched_at", Num: watchedAt},
}

// ConnectionStored is what the change of a connection replaces.
var ConnectionStored = []Column[domain.ConnectionChange]{
	textColumn("stored", func(c *domain.ConnectionChange) *string { return &c.Stored }),
}

// PressColumns are those of an acknowledgement that is due.
var PressColumns = []Column[domain.Acknowledgement]{
	textColumn("connection_id", func(a *domain.Acknowledgement) *domain.ConnectionID { return &a.Connection }),
	textColumn("press", func(a *domain.Acknowledgement) *string { return &a.Press }),
	momentColumn("until", func(a *domain.Acknowledgement) *time.Time { return &a.Until }),
}

// SignalColumns are those of a signal of a connection.
var SignalColumns = []Column[domain.RecordedSignal]{
	textColumn("connection_id", func(s *domain.RecordedSignal) *domain.ConnectionID { return &s.Connection }),
	momentColumn("at", func(s *domain.RecordedSignal) *time.Time { return &s.At }),
	textColumn("kind", func(s *domain.RecordedSignal) *domain.SignalKind { return &s.Kind }),
	textColumn("level", func(s *domain.RecordedSignal) *domain.SignalLevel { return &s.Level }),
	textColumn("title", func(s *domain.RecordedSignal) *string { return &s.Title }),
	textColumn("details", func(s *domain.RecordedSignal) *string { return &s.Details }),
}

// PriceColumns are those of a count of prices; all but the last are the key.
var PriceColumns = []Column[domain.PriceCount]{
	textColumn("subscription_id", func(c *domain.PriceCount) *domain.SubscriptionID { return &c.Subscription }),
	textColumn("month", func(c *domain.PriceCount) *string { return &c.Month }),
	textColumn("category", func(c *domain.PriceCount) *string { return &c.Category }),
	textColumn("type", func(c *domain.PriceCount) *string { return &c.Type }),
	numberColumn("messages", func(c *domain.PriceCount) *int64 { return &c.Messages }),
}

// AddPrices is what becomes of a count of prices that is there already.
const AddPrices = `
ON CONFLICT (subscription_id, month, category, type) DO UPDATE SET messages = price_counts.messages + excluded.messages`

// RefColumns are those of a client_ref, but its time.
var RefColumns = []Column[domain.NewRef]{
	textColumn("company_id", func(r *domain.NewRef) *domain.CompanyID { return &r.Company }),
	textColumn("client_ref", func(r *domain.NewRef) *string { return &r.Ref }),
	textColumn("message_id", func(r *domain.NewRef) *domain.MessageID { return &r.Message }),
	textColumn("asked", func(r *domain.NewRef) *string { return &r.Digest }),
}

// EventRouting are the columns of an event that select its endpoints.
var EventRouting = []Column[domain.Event]{
	textColumn("id", func(e *domain.Event) *domain.EventID { return &e.ID }),
	textColumn("company_id", func(e *domain.Event) *domain.CompanyID { return &e.Company }),
	textColumn("chat_id", func(e *domain.Event) *domain.ChatID { return &e.Chat }),
	textColumn("type", func(e *domain.Event) *domain.EventType { return &e.Type }),
}

// EventColumns are those of an event.
var EventColumns = slices.Concat(EventRouting, []Column[domain.Event]{
	numberColumn("seq", func(e *domain.Event) *int64 { return &e.Seq }),
	momentColumn("at", func(e *domain.Event) *time.Time { return &e.At }),
	bytesColumn("body", func(e *domain.Event) *[]byte { return &e.Body }),
})

// DeliveryColumns are what a try changes in a delivery, after its id.
var DeliveryColumns = []Column[domain.Delivery]{
	numberColumn("id", func(d *domain.Delivery) *int64 { return &d.ID }),
	textColumn("state", func(d *domain.Delivery) *domain.DeliveryState { return &d.State }),
	numberColumn("attempts", func(d *domain.Delivery) *int { return &d.Attempts }),
	momentColumn("next_at", func(d *domain.Delivery) *time.Time { return &d.NextAt }),
	momentColumn("failed_at", func(d *domain.Delivery) *time.Time { return &d.FailedAt }),
	numberColumn("failures", func(d *domain.Delivery) *int { return &d.Failures }),
	numberColumn("refusals", func(d *domain.Delivery) *int { return &d.Refusals }),
	momentColumn("refused_since", func(d *domain.Delivery) *time.Time { return &d.RefusedSince }),
	textColumn("last_error", func(d *domain.Delivery) *string { return &d.LastError }),
	numberColumn("http_status", func(d *domain.Delivery) *int { return &d.Status }),
	{Name: "took_ms", Num: func(d *domain.Delivery) int64 { return d.Took.Milliseconds() }},
}
