package domain

import (
	"fmt"
	"time"
)

// A Book is the work of one transaction. It lists what a batch of updates needs,
// takes what the store found, runs [Decide] over the updates in their order, each
// seeing the changes of those before it, and lists what is to be written. A store
// calls its methods inside one transaction, once each, in this order:
//
//	NeedRoutes  SetRoutes   find the connections
//	NeedNames   SetNames    find the chats and messages that the updates name
//	NeedChats   SetChats    create the new chats, lock all chats, load
//	NeedCounts  SetCounts   lock and load the counts of dialogs
//	Decide      Writes
//
// A method that is called out of turn panics with its name.
type Book struct {
	step    int // index into bookSteps of the method to be called next
	entries []bookEntry
	newID   func() string
	now     time.Time

	routes    map[ConnectionID]Route
	accounts  map[AccountKey]ConnectionID
	names     Names                  // what NeedNames listed
	peers     map[PeerKey]ChatID     // every name of a peer, those of planned chats included
	planned   map[ChatID]*Chat       // chats to be created
	locations map[MessageID]location // where messages were before the locks
	targets   set[MessageID]         // messages on which those act

	chats      map[ChatID]*Chat
	messages   map[MessageID]*Message
	media      map[MediaID]*StoredMedia
	byName     map[ProviderKey]MessageID
	orphans    map[ProviderKey][]OrphanUpdate
	unanswered map[ChatID][]UnansweredMessage
	refs       map[RefKey]ClientRef
	countKeys  []CountKey // what NeedCounts listed
	counts     map[CountKey]*Count

	answerable map[ChatID]bool  // chats whose unanswered messages are needed
	whole      map[ChatID]bool  // chats that are needed with those merged with them
	fresh      map[PeerKey]bool // names that an update further down gave a chat
	writes     writes
}

// bookSteps names the methods of a Book in the order of their calls.
var bookSteps = []string{
	"NeedRoutes", "SetRoutes", "NeedNames", "SetNames", "NeedChats", "SetChats", "NeedCounts", "SetCounts", "Decide", "Writes", "nothing",
}

// enter panics unless it is the turn of the method of that name.
func (b *Book) enter(method string) {
	if next := bookSteps[b.step]; method != next {
		panic(fmt.Sprintf("domain: Book.%s is called, where %s should follow", method, next))
	}
	b.step++
}

// The keys by which a store finds things.
type (
	// AccountKey is a messenger's name of a connection within a hook.
	AccountKey struct {
		Hook    HookID
		Account string
	}
	// PeerKey is a peer of a connection.
	PeerKey struct {
		Connection ConnectionID
		Peer       PeerID
	}
	// ProviderKey is the messenger's name of a message.
	ProviderKey struct {
		Connection ConnectionID
		ProviderID ProviderID
	}
	// RefKey is a company's own name of a message.
	RefKey struct {
		Company CompanyID
		Ref     string
	}
)

// A Route is a connection with what the rules need to know of its company.
type Route struct {
	Connection ConnectionID
	Company    CompanyID
	Kind       Kind
	Account    AccountKey

	Subscription *Subscription  // of the company for the kind; nil: none
	Zone         *time.Location // of the company; nil: UTC
	KeepHistory  bool           // store messages of the time before the connection
	Suspended    *Failure       // why nothing is sent over it, see StatusBy; nil: it sends
	Ended        bool           // nothing is sent over it any more

	Business, Number string   // as the messenger last named them; see Update
	Closed           []string // the ends of the names of peers to whom it may not write
	Watched          Watched  // what the last look at the messenger found
	Stored           string   // Watched as it is stored; see ConnectionChange
}

func (r Route) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// hasDialogLimit reports whether the outgoing dialogs of the connection are limited.
func (r Route) hasDialogLimit() bool {
	return r.Subscription != nil && r.Subscription.Limit() != Unlimited
}

// A location is where a message was found before the locks.
type location struct {
	chat   ChatID
	status DeliveryStatus
}

// A bookEntry is an update with what it names and the connection it belongs to.
type bookEntry struct {
	Update
	names
	route  Route
	routed bool // false: the update names no connection, or none that exists
}

// NewBook opens a book for the updates. NewID returns 26 characters that never
// named anything before; see [ID].
func NewBook(updates []Update, newID func() string) *Book {
	b := &Book{
		entries: make([]bookEntry, len(updates)), newID: newID,
		routes: map[ConnectionID]Route{}, accounts: map[AccountKey]ConnectionID{},
		peers: map[PeerKey]ChatID{}, planned: map[ChatID]*Chat{}, locations: map[MessageID]location{},
		chats: map[ChatID]*Chat{}, messages: map[MessageID]*Message{}, media: map[MediaID]*StoredMedia{}, byName: map[ProviderKey]MessageID{},
		orphans: map[ProviderKey][]OrphanUpdate{}, unanswered: map[ChatID][]UnansweredMessage{}, refs: map[RefKey]ClientRef{},
		counts:     map[CountKey]*Count{},
		answerable: map[ChatID]bool{}, whole: map[ChatID]bool{}, fresh: map[PeerKey]bool{}, writes: newWrites(),
	}
	for i, u := range updates {
		b.entries[i] = bookEntry{Update: u, names: namesOf(u)}
	}
	return b
}
