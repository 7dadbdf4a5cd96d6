package domain

import (
	"context"
	"time"
)

// The store is several narrow ports, so that each caller names what it needs.
// Every method may return an error that wraps ErrUnavailable: the store cannot
// be reached, nothing is known of what was asked, ask again later.

// An Inbox keeps raw webhooks from their 2xx until they are applied.
type Inbox interface {
	// Append commits the webhooks, all or none. Those of concurrent callers share
	// a commit.
	Append(ctx context.Context, hooks []Webhook) error

	// Next returns the oldest webhooks of an inbox lane in their order: up to
	// InboxBatchRows or InboxBatchBytes, at least one if there is any. They stay until a Batch that
	// names them is applied.
	Next(ctx context.Context, lane int) ([]Webhook, error)
}

// A Batch is what one transaction applies.
type Batch struct {
	Lane    int      // of the inbox, that the webhooks are in
	Inbox   []int64  // webhooks that are used up by it; ErrTaken if one is gone
	Updates []Update // applied in this order
	Parked  []ParkedItem
}

// A Receipt tells what became of a Batch.
type Receipt struct {
	Results   []Result     // one per update
	Endpoints []EndpointID // those that have events to get now, of this Batch or of others applied with it
}

// Chats holds the state of every chat.
type Applier interface {
	// Apply runs Decide over the updates and stores what it made of them,
	// events and deliveries included: all of it or nothing. Updates of one chat
	// from several callers are applied one after another; callers of a moment may
	// share a transaction, in which each Batch is whole. A *DataError says that the
	// batch can never be stored as it is.
	Apply(ctx context.Context, b Batch) (Receipt, error)
}

// Sends is the way out of messages.
type Outbox interface {
	// Due lists messages of a connection that may be sent now, at most one of a
	// chat, the oldest first. It reserves nothing: SendBegun does.
	Due(ctx context.Context, c ConnectionID, limit int) ([]MessageID, error)

	// Abandoned lists the messages of a connection with an open attempt. Who has
	// just taken the lane knows that nobody waits for their answers any more.
	Abandoned(ctx context.Context, c ConnectionID) ([]MessageID, error)
}

// Callbacks is the way out of events.
type Callbacks interface {
	// Endpoint returns an endpoint as it is now.
	Endpoint(ctx context.Context, e EndpointID) (Endpoint, error)

	// DueDeliveries returns up to limit deliveries that are due, in their order.
	// Chats in busy, and chats whose oldest delivery waits for another try, are
	// left out. It marks nothing: who has the endpoint's lane is the only one to
	// deliver, and what a crash interrupts is delivered again.
	DueDeliveries(ctx context.Context, e EndpointID, busy []ChatID, limit int) ([]Delivery, error)

	// Record stores what came of the tries by AfterTry, and tells the company when
	// the endpoint's status changes. It returns the endpoint and the deliveries, in
	// the order of the tries, as they are then.
	Record(ctx context.Context, e EndpointID, tries []Try) (Endpoint, []Delivery, error)
}

// A ProcessID names a running process, from its start or from the moment it
// found itself declared dead.
type ProcessID string

// Leases says which process works on which lane. A process is dead when it was
// silent for DeadAfter, by the database's clock.
type Leases interface {
	// Join registers a new living process.
	Join(ctx context.Context) (ProcessID, error)

	// Beat keeps the process alive. False: it was declared dead and must Join again.
	Beat(ctx context.Context, p ProcessID) (bool, error)

	// Leave ends the process: its lanes are free at once.
	Leave(ctx context.Context, p ProcessID) error

	// Take gives the lane to the process if no living one has it.
	Take(ctx context.Context, l Lane, p ProcessID) (bool, error)

	// Release gives the lane back, if the process has it.
	Release(ctx context.Context, l Lane, p ProcessID) error

	// HasWork reports whether the lane has work to be done now.
	HasWork(ctx context.Context, l Lane) (bool, error)
}

// Upkeep is what the sweep does.
type Maintenance interface {
	// DueLanes lists the lanes that have work to be done now and no living owner.
	DueLanes(ctx context.Context) ([]Lane, error)

	// Deadlines returns updates that are due by time: ends of the wait for
	// evidence, and orphans whose message exists now. Of the orphans, which may
	// be many, it looks only at those that were kept within recent.
	Deadlines(ctx context.Context, recent time.Duration, limit int) ([]Update, error)

	// Trim deletes or expires a bounded number of rows that outlived their
	// retention, and reports whether there may be more.
	Trim(ctx context.Context) (more bool, err error)

	// TellUnpaid tells companies of connections whose subscription ended, or was
	// paid again, since they were told; once, whoever asks.
	TellUnpaid(ctx context.Context) error

	// Gauges counts.
	Gauges(ctx context.Context) (Gauges, error)
}

// Gauges is what waits, by kind of lane, what subscriptions used, and how many
// connections there are of each kind and status.
type Gauges struct {
	Backlog map[LaneKind]int64
	Oldest  map[LaneKind]time.Duration
	Parked  map[LaneKind]int64
	Usage   []Usage // of every company

	Connections map[Kind]map[ConnectionStatus]int64
}

// A Directory finds what an operator declared. A name that is not there gives
// ErrNotFound.
type Lookup interface {
	Hook(ctx context.Context, id HookID) (Hook, error)
	Connection(ctx context.Context, id ConnectionID) (Connection, error)
	Employee(ctx context.Context, apiKey Secret) (Employee, error)
}

// An Office changes what a company changes itself. What belongs to another gives
// ErrNotFound.
type CompanySettings interface {
	// ChangeSubscription stores what change makes of a subscription, whose id,
	// company and kind stay. Others who change it wait; change may be called
	// again. Its error is returned as it is, and nothing is stored.
	ChangeSubscription(ctx context.Context, company CompanyID, id SubscriptionID, change func(Subscription) (Subscription, error)) (Usage, error)

	// Employees lists the company's employees by their ids.
	Employees(ctx context.Context, company CompanyID) ([]Employee, error)

	// SetAPIKey gives an employee a key, in place of the one that he had; an
	// empty key only takes that away.
	SetAPIKey(ctx context.Context, company CompanyID, id EmployeeID, key Secret) error

	// Connections lists the company's connections by their ids, without their Settings.
	Connections(ctx context.Context, company CompanyID) ([]Connection, error)

	// Resume lets a suspended connection send again, and tells the company. One
	// that is not suspended stays as it is. It comes without its Settings.
	Resume(ctx context.Context, company CompanyID, id ConnectionID) (Connection, error)
}

// A Registrar stores what an operator declares.
type Registrar interface {
	// Declare creates or changes what is in the registry and leaves the rest. It
	// returns one line for each thing that changed; none if nothing did. With
	// dryRun nothing is stored. Webhooks that waited for a connection which
	// exists now are put back into the inbox.
	Declare(ctx context.Context, r Registry, dryRun bool) ([]string, error)
}

// An Archive shows what is stored to one company. What belongs to another
// gives ErrNotFound.
type ChatReader interface {
	// Chats lists chats by their last incoming message, newest first; those that
	// never got one come last, newest created first.
	Chats(ctx context.Context, company CompanyID, q ChatQuery) ([]Chat, error)
	Chat(ctx context.Context, company CompanyID, id ChatID) (Chat, error)

	// Messages lists the messages of a chat, newest first.
	Messages(ctx context.Context, company CompanyID, q MessageQuery) ([]Message, error)
	Message(ctx context.Context, company CompanyID, id MessageID) (Message, error)

	// Usage lists the company's subscriptions with what they used, by their ids.
	Usage(ctx context.Context, company CompanyID) ([]Usage, error)
}

// A ChatQuery selects chats. After names the last one of the page before; its
// zero value begins.
type ChatQuery struct {
	Connection ConnectionID // empty: all
	Limit      int
	After      ChatCursor
}

// A ChatCursor is a place in the list of chats.
type ChatCursor struct {
	LastInboundAt time.Time
	CreatedAt     time.Time
	ID            ChatID
}

// A MessageQuery selects messages of a chat.
type MessageQuery struct {
	Chat  ChatID
	Limit int
	After MessageCursor
}

// A MessageCursor is a place in the list of messages of a chat.
type MessageCursor struct {
	At time.Time
	ID MessageID
}

// A ParkedItem is something put aside for a person: a part of a webhook that
// could not be read or stored, or an event that its endpoint refuses. It
// expires after ParkedRetention.
type ParkedItem struct {
	ID      string   // inbox:12, callback:7
	Lane    LaneKind // one that Parks
	Hook    HookID
	Kind    Kind
	Account string
	Body    []byte
	Error   string
	At      time.Time
	Expires time.Time
}

// A Parking shows and moves what was put aside.
type ParkedItems interface {
	Parked(ctx context.Context, limit int) ([]ParkedItem, error)
	ParkedItem(ctx context.Context, id string) (ParkedItem, error)
	// Unpark tries the item again: it goes back to where it came from.
	Unpark(ctx context.Context, id string) error
	DeleteParked(ctx context.Context, id string) error
}

// A Store is everything a store offers; callers ask for the part they need.
type Store interface {
	Inbox
	Applier
	Outbox
	Callbacks
	Leases
	Maintenance
	Lookup
	Registrar
	CompanySettings
	ChatReader
	ParkedItems

	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	Close()
}
