package domain

import (
	"cmp"
	"slices"
)

// keep takes a change into the book: later updates see it, and it is written.
func (b *Book) record(s State, u *bookEntry, change Change) (Result, error) {
	result := Result{Outcome: change.Outcome, Kind: u.route.Kind}
	chat := s.Chat
	if change.Chat != nil {
		chat = change.Chat
	}
	if chat == nil {
		if s.Message != nil {
			result.Message = *s.Message
		}
		return result, nil
	}
	result.Kind = chat.Kind
	b.alias(chat, change.Alias)
	if change.Chat != nil {
		if err := b.count(s.Chat, change.Chat); err != nil {
			return Result{}, err
		}
	}
	if err := b.recordConnection(chat, &change); err != nil {
		return Result{}, err
	}
	if len(change.notices) > 0 && change.Chat == nil {
		c := *chat
		chat = &c
	}
	for i, n := range change.notices {
		chat.Seq++
		if i == 0 && change.Message != nil && change.Message.Seq == 0 {
			change.Message.Seq = chat.Seq
		}
		if err := b.addEvent(newChatEvent(b.eventID(), b.now, chat, n)); err != nil {
			return Result{}, err
		}
	}
	if chat != s.Chat {
		b.chats[chat.ID] = chat
		b.writes.chats[chat.ID] = true
	}
	if m := change.Message; m != nil {
		b.recordMessage(s, m)
		result.Message = *m
	} else if s.Message != nil {
		result.Message = *s.Message
	}
	if change.Remove != "" {
		b.remove(change.Remove)
	}
	if f, ok := u.Fact.(SendRequested); ok && f.ClientRef != "" && change.Outcome == Applied {
		ref := RefKey{chat.Company, f.ClientRef}
		b.refs[ref] = ClientRef{f.ID, f.Digest()}
		b.writes.refs = append(b.writes.refs, NewRef{ref, ClientRef{f.ID, f.Digest()}})
	}
	result.Chat = *chat
	if s.Subscription != nil {
		result.Tariff = s.Subscription.Tariff
	}
	return result, nil
}

func (b *Book) eventID() EventID { return EventID("evt_" + b.newID()) }

// tell keeps an event, if it could be made.
func (b *Book) addEvent(e Event, err error) error {
	if err != nil {
		return &DataError{err}
	}
	b.writes.events = append(b.writes.events, e)
	return nil
}

func (b *Book) recordMessage(s State, m *Message) {
	_, known := b.messages[m.ID]
	b.messages[m.ID] = m
	if m.ProviderID != "" {
		b.byName[ProviderKey{m.Connection, m.ProviderID}] = m.ID
	}
	b.noteOpen(m)
	if !known {
		b.writes.created[m.ID] = true
		if m.Direction == Inbound {
			b.unanswered[m.Chat] = append(b.unanswered[m.Chat], UnansweredMessage{Seq: m.InboundSeq, At: m.At})
		}
	} else if !b.writes.created[m.ID] {
		b.writes.changed[m.ID] = true
	}
}

func (b *Book) remove(id MessageID) {
	if !b.writes.created[id] {
		b.writes.removed = append(b.writes.removed, id)
	}
	delete(b.writes.created, id)
	delete(b.writes.changed, id)
	delete(b.messages, id)
}

// alias gives the chat further names of its peer, if nobody has them.
func (b *Book) alias(c *Chat, peers []PeerID) {
	for _, p := range peers {
		key := PeerKey{c.Connection, p}
		if p != "" && p != c.Peer && b.peers[key] == "" {
			b.peers[key] = c.ID
			b.writes.aliases = append(b.writes.aliases, Alias{key, c.ID})
		}
	}
}

// An Alias is a further name of a chat's peer.
type Alias struct {
	PeerKey
	Chat ChatID
}

// A NewRef is a client_ref to be remembered.
type NewRef struct {
	RefKey
	ClientRef
}

type orphanKey struct {
	ProviderKey
	digest string
}

// writes gathers what changed.
type writes struct {
	chats   map[ChatID]bool
	created map[MessageID]bool
	changed map[MessageID]bool
	removed []MessageID
	aliases []Alias
	orphans map[orphanKey]OrphanUpdate
	joined  []OrphanUpdate
	events  []Event
	refs    []NewRef
	counts  map[CountKey]*Count

	connections map[ConnectionID]ConnectionChange
}

// count returns the change of a count.
func (w *writes) count(key CountKey) *Count {
	if w.counts[key] == nil {
		w.counts[key] = &Count{CountKey: key}
	}
	return w.counts[key]
}

func newWrites() writes {
	return writes{
		chats: map[ChatID]bool{}, created: map[MessageID]bool{}, changed: map[MessageID]bool{},
		orphans: map[orphanKey]OrphanUpdate{}, counts: map[CountKey]*Count{},
		connections: map[ConnectionID]ConnectionChange{},
	}
}

// Writes is what a transaction stores, each list sorted by its key, events in
// their order.
type Writes struct {
	Chats       []Chat   // exist already; see NewChats
	UnusedChats []ChatID // of NewChats, and no message came into them: they go again
	Created     []Message
	Changed     []Message
	Removed     []MessageID // before the others: their provider ids go to messages that stay
	Aliases     []Alias     // one that somebody else has stays his
	Orphans     []OrphanUpdate
	Joined      []OrphanUpdate // orphans to be deleted, if they are stored
	Events      []Event
	Refs        []NewRef
	Counts      []Count // before the messages; Used and Reserved are to be added, Told appended

	Connections []ConnectionChange // last; what a later transaction stored of SendAfter stays
}

// Empty reports whether there is nothing to store, so that also the chats that
// were created before the locks must go.
func (w Writes) Empty() bool {
	return len(w.Chats)+len(w.Created)+len(w.Changed)+len(w.Removed)+len(w.Aliases)+len(w.Orphans)+len(w.Joined) == 0
}

// Writes lists what is to be stored.
func (b *Book) Writes() Writes {
	w := Writes{
		Removed: b.writes.removed, Joined: b.writes.joined,
		Events: b.writes.events, Refs: b.writes.refs,
		Chats:   make([]Chat, 0, len(b.writes.chats)),
		Created: make([]Message, 0, len(b.writes.created)),
		Changed: make([]Message, 0, len(b.writes.changed)),
	}
	for _, id := range sortedKeys(b.writes.chats) {
		w.Chats = append(w.Chats, *b.chats[id])
	}
	for id := range b.planned {
		if !b.writes.chats[id] {
			w.UnusedChats = append(w.UnusedChats, id)
		}
	}
	slices.Sort(w.UnusedChats)
	for _, a := range b.writes.aliases {
		if !slices.Contains(w.UnusedChats, a.Chat) {
			w.Aliases = append(w.Aliases, a)
		}
	}
	for _, id := range sortedKeys(b.writes.created) {
		w.Created = append(w.Created, *b.messages[id])
	}
	for _, id := range sortedKeys(b.writes.changed) {
		w.Changed = append(w.Changed, *b.messages[id])
	}
	for _, o := range b.writes.orphans {
		w.Orphans = append(w.Orphans, o)
	}
	for _, c := range b.writes.counts {
		if c.Used != 0 || c.Reserved != 0 || c.Alerted != "" {
			w.Counts = append(w.Counts, *c)
		}
	}
	for _, c := range b.writes.connections {
		w.Connections = append(w.Connections, c)
	}
	slices.SortFunc(w.Connections, func(x, y ConnectionChange) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(w.Counts, func(x, y Count) int { return byCount(x.CountKey, y.CountKey) })
	slices.SortFunc(w.Orphans, func(x, y OrphanUpdate) int { return cmp.Compare(x.Digest, y.Digest) })
	slices.SortFunc(w.Aliases, func(x, y Alias) int {
		return cmp.Or(cmp.Compare(x.Connection, y.Connection), cmp.Compare(x.Peer, y.Peer))
	})
	return w
}

// names is what one update names.
type names struct {
	message   MessageID
	repliesTo MessageID
	provider  ProviderID
	peers     []PeerID
	chat      ChatID
	ref       string
	creates   bool // a chat, if there is none
	mayAnswer bool // may raise a watermark, itself or by an orphan that it joins
	echo      bool
	renames   bool // all its peers are one
}

// named has a line for every Fact.
func namesOf(u Update) names {
	switch f := u.Fact.(type) {
	case MessageArrived:
		echo := f.Direction == Outbound
		return names{provider: f.ProviderID, peers: append([]PeerID{f.Peer}, f.AlsoKnown...), creates: true, mayAnswer: echo, echo: echo}
	case StatusReported:
		return names{message: f.Message, provider: f.ProviderID, mayAnswer: true}
	case MessageEdited:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case MessageDeleted:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case MessageReacted:
		return names{provider: f.ProviderID, peers: nonEmpty(f.Peer), mayAnswer: true}
	case PeerMigrated:
		return names{peers: []PeerID{f.Peer, f.To}, renames: true}
	case SendRequested:
		return names{repliesTo: f.ReplyTo, chat: f.Chat, peers: nonEmpty(f.Peer), ref: f.ClientRef, creates: f.Chat == ""}
	case SendBegun:
		return names{message: f.Message}
	case SendEnded:
		return names{message: f.Message, provider: f.Result.ProviderID, mayAnswer: true}
	case EvidenceOverdue:
		return names{message: f.Message}
	case PriceOverdue:
		return names{chat: f.Chat}
	case BlockRequested:
		return names{chat: f.Chat}
	case NoReplyNeeded:
		return names{chat: f.Chat, mayAnswer: true}
	case OrphansDue:
		return names{provider: f.ProviderID, mayAnswer: true}
	}
	return names{}
}

func nonEmpty(p PeerID) []PeerID {
	if p == "" {
		return nil
	}
	return []PeerID{p}
}

// A set keeps what is added, once, in the order in which it came. Zero values
// are not added.
type set[T comparable] struct {
	has  map[T]bool
	list []T
}

func (s *set[T]) add(v T) {
	var zero T
	if v == zero || s.has[v] {
		return
	}
	if s.has == nil {
		s.has = map[T]bool{}
	}
	s.has[v] = true
	s.list = append(s.list, v)
}

func sortedKeys[K cmp.Ordered](m map[K]bool) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
