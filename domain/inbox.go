package domain

import "time"

// A Webhook is the raw body of one call of a messenger.
type Webhook struct {
	ID       int64 // set by the store
	Hook     HookID
	Kind     Kind // of the hook
	Body     []byte
	Received time.Time
}

// A Batch is what a caller wants to be applied in one transaction.
type Batch struct {
	Lane    int      // inbox lane of the webhooks
	Inbox   []int64  // webhooks that the batch uses up; ErrTaken if one is gone
	Updates []Update // applied in this order
	Parked  []ParkedItem
}

// A Receipt is what became of a Batch.
type Receipt struct {
	Results   []Result     // one per update
	Endpoints []EndpointID // those with new events to deliver, of this Batch or of others in the same transaction
}

// A ParkedItem is put aside for a person: a part of a webhook that could not be
// read or stored, or an event that its endpoint refuses. It expires after
// ParkedRetention.
type ParkedItem struct {
	ID      string   // inbox:12, callback:7
	Lane    LaneKind // one that Parks
	Hook    HookID
	Kind    Kind // of the hook
	Account string
	Body    []byte
	Error   string
	At      time.Time
	Expires time.Time
}
