package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// ChatNeeds is what a store creates, locks and loads.
type ChatNeeds struct {
	Names // load the messages, the orphans of Providers, the Refs with their messages, and the Media

	Targets []MessageID // load these messages too: those of Names act on them

	// New lists chats to be created before the locks, in the order of their keys.
	// One that another transaction has created in the meantime is left as it is.
	New []Chat

	Existing   []ChatID // to be locked, and the chats that they are merged into
	Whole      []ChatID // to be locked with all chats that are merged with them
	Answerable []ChatID // load their unanswered messages
}

// NeedChats lists what is to be created, locked in the order of the keys of
// chats, and loaded under the locks.
func (b *Book) NeedChats() ChatNeeds {
	b.enter("NeedChats")
	n := ChatNeeds{
		Names: b.names, Targets: b.targets.list, New: make([]Chat, 0, len(b.planned)),
		Whole: sortedKeys(b.whole), Answerable: sortedKeys(b.answerable),
	}
	for _, c := range b.planned {
		n.New = append(n.New, *c)
	}
	slices.SortFunc(n.New, func(x, y Chat) int {
		return cmp.Or(cmp.Compare(x.Connection, y.Connection), cmp.Compare(x.Peer, y.Peer))
	})
	for id := range b.chats {
		if b.planned[id] == nil {
			n.Existing = append(n.Existing, id)
		}
	}
	slices.Sort(n.Existing)
	return n
}

// Loaded is what a store read under the locks, by ChatNeeds.
type Loaded struct {
	Chats      []Chat    // Existing with what they are merged into, Whole, and those with the keys of New
	Messages   []Message // by Messages, Targets, Providers and Refs
	Orphans    []OrphanUpdate
	Unanswered map[ChatID][]UnansweredMessage // of Answerable, those beyond the chat's watermark
	Refs       map[RefKey]ClientRef
	Media      []StoredMedia
}

// SetChats takes what was read under the locks. It returns ErrAgain where that
// is not what was found before them.
func (b *Book) SetChats(l Loaded) error {
	b.enter("SetChats")
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
	}
	for _, m := range l.Media {
		b.media[m.ID] = &m
	}
	for _, o := range l.Orphans {
		key := ProviderKey{o.Connection, o.ProviderID}
		b.orphans[key] = append(b.orphans[key], o)
	}
	maps.Copy(b.unanswered, l.Unanswered)
	maps.Copy(b.refs, l.Refs)
	return b.checkLocked()
}

// checkLocked returns ErrAgain if an update needs a chat that was not locked.
func (b *Book) checkLocked() error {
	for key, id := range b.peers {
		if c := b.chats[id]; c != nil && c.MergedInto != "" {
			return fmt.Errorf("%s was merged and is no longer called %s: %w", id, key.Peer, ErrAgain)
		}
	}
	for i := range b.entries {
		e := &b.entries[i]
		m := b.message(e)
		if m != nil && b.chats[m.Chat] == nil && e.follows == "" {
			return fmt.Errorf("message %s is in chat %s: %w", m.ID, m.Chat, ErrAgain)
		}
		if _, arrived := e.Fact.(MessageArrived); arrived && e.routed && m == nil && b.chats[b.findPeer(e)] == nil {
			return fmt.Errorf("message %s is gone, and with it the way to its chat: %w", e.provider, ErrAgain)
		}
	}
	return nil
}
