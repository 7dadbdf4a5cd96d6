package shared

import (
	"slices"
	"time"

	"recado/domain"
)

// InboxColumns are those of a webhook that waits.
var InboxColumns = []Column[domain.Webhook]{
	{Name: "lane", Num: func(w *domain.Webhook) int64 { return int64(domain.InboxLane(w.Hook)) }},
	{Name: "hook_id", Text: func(w *domain.Webhook) string { return string(w.Hook) }},
	{Name: "kind", Text: func(w *domain.Webhook) string { return string(w.Kind) }},
	{Name: "received_at", Num: func(w *domain.Webhook) int64 { return Millis(w.Received) }},
	{Name: "body", Bytes: func(w *domain.Webhook) []byte { return w.Body }},
}

// ParkedColumns are those of a part of a webhook that is put aside, but its times.
var ParkedColumns = []Column[domain.ParkedItem]{
	{Name: "hook_id", Text: func(p *domain.ParkedItem) string { return string(p.Hook) }},
	{Name: "kind", Text: func(p *domain.ParkedItem) string { return string(p.Kind) }},
	{Name: "account", Text: func(p *domain.ParkedItem) string { return p.Account }},
	{Name: "body", Bytes: func(p *domain.ParkedItem) []byte { return p.Body }},
	{Name: "error", Text: func(p *domain.ParkedItem) string { return p.Error }},
}

// AliasColumns are those of a further name of a peer; the first two are the key.
var AliasColumns = []Column[domain.Alias]{
	{Name: "connection_id", Text: func(a *domain.Alias) string { return string(a.Connection) }},
	{Name: "peer_id", Text: func(a *domain.Alias) string { return string(a.Peer) }},
	{Name: "chat_id", Text: func(a *domain.Alias) string { return string(a.Chat) }},
}

// MergeAlias is the name of a chat that ends, as an alias of the chat that goes on.
var MergeAlias = []Column[domain.Merge]{
	{Name: "connection_id", Text: func(m *domain.Merge) string { return string(m.Connection) }},
	{Name: "peer_id", Text: func(m *domain.Merge) string { return string(m.Peer) }},
	{Name: "chat_id", Text: func(m *domain.Merge) string { return string(m.Chat) }},
}

// MergeColumns are those of a chat that ends.
var MergeColumns = slices.Concat(MergeAlias, []Column[domain.Merge]{
	{Name: "merged_id", Text: func(m *domain.Merge) string { return string(m.From) }},
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
	{
		Name:  "fact",
		Bytes: func(o *domain.OrphanUpdate) []byte { return o.Fact },
		Into:  func(o *domain.OrphanUpdate) any { return &o.Fact },
	},
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

// ConnectionChangeColumns are what the answers of a messenger change in a
// connection, after its id.
var ConnectionChangeColumns = []Column[domain.ConnectionChange]{
	{Name: "id", Text: func(c *domain.ConnectionChange) string { return string(c.ID) }},
	{Name: "cause", Text: func(c *domain.ConnectionChange) string { return jsonOf(c.Suspended, c.Suspended == nil) }},
	{Name: "status", Text: func(c *domain.ConnectionChange) string { return statusBy(c.Suspended) }},
	{Name: "send_after", Num: func(c *domain.ConnectionChange) int64 { return Millis(c.SendAfter) }},
	{Name: "resumed", Flag: func(c *domain.ConnectionChange) bool { return c.Resumed }},
	{Name: "business", Text: func(c *domain.ConnectionChange) string { return c.Business }},
	{Name: "number", Text: func(c *domain.ConnectionChange) string { return c.Number }},
	{Name: "closed", Text: func(c *domain.ConnectionChange) string { return jsonOf(c.Closed, c.Closed == nil) }},
	{Name: "watched", Text: func(c *domain.ConnectionChange) string { return jsonOf(c.Watched, c.Watched == nil) }},
}

// PressColumns are those of an acknowledgement that is due.
var PressColumns = []Column[domain.Acknowledgement]{
	{Name: "connection_id", Text: func(a *domain.Acknowledgement) string { return string(a.Connection) }},
	{Name: "press", Text: func(a *domain.Acknowledgement) string { return a.Press }},
	{Name: "until", Num: func(a *domain.Acknowledgement) int64 { return Millis(a.Until) }},
}

// SignalColumns are those of a signal of a connection.
var SignalColumns = []Column[domain.RecordedSignal]{
	{Name: "connection_id", Text: func(s *domain.RecordedSignal) string { return string(s.Connection) }},
	{Name: "at", Num: func(s *domain.RecordedSignal) int64 { return Millis(s.At) }},
	{Name: "kind", Text: func(s *domain.RecordedSignal) string { return string(s.Kind) }},
	{Name: "level", Text: func(s *domain.RecordedSignal) string { return string(s.Level) }},
	{Name: "title", Text: func(s *domain.RecordedSignal) string { return s.Title }},
	{Name: "details", Text: func(s *domain.RecordedSignal) string { return s.Details }},
}

// PriceColumns are those of a count of prices; all but the last are the key.
var PriceColumns = []Column[domain.PriceCount]{
	{Name: "subscription_id", Text: func(c *domain.PriceCount) string { return string(c.Subscription) }},
	{Name: "month", Text: func(c *domain.PriceCount) string { return c.Month }},
	{Name: "category", Text: func(c *domain.PriceCount) string { return c.Category }},
	{Name: "type", Text: func(c *domain.PriceCount) string { return c.Type }},
	{Name: "messages", Num: func(c *domain.PriceCount) int64 { return c.Messages }},
}

// AddPrices is what becomes of a count of prices that is there already.
const AddPrices = `
ON CONFLICT (subscription_id, month, category, type) DO UPDATE SET messages = price_counts.messages + excluded.messages`

// RefColumns are those of a client_ref, but its time.
var RefColumns = []Column[domain.NewRef]{
	{Name: "company_id", Text: func(r *domain.NewRef) string { return string(r.Company) }},
	{Name: "client_ref", Text: func(r *domain.NewRef) string { return r.Ref }},
	{Name: "message_id", Text: func(r *domain.NewRef) string { return string(r.Message) }},
	{Name: "asked", Text: func(r *domain.NewRef) string { return r.Digest }},
}

// EventRouting are the columns of an event that select its endpoints.
var EventRouting = []Column[domain.Event]{
	{Name: "id", Text: func(e *domain.Event) string { return string(e.ID) }},
	{Name: "company_id", Text: func(e *domain.Event) string { return string(e.Company) }},
	{Name: "chat_id", Text: func(e *domain.Event) string { return string(e.Chat) }},
	{Name: "type", Text: func(e *domain.Event) string { return string(e.Type) }},
}

// EventColumns are those of an event.
var EventColumns = slices.Concat(EventRouting, []Column[domain.Event]{
	{Name: "seq", Num: func(e *domain.Event) int64 { return e.Seq }},
	{Name: "at", Num: func(e *domain.Event) int64 { return Millis(e.At) }},
	{Name: "body", Bytes: func(e *domain.Event) []byte { return e.Body }},
})

// DeliveryColumns are what a try changes in a delivery, after its id.
var DeliveryColumns = []Column[domain.Delivery]{
	{Name: "id", Num: func(d *domain.Delivery) int64 { return d.ID }},
	{Name: "state", Text: func(d *domain.Delivery) string { return string(d.State) }},
	{Name: "attempts", Num: func(d *domain.Delivery) int64 { return int64(d.Attempts) }},
	{Name: "next_at", Num: func(d *domain.Delivery) int64 { return Millis(d.NextAt) }},
	{Name: "failed_at", Num: func(d *domain.Delivery) int64 { return Millis(d.FailedAt) }},
	{Name: "failures", Num: func(d *domain.Delivery) int64 { return int64(d.Failures) }},
	{Name: "refusals", Num: func(d *domain.Delivery) int64 { return int64(d.Refusals) }},
	{Name: "refused_since", Num: func(d *domain.Delivery) int64 { return Millis(d.RefusedSince) }},
	{Name: "last_error", Text: func(d *domain.Delivery) string { return d.LastError }},
	{Name: "http_status", Num: func(d *domain.Delivery) int64 { return int64(d.Status) }},
	{Name: "took_ms", Num: func(d *domain.Delivery) int64 { return d.Took.Milliseconds() }},
}
