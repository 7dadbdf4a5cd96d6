package domain

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ErrAgain asks for the whole transaction again: what was resolved before the
// locks is not what was found under them.
var ErrAgain = errors.New("what the updates name has changed; again")

// A Book is the work of one transaction: it says what a batch of updates names,
// takes what the store found, runs [Decide] on one update after another, each
// seeing what those before it did, and says what is to be written. Both stores
// use it in the same order, inside one transaction:
//
//	Accounts, Connections, Commanded → Routed
//	Names                            → Resolved
//	NewChats, ChatIDs                → lock in order → Loaded
//	Counts                           → lock in order → Counted
//	Decide                           → Writes
type Book struct {
	entries []bookEntry
	newID   func() string
	now     time.Time

	routes    map[ConnectionID]Route
	accounts  map[AccountKey]ConnectionID
	peers     map[PeerKey]ChatID     // every name of a peer, planned chats included
	planned   map[ChatID]*Chat       // to be created
	locations map[MessageID]location // where messages were before the locks

	chats      map[ChatID]*Chat
	messages   map[MessageID]*Message
	open       map[ChatID][]MessageID // those that were open at some time, in the order of Seq
	byName     map[ProviderKey]MessageID
	orphans    map[ProviderKey][]OrphanUpdate
	unanswered map[ChatID][]UnansweredMessage
	refs       map[RefKey]ClientRef
	counts     map[CountKey]*Count

	answerable map[ChatID]bool
	echoed     map[ChatID]bool
	writes     writes
}

// The keys by which things are found.
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

// A Route tells whose a connection is.
type Route struct {
	Connection ConnectionID
	Company    CompanyID
	Kind       Kind
	Account    AccountKey

	Subscription *Subscription // of the company for the kind; nil: none
	Zone         *time.Location
	Suspended    *Failure // why nothing is sent over it; nil: it is not suspended
}

func (r Route) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// limited reports whether the outgoing dialogs of the connection have a limit.
func (r Route) hasDialogLimit() bool {
	return r.Subscription != nil && r.Subscription.Limit() != Unlimited
}

type location struct {
	chat   ChatID
	status DeliveryStatus
}

// A line of a book is an update with what it names and where it belongs.
type bookEntry struct {
	Update
	names
	route  Route
	routed bool // false: no connection is named, or none that exists
}

// NewBook opens a book for the updates. Fresh gives 26 characters that nothing
// was named by yet; see [ID].
func NewBook(updates []Update, fresh func() string) *Book {
	b := &Book{
		entries: make([]bookEntry, len(updates)), newID: fresh,
		routes: map[ConnectionID]Route{}, accounts: map[AccountKey]ConnectionID{},
		peers: map[PeerKey]ChatID{}, planned: map[ChatID]*Chat{}, locations: map[MessageID]location{},
		chats: map[ChatID]*Chat{}, messages: map[MessageID]*Message{}, open: map[ChatID][]MessageID{}, byName: map[ProviderKey]MessageID{},
		orphans: map[ProviderKey][]OrphanUpdate{}, unanswered: map[ChatID][]UnansweredMessage{}, refs: map[RefKey]ClientRef{},
		counts:     map[CountKey]*Count{},
		answerable: map[ChatID]bool{}, echoed: map[ChatID]bool{}, writes: newWrites(),
	}
	for i, u := range updates {
		b.entries[i] = bookEntry{Update: u, names: namesOf(u)}
	}
	return b
}

// Accounts lists the accounts that the updates came to.
func (b *Book) Accounts() []AccountKey {
	var keys set[AccountKey]
	for _, u := range b.entries {
		if u.Connection == "" && u.Hook != "" {
			keys.add(AccountKey{u.Hook, u.Account})
		}
	}
	return keys.list
}

// Connections lists the connections that the updates name themselves.
func (b *Book) Connections() []ConnectionID {
	var ids set[ConnectionID]
	for _, u := range b.entries {
		if u.Connection != "" {
			ids.add(u.Connection)
		}
	}
	return ids.list
}

// Commanded lists the chats that the updates name themselves: their connections
// are needed too.
func (b *Book) Commanded() []ChatID {
	var ids set[ChatID]
	for i := range b.entries {
		ids.add(b.entries[i].chat)
	}
	return ids.list
}

// Routed takes the connections that exist, and the database's time.
func (b *Book) Routed(now time.Time, routes []Route) {
	b.now = now
	for _, r := range routes {
		b.routes[r.Connection] = r
		b.accounts[r.Account] = r.Connection
	}
	for i := range b.entries {
		u := &b.entries[i]
		u.route, u.routed = b.route(u.Update)
	}
}

// Names is what the updates name and may exist already.
type Names struct {
	Messages  []MessageID
	Providers []ProviderKey
	Peers     []PeerKey
	Chats     []ChatID
	Refs      []RefKey
}

// Names lists what is to be looked for, each once.
func (b *Book) Names() Names {
	var messages set[MessageID]
	var providers set[ProviderKey]
	var peers set[PeerKey]
	var chats set[ChatID]
	var refs set[RefKey]
	for i := range b.entries {
		u := &b.entries[i]
		messages.add(u.message)
		messages.add(u.repliesTo)
		chats.add(u.chat)
		if u.ref != "" {
			refs.add(RefKey{u.Company, u.ref})
		}
		if key, ok := u.key(); ok {
			providers.add(key)
		}
		if !u.routed {
			continue
		}
		for _, p := range u.peers {
			peers.add(PeerKey{u.route.Connection, p})
		}
	}
	return Names{messages.list, providers.list, peers.list, chats.list, refs.list}
}

// A MessageHome is where a message was found before the locks.
type MessageLocation struct {
	ID         MessageID
	Chat       ChatID
	Connection ConnectionID
	ProviderID ProviderID
	Status     DeliveryStatus
}

// Resolved takes what was found of the Names, and plans the chats that the
// messages among the updates create. Only messages create chats.
func (b *Book) Resolved(homes []MessageLocation, peers map[PeerKey]ChatID) {
	byName := map[ProviderKey]MessageID{}
	for _, h := range homes {
		b.locations[h.ID] = location{h.Chat, h.Status}
		if h.ProviderID != "" {
			byName[ProviderKey{h.Connection, h.ProviderID}] = h.ID
		}
	}
	for key, chat := range peers {
		b.peers[key] = chat
	}
	for i := range b.entries {
		u := &b.entries[i]
		known, isKnown := b.locations[byName[ProviderKey{u.route.Connection, u.provider}]]
		if isKnown {
			b.chats[known.chat] = nil // to be locked
		}
		if ours, ok := b.locations[u.message]; ok {
			known, isKnown = ours, true
		}
		if u.routed && (u.creates && !isKnown || u.renames) {
			b.plan(u)
		}
		chat := known.chat
		if chat == "" {
			chat = u.chat
		}
		if chat == "" {
			chat = b.findPeer(u)
		}
		if chat == "" {
			continue
		}
		b.chats[chat] = nil
		if u.mayAnswer && (!isKnown || known.status == Queued || known.status == Failed) {
			b.answerable[chat] = true
		}
		if u.echo {
			b.echoed[chat] = true
		}
	}
}

// plan makes the chat of a peer that none has yet, if the update creates chats,
// and gives the chat the names of its peer that nobody has.
func (b *Book) plan(u *bookEntry) {
	r := u.route
	chat := b.findPeer(u)
	if chat == "" {
		if !u.creates || u.Company != "" && u.Company != r.Company {
			return
		}
		chat = ChatID("chat_" + b.newID())
		b.planned[chat] = &Chat{
			ID: chat, Company: r.Company, Connection: r.Connection, Kind: r.Kind, Peer: u.peers[0], CreatedAt: b.now,
		}
	}
	for _, p := range u.peers {
		if key := (PeerKey{r.Connection, p}); b.peers[key] == "" {
			b.peers[key] = chat
			if b.planned[chat] == nil || p != b.planned[chat].Peer {
				b.writes.aliases = append(b.writes.aliases, Alias{key, chat})
			}
		}
	}
}

// NewChats lists the chats to be created before the locks, in the order of
// their keys. One that another transaction created meanwhile is left alone.
func (b *Book) NewChats() []Chat {
	list := make([]Chat, 0, len(b.planned))
	for _, c := range b.planned {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(x, y Chat) int {
		return cmp.Or(cmp.Compare(x.Connection, y.Connection), cmp.Compare(x.Peer, y.Peer))
	})
	return list
}

// ChatIDs lists the chats to be locked that existed already.
func (b *Book) ChatIDs() []ChatID {
	var ids []ChatID
	for id := range b.chats {
		if b.planned[id] == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Answerable lists the chats in which something may be answered, so that the
// incoming messages that wait there are needed.
func (b *Book) Answerable() []ChatID { return sortedKeys(b.answerable) }

// Echoed lists the chats to which an echo came, so that what may have left
// there without an answer is needed.
func (b *Book) Echoed() []ChatID { return sortedKeys(b.echoed) }

// Loaded is what a store read under the locks.
type Loaded struct {
	Chats      []Chat                         // by ChatIDs, and by the keys of NewChats
	Messages   []Message                      // by Names.Messages, Names.Providers and Refs; and the open ones of Echoed
	Orphans    []OrphanUpdate                 // by Names.Providers
	Unanswered map[ChatID][]UnansweredMessage // of Answerable, beyond the chat's watermark
	Refs       map[RefKey]ClientRef           // by Names.Refs
}

// Loaded takes what was read under the locks.
func (b *Book) Loaded(l Loaded) error {
	byKey := map[PeerKey]ChatID{}
	for _, c := range l.Chats {
		b.chats[c.ID] = &c
		byKey[PeerKey{c.Connection, c.Peer}] = c.ID
	}
	for id, c := range b.planned {
		if byKey[PeerKey{c.Connection, c.Peer}] != id {
			return fmt.Errorf("another transaction created the chat of %s: %w", c.Peer, ErrAgain)
		}
	}
	for id, c := range b.chats {
		if c == nil {
			delete(b.chats, id) // no such chat
		}
	}
	for _, m := range l.Messages {
		b.messages[m.ID] = &m
		if m.ProviderID != "" {
			b.byName[ProviderKey{m.Connection, m.ProviderID}] = m.ID
		}
		b.noteOpen(&m)
	}
	for _, o := range l.Orphans {
		key := ProviderKey{o.Connection, o.ProviderID}
		b.orphans[key] = append(b.orphans[key], o)
	}
	maps.Copy(b.unanswered, l.Unanswered)
	maps.Copy(b.refs, l.Refs)
	for i := range b.entries {
		u := &b.entries[i]
		m := b.message(u)
		if m != nil && b.chats[m.Chat] == nil && u.repliesTo == "" {
			return fmt.Errorf("message %s is in chat %s: %w", m.ID, m.Chat, ErrAgain)
		}
		if _, arrived := u.Fact.(MessageArrived); arrived && u.routed && m == nil && b.chats[b.findPeer(u)] == nil {
			return fmt.Errorf("message %s is gone, and it was to show the chat: %w", u.provider, ErrAgain)
		}
	}
	return nil
}

// A Result is what became of one update.
type Result struct {
	Outcome Outcome
	Err     error   // a Refusal, or nil
	Kind    Kind    // of the connection; empty: none found
	Tariff  Tariff  // of its subscription, with a chat; empty: none
	Chat    Chat    // as it is now; zero: the update concerns none
	Message Message // as it is now; zero: the update concerns none
}

// Decide runs the rules over the updates in their order.
func (b *Book) Decide() (results []Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &DataError{fmt.Errorf("panic in the rules: %v", p)}
		}
	}()
	results = make([]Result, len(b.entries))
	for i := range b.entries {
		if results[i], err = b.apply(&b.entries[i]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// apply runs the rules over one update, and over what waited for its message.
func (b *Book) apply(u *bookEntry) (Result, error) {
	if !u.routed && u.Hook != "" {
		return Result{Outcome: Parked}, nil // it came to an account that no connection has
	}
	s := b.state(u)
	if s.Chat != nil && u.Company != "" && s.Chat.Company != u.Company {
		return Result{Err: ErrNotFound}, nil
	}
	change := Decide(s, u.Update)
	if change.Refusal != nil {
		return Result{Err: change.Refusal}, nil
	}
	key, keyed := u.key()
	if change.Orphan {
		if !keyed {
			change.Outcome = Ignored // names no message at all
		} else if err := b.storeOrphan(u.Update, key, &change); err != nil {
			return Result{}, err
		}
	}
	result, err := b.record(s, u, change)
	if err != nil || !keyed {
		return result, err
	}
	if _, arrived := u.Fact.(MessageArrived); arrived && change.Outcome == Dropped {
		b.forget(key) // the message will never be stored
	}
	if b.byName[key] != "" {
		err = b.join(key, &result)
	}
	return result, err
}

// wait keeps an update until the message it names appears.
func (b *Book) storeOrphan(u Update, key ProviderKey, change *Change) error {
	w, err := newOrphan(u, key)
	if err != nil {
		return err
	}
	for _, o := range b.orphans[key] {
		if o.Digest == w.Digest {
			change.Outcome = Repeated
			return nil
		}
	}
	b.orphans[key] = append(b.orphans[key], w)
	b.writes.orphans[orphanKey{key, w.Digest}] = w
	return nil
}

// join applies what waited for a message that is known now.
func (b *Book) join(key ProviderKey, result *Result) error {
	waited := b.orphans[key]
	b.forget(key)
	for _, w := range waited {
		u, err := w.update()
		if err != nil {
			return &DataError{err}
		}
		l := bookEntry{Update: u, names: namesOf(u)}
		l.route, l.routed = b.route(u)
		r, err := b.apply(&l)
		if err != nil {
			return err
		}
		result.Chat, result.Message = r.Chat, r.Message
	}
	return nil
}

// forget deletes what waits for a message.
func (b *Book) forget(key ProviderKey) {
	for _, w := range b.orphans[key] {
		delete(b.writes.orphans, orphanKey{key, w.Digest})
		b.writes.joined = append(b.writes.joined, w)
	}
	delete(b.orphans, key)
}

// state gathers what Decide needs for an update.
func (b *Book) state(u *bookEntry) State {
	s := State{Now: b.now, Message: b.message(u)}
	chat := u.chat
	if s.Message != nil && u.repliesTo == "" {
		chat = s.Message.Chat
	}
	if chat == "" {
		chat = b.findPeer(u)
	}
	s.Chat = b.chats[chat]
	if s.Chat != nil {
		s.Unanswered = b.unanswered[chat]
		r := b.routes[s.Chat.Connection]
		s.Subscription, s.Zone, s.Suspended = r.Subscription, r.zone(), r.Suspended
		if r.Subscription != nil {
			s.OutgoingDialogsUsed = b.used(CountKey{r.Subscription.ID, Month(b.now, s.Zone)})
			s.PaidDialogsUsed = b.used(CountKey{r.Subscription.ID, PaidDialogs})
		}
	}
	if u.creates {
		s.NewID = b.newID()
	}
	if u.ref != "" {
		if ref, ok := b.refs[RefKey{u.Company, u.ref}]; ok {
			s.Ref = &ref
			s.Message = b.messages[ref.Message]
		}
	}
	if u.echo {
		s.Open = b.openIn(chat)
	}
	if key, ok := u.key(); ok && u.message != "" {
		s.Echo = b.messages[b.byName[key]]
	}
	return s
}

// openIn lists our messages of a chat that may have left without an answer, the
// oldest first.
func (b *Book) openIn(chat ChatID) []Message {
	var open []Message
	for _, id := range b.open[chat] {
		if m := b.messages[id]; m != nil && m.Open() {
			open = append(open, *m)
		}
	}
	return open
}

// noteOpen remembers a message that openIn may list.
func (b *Book) noteOpen(m *Message) {
	if !m.Open() || slices.Contains(b.open[m.Chat], m.ID) {
		return
	}
	open := append(b.open[m.Chat], m.ID)
	slices.SortFunc(open, func(x, y MessageID) int { return cmp.Compare(b.messages[x].Seq, b.messages[y].Seq) })
	b.open[m.Chat] = open
}

// message finds the message that an update names: by our id, else by the messenger's.
func (b *Book) message(u *bookEntry) *Message {
	if u.repliesTo != "" {
		return b.messages[u.repliesTo]
	}
	if m := b.messages[u.message]; m != nil && (!u.routed || m.Connection == u.route.Connection) {
		return m
	}
	if key, ok := u.key(); ok {
		return b.messages[b.byName[key]]
	}
	return nil
}

// key is the messenger's name of the message that an update is about.
func (u *bookEntry) key() (ProviderKey, bool) {
	return ProviderKey{u.route.Connection, u.provider}, u.routed && u.provider != ""
}

func (b *Book) route(u Update) (Route, bool) {
	id := u.Connection
	if id == "" && u.Hook != "" {
		id = b.accounts[AccountKey{u.Hook, u.Account}]
	}
	r, ok := b.routes[id]
	return r, ok
}

// findPeer finds the chat of the peer that an update names; empty: none.
func (b *Book) findPeer(u *bookEntry) ChatID {
	if !u.routed {
		return ""
	}
	for _, p := range u.peers {
		if chat := b.peers[PeerKey{u.route.Connection, p}]; chat != "" {
			return chat
		}
	}
	return ""
}
