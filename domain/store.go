package domain

import (
	"context"
	"time"
)

// The store is several narrow ports, so that each caller names what it needs.
// Every method may return an error that wraps ErrUnavailable.

// An Inbox holds raw webhooks from their 2xx until they are applied.
type Inbox interface {
	// Append commits the webhooks, all or none. Concurrent calls share a commit.
	Append(ctx context.Context, hooks []Webhook) error

	// Next returns the oldest webhooks of an inbox lane in their order: up to
	// InboxBatchRows or InboxBatchBytes, at least one if there is any. They stay
	// until a Batch with their ids is applied.
	Next(ctx context.Context, lane int) ([]Webhook, error)
}

// An Applier changes chats.
type Applier interface {
	// Apply runs Decide over the updates and stores the changes, events and
	// deliveries included, all or none. Updates of one chat from several callers are
	// applied one after another. Concurrent calls may share a transaction. If the
	// batch can never be stored as it is, Apply returns a *DataError.
	Apply(ctx context.Context, b Batch) (Receipt, error)
}

// An Outbox lists the messages to be sent.
type Outbox interface {
	// Due lists messages of a connection that may be sent now, up to limit of each
	// class: the live ones first, the oldest of a class first. Of a chat it lists the
	// first message alone, in the class of the most urgent that waits in the chat. It
	// reserves nothing: SendBegun does.
	Due(ctx context.Context, c ConnectionID, limit int) ([]Waiting, error)

	// Defer makes queued messages due only after a while. That is no attempt, and
	// nobody hears of it.
	Defer(ctx context.Context, wait map[MessageID]time.Duration) error

	// CountBulk counts the messages of ClassBulk that wait over a connection, up to
	// CountBulkMax.
	CountBulk(ctx context.Context, c ConnectionID) (int, error)

	// TakePresses takes up to limit acknowledgements that are due over a connection:
	// they are stored no more when the messenger is called.
	TakePresses(ctx context.Context, c ConnectionID, limit int) ([]Acknowledgement, error)

	// Abandoned lists the messages of a connection with an open attempt. A process
	// that has just taken the lane knows that no process waits for their results.
	Abandoned(ctx context.Context, c ConnectionID) ([]MessageID, error)
}

// CountBulkMax bounds CountBulk: nobody waits longer because of an estimate.
const CountBulkMax = 100_000

// A Waiting is a message that may be sent.
type Waiting struct {
	Message MessageID
	Chat    ChatID
	Group   bool // the chat is a group
	Class   Class
}

// Callbacks lists the events to be delivered and records their delivery.
type Callbacks interface {
	// Endpoint returns an endpoint as it is now.
	Endpoint(ctx context.Context, e EndpointID) (Endpoint, error)

	// DueDeliveries returns up to limit deliveries that are due, in their order. It
	// leaves out chats in busy, and chats whose oldest delivery waits for a retry. It
	// marks nothing: only the process with the endpoint's lane delivers, and a
	// delivery that a crash interrupts is made again.
	DueDeliveries(ctx context.Context, e EndpointID, busy []ChatID, limit int) ([]Delivery, error)

	// Probe returns the delivery with which a paused endpoint is tried, whether its
	// own wait is over or not: the oldest of its chat, of those that failed least.
	// It returns nothing if none is due.
	Probe(ctx context.Context, e EndpointID) ([]Delivery, error)

	// Record stores the results of the tries by RecordTries, with an event when the
	// endpoint's status changes. It returns the endpoint and the deliveries, in the
	// order of the tries, as they are then.
	Record(ctx context.Context, e EndpointID, tries []Try) (Endpoint, []Delivery, error)
}

// A ProcessID names a running process, from one Join to the next.
type ProcessID string

// Leases record which process works on which lane. A process is dead when its last
// Beat is DeadAfter old, by the database's clock.
type Leases interface {
	// Join registers a new living process.
	Join(ctx context.Context) (ProcessID, error)

	// Beat keeps the process alive. It returns false if the process was declared dead
	// and must Join again.
	Beat(ctx context.Context, p ProcessID) (bool, error)

	// Leave ends the process: its lanes are free at once.
	Leave(ctx context.Context, p ProcessID) error

	// Take gives the lane to the process, unless another living process has it.
	Take(ctx context.Context, l Lane, p ProcessID) (bool, error)

	// Release gives the lane back, if the process has it.
	Release(ctx context.Context, l Lane, p ProcessID) error

	// HasWork reports whether the lane has work that is due.
	HasWork(ctx context.Context, l Lane) (bool, error)
}

// Maintenance is what the sweep needs.
type Maintenance interface {
	// DueLanes lists the lanes that have work that is due and no living process.
	DueLanes(ctx context.Context) ([]Lane, error)

	// OverdueEvidence returns up to limit updates EvidenceOverdue that are due.
	OverdueEvidence(ctx context.Context, limit int) ([]Update, error)

	// OverduePrices returns up to limit updates PriceOverdue that are due.
	OverduePrices(ctx context.Context, limit int) ([]Update, error)

	// JoinableOrphans returns OrphansDue for orphans whose message exists now. It looks
	// at up to about limit orphans, which may be many, in the order in which they were
	// stored: from the one at the start, or from where the call before ended. After
	// the newest it goes on with those of the last minute.
	JoinableOrphans(ctx context.Context, from OrphanPlace, limit int) ([]Update, OrphanPlace, error)

	// SweepNeeds looks once for all four methods above, each of which would find nothing
	// most of the time. From is the place for JoinableOrphans.
	SweepNeeds(ctx context.Context, from OrphanPlace) (SweepNeeds, error)

	// Trim deletes or expires a bounded number of rows that outlived their retention or
	// their endpoint, goes on with what Declare left, and reports whether there may be
	// more.
	Trim(ctx context.Context) (more bool, err error)

	// IndexNames makes a bounded number of chats found by their names that an earlier
	// version stored, and reports whether there may be more.
	IndexNames(ctx context.Context) (more bool, err error)

	// RepairClock checks whether the database's clock was set back by more than
	// DeadAfter, and returns by how much; zero: it was not. What waits for a time by the
	// old clock then waits for the same by the new one, and a process that is dead is
	// dead DeadAfter later.
	RepairClock(ctx context.Context) (step time.Duration, err error)

	// AdvanceQueues notes up to which row the inbox and the queues of endpoints are done,
	// so that no search for work reads rows that left them and that the database cannot
	// remove yet. It handles a bounded number of endpoints.
	AdvanceQueues(ctx context.Context) error

	// NotifyUnpaid adds an event for each connection whose subscription has ended, or
	// was paid again. It is idempotent.
	NotifyUnpaid(ctx context.Context) error

	// TakeWatches returns up to limit connections of each of the kinds that are not
	// suspended or unpaid and were not looked at for WatchEvery. Of several callers one
	// gets each of them.
	TakeWatches(ctx context.Context, kinds []Kind, limit int) ([]ConnectionID, error)

	// Gauges counts what Gauges lists.
	Gauges(ctx context.Context) (Gauges, error)
}

// SweepNeeds says which methods of Maintenance have something to return: DueLanes,
// OverdueEvidence, OverduePrices and JoinableOrphans, which may find that no message
// exists yet.
type SweepNeeds struct {
	Lanes, Evidence, Prices, Orphans bool
}

// An OrphanPlace is where a look at the orphans ended. Its zero value is before all.
type OrphanPlace time.Time

// Gauges are the numbers that a process publishes of the whole installation. The
// keys of Backlog, Oldest and Parked are kinds of lanes.
type Gauges struct {
	Backlog map[LaneKind]int64
	Oldest  map[LaneKind]time.Duration
	Parked  map[LaneKind]int64
	Usage   []Usage // of every company

	Connections map[Kind]map[ConnectionStatus]int64
	Endpoints   map[EndpointStatus]int64
}

// A Lookup finds what an operator declared. An id that does not exist gives
// ErrNotFound.
type Lookup interface {
	Hook(ctx context.Context, id HookID) (Hook, error)
	Connection(ctx context.Context, id ConnectionID) (Connection, error) // also one that ended
	Employee(ctx context.Context, apiKey Secret) (Employee, error)

	// ConnectionsOf lists the connections of a kind.
	ConnectionsOf(ctx context.Context, k Kind) ([]ConnectionID, error)
}

// CompanySettings are what a company sees and changes of its own settings. What
// belongs to another company gives ErrNotFound.
type CompanySettings interface {
	// Usage lists the company's subscriptions with how much of them is used, by their ids.
	Usage(ctx context.Context, company CompanyID) ([]Usage, error)

	// ChangeSubscription stores the result of change, under a lock; the id, the
	// company and the kind stay. It may call change again. An error of change is
	// returned as it is, and nothing is stored.
	ChangeSubscription(
		ctx context.Context, company CompanyID, id SubscriptionID, change func(Subscription) (Subscription, error),
	) (Usage, error)

	// Employees lists the company's employees by their ids.
	Employees(ctx context.Context, company CompanyID) ([]Employee, error)

	// SetAPIKey replaces the key of an employee; an empty key only removes it. Declare
	// does not bring the replaced key back.
	SetAPIKey(ctx context.Context, company CompanyID, id EmployeeID, key Secret) error

	// Connections lists the company's connections by their ids, without their
	// Settings; also those that ended.
	Connections(ctx context.Context, company CompanyID) ([]Connection, error)

	// Signals lists the last signals of each of the company's connections, the newest first.
	Signals(ctx context.Context, company CompanyID) ([]RecordedSignal, error)

	// Resume lets a suspended connection send again and adds an event. A connection
	// that is not suspended stays as it is. It is returned without its Settings.
	Resume(ctx context.Context, company CompanyID, id ConnectionID) (Connection, error)

	// Endpoints lists the company's endpoints by their ids.
	Endpoints(ctx context.Context, company CompanyID) ([]EndpointState, error)

	// EndpointState returns one of them. An endpoint of another company gives
	// ErrNotFound.
	EndpointState(ctx context.Context, company CompanyID, id EndpointID) (EndpointState, error)

	// CreateEndpoint stores a new endpoint, whose origin is the API. It may refuse
	// with ErrTooManyEndpoints, or with ErrEndpointExists: also while much still waits
	// for an endpoint that had the id.
	CreateEndpoint(ctx context.Context, e Endpoint) error

	// ChangeEndpoint stores the result of change, under a lock and all at once; the
	// id, the company, the origin and the health stay. With a new URL or secret the
	// endpoint starts afresh as by EnableEndpoint. It may call change again. An error
	// of change is returned as it is, and nothing is stored.
	ChangeEndpoint(
		ctx context.Context, company CompanyID, id EndpointID, change func(e Endpoint, now time.Time) (Endpoint, error),
	) error

	// DeleteEndpoint ends an endpoint, and the company's others are told. What waits for
	// it is found no more, and Trim expires it. One of a file is refused with
	// ErrDeclaredInFile.
	DeleteEndpoint(ctx context.Context, company CompanyID, id EndpointID) error

	// EnableEndpoint forgets the failures of an endpoint and makes all that waits for
	// it due, with an event if its status changes.
	EnableEndpoint(ctx context.Context, company CompanyID, id EndpointID) error
}

// A Registrar stores what an operator declares.
type Registrar interface {
	// Declare creates or changes what is in the registry. What is not in it stays as
	// it is, or ends if the registry is complete:
	//
	//   - A connection sends and receives nothing more; its queued messages fail. Its
	//     chats stay.
	//   - An endpoint ends as by DeleteEndpoint. One that the API created stays with its
	//     company, and a line says so.
	//   - An employee's API key is unknown, and so is a hook that no connection uses.
	//   - A company goes with all of that, and with its chats, which Trim erases.
	//
	// Declare returns one line for each change, and none if there is none. With dryRun
	// it stores nothing. Webhooks that were parked for a connection that exists now go
	// back to the inbox in their order: the first at once, the rest by Trim.
	Declare(ctx context.Context, r Registry, dryRun bool) ([]string, error)
}

// A ChatReader reads the chats of one company. What belongs to another gives
// ErrNotFound.
type ChatReader interface {
	// Chats lists chats by their last incoming message, newest first. Chats without
	// one come last, the newest first.
	Chats(ctx context.Context, company CompanyID, q ChatQuery) ([]Chat, error)
	Chat(ctx context.Context, company CompanyID, id ChatID) (Chat, error)

	// Messages lists the messages of a chat, newest first.
	Messages(ctx context.Context, company CompanyID, q MessageQuery) ([]Message, error)
	Message(ctx context.Context, company CompanyID, id MessageID) (Message, error)

	// MessagesKnownAs returns the messages of a connection that the messenger knows by
	// the ids; those that there are not are left out.
	MessagesKnownAs(ctx context.Context, company CompanyID, c ConnectionID, ids []ProviderID) (map[ProviderID]Message, error)

	// RefUsed reports whether a message of the company has the client_ref.
	RefUsed(ctx context.Context, company CompanyID, ref string) (bool, error)

	// LastMessages returns the newest message of each chat that has one.
	LastMessages(ctx context.Context, company CompanyID, chats []Chat) (map[ChatID]Message, error)
}

// A ChatQuery selects a page of chats. After is the last chat of the page before;
// its zero value selects the first page.
type ChatQuery struct {
	Connection ConnectionID // empty: all
	Unanswered bool         // only those with unanswered messages
	Blocked    bool         // only those
	Search     string       // only those with words in their names that begin so; empty: all
	Limit      int
	After      ChatCursor
}

// A ChatCursor is a place in the list of chats.
type ChatCursor struct {
	LastInboundAt time.Time
	CreatedAt     time.Time
	ID            ChatID
}

// A MessageQuery selects a page of the messages of a chat, as a ChatQuery does.
type MessageQuery struct {
	Chat    ChatID
	Limit   int
	After   MessageCursor
	Actions bool // also the messages that act on others, see Message.Target
}

// A MessageCursor is a place in the list of messages of a chat.
type MessageCursor struct {
	At time.Time
	ID MessageID
}

// ParkedItems lists what was put aside, and retries or deletes it.
type ParkedItems interface {
	Parked(ctx context.Context, limit int) ([]ParkedItem, error)
	ParkedItem(ctx context.Context, id string) (ParkedItem, error)
	// Unpark puts the item back to where it came from, to be retried.
	Unpark(ctx context.Context, id string) error
	DeleteParked(ctx context.Context, id string) error
}

// A Store is all the ports of a store; each caller asks for those that it needs.
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
	DeliveryLog
	ChatReader
	MediaCatalog
	MediaQueue
	Eraser
	Feed
	Replays
	ReplayQueue
	ParkedItems

	// Ping reports whether the store can work: that it answers, has the schema of
	// this version, and can be written to. It costs a small write.
	Ping(ctx context.Context) error
	// Reseal seals with the present key what was sealed with the previous one, and returns
	// how many values that were.
	Reseal(ctx context.Context) (int64, error)
	// Pools describes the connections to the database.
	Pools() []Pool
	Close()
}
