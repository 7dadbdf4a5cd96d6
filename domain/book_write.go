package domain

import (
	"cmp"
	"maps"
	"slices"
)

// An Alias is a further name of the peer of a chat.
type Alias struct {
	PeerKey
	Chat ChatID
}

// A Merge ends a chat: another has its names from now on, those included that
// were not read, and follows it as MergedInto of the chats that it had taken in.
type Merge struct {
	Alias // the first name of the chat that ends, and the chat that goes on
	From  ChatID
}

// A NewRef is a client_ref to be stored.
type NewRef struct {
	RefKey
	ClientRef
}

type orphanKey struct {
	ProviderKey
	digest string
}

// writes collects the keys of what changed; Writes adds the rows.
type writes struct {
	chats          map[ChatID]bool
	renamed        map[ChatID]bool // of chats
	created        map[MessageID]bool
	changed        map[MessageID]bool
	removed        []MessageID
	aliases        []Alias
	orphans        map[orphanKey]OrphanUpdate
	removedOrphans []OrphanUpdate
	events         []Event
	refs           []NewRef
	counts         map[CountKey]*Count
	prices         map[PriceCount]int64 // keys without Messages
	presses        []Acknowledgement
	signals        []RecordedSignal
	arrived        []StoredMedia
	fetched        []StoredMedia
	used           []MediaUse
	uploads        map[UploadKey]Upload

	connections map[ConnectionID]ConnectionChange
	merges      []Merge
}

// count returns the difference to be added to a count.
func (w *writes) count(key CountKey) *Count {
	if w.counts[key] == nil {
		w.counts[key] = &Count{CountKey: key}
	}
	return w.counts[key]
}

func newWrites() writes {
	return writes{
		chats: map[ChatID]bool{}, renamed: map[ChatID]bool{}, created: map[MessageID]bool{}, changed: map[MessageID]bool{},
		orphans: map[orphanKey]OrphanUpdate{}, counts: map[CountKey]*Count{}, prices: map[PriceCount]int64{},
		connections: map[ConnectionID]ConnectionChange{}, uploads: map[UploadKey]Upload{},
	}
}

// Writes is what a transaction stores, each list sorted by its key, events in
// their order.
type Writes struct {
	Chats          []Chat   // to be updated; their names are as they were
	Named          []Chat   // to be updated, and to be found by other names than before: new ones, which ChatNeeds.New created, among them
	UnusedChats    []ChatID // created by ChatNeeds.New before the locks, but no update used them; delete them
	Created        []Message
	Changed        []Message
	Removed        []MessageID // delete these first: messages that stay take over their provider ids
	Merges         []Merge     // before the aliases
	Aliases        []Alias     // a name that another chat has stays with that chat
	Orphans        []OrphanUpdate
	RemovedOrphans []OrphanUpdate // to be deleted, if they are stored
	Events         []Event
	Refs           []NewRef
	Counts         []Count // before the messages; Used and Reserved are to be added, Alerted appended

	Prices  []PriceCount // Messages are to be added
	Presses []Acknowledgement
	Signals []RecordedSignal

	Arrived []StoredMedia // files of messages, to be fetched; one that is stored already stays as it is
	Fetched []StoredMedia // files that changed; one that does not wait any more stays as it is
	Used    []MediaUse    // an upload that a message named before stays with it
	Uploads []Upload      // in place of what the messenger called them before

	Connections []ConnectionChange // last, so that their locks are short; the later SendAfter wins
}

// Empty reports whether there is nothing to store, so that the transaction can
// be rolled back, the chats created before the locks included. Refs, counts,
// prices, presses, files that arrive and uses of uploads never occur without a chat
// or a message, nor signals and events without those or a connection.
func (w Writes) Empty() bool {
	return len(w.Connections)+len(w.Chats)+len(w.Named)+len(w.Created)+len(w.Changed)+len(w.Removed)+len(w.Aliases)+len(w.Orphans)+len(w.RemovedOrphans)+
		len(w.Fetched)+len(w.Uploads) == 0
}

// Writes lists what is to be stored.
func (b *Book) Writes() Writes {
	b.enter("Writes")
	w := Writes{
		Removed: b.writes.removed, RemovedOrphans: b.writes.removedOrphans,
		Events: b.writes.events, Refs: b.writes.refs, Merges: b.writes.merges,
		Presses: b.writes.presses, Signals: b.writes.signals,
		Arrived: b.writes.arrived, Fetched: b.writes.fetched, Used: b.writes.used,
		Created: b.messagesOf(b.writes.created), Changed: b.messagesOf(b.writes.changed),
	}
	b.addChats(&w)
	b.addCounts(&w)
	w.Orphans = slices.Collect(maps.Values(b.writes.orphans))
	slices.SortFunc(w.Orphans, func(x, y OrphanUpdate) int { return cmp.Compare(x.Digest, y.Digest) })
	w.Connections = slices.Collect(maps.Values(b.writes.connections))
	slices.SortFunc(w.Connections, func(x, y ConnectionChange) int { return cmp.Compare(x.ID, y.ID) })
	w.Uploads = slices.Collect(maps.Values(b.writes.uploads))
	sortMedia(w)
	return w
}

func (b *Book) messagesOf(ids map[MessageID]bool) []Message {
	list := make([]Message, 0, len(ids))
	for _, id := range sortedKeys(ids) {
		list = append(list, *b.messages[id])
	}
	return list
}

// addChats lists the chats, and the further names of those that are used.
func (b *Book) addChats(w *Writes) {
	w.Chats = make([]Chat, 0, len(b.writes.chats))
	for _, id := range sortedKeys(b.writes.chats) {
		if b.writes.renamed[id] || b.planned[id] != nil {
			w.Named = append(w.Named, *b.chats[id])
		} else {
			w.Chats = append(w.Chats, *b.chats[id])
		}
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
	slices.SortFunc(w.Aliases, func(x, y Alias) int {
		return cmp.Or(cmp.Compare(x.Connection, y.Connection), cmp.Compare(x.Peer, y.Peer))
	})
}

// addCounts lists the counts of dialogs and of prices that changed.
func (b *Book) addCounts(w *Writes) {
	for _, c := range b.writes.counts {
		if c.Used != 0 || c.Reserved != 0 || c.Alerted != "" {
			w.Counts = append(w.Counts, *c)
		}
	}
	slices.SortFunc(w.Counts, func(x, y Count) int { return byCount(x.CountKey, y.CountKey) })
	for key, n := range b.writes.prices {
		key.Messages = n
		w.Prices = append(w.Prices, key)
	}
	slices.SortFunc(w.Prices, byPrice)
}
