package domain

import (
	"slices"
	"time"
)

// acting returns the chat in which an update takes effect: a command in a chat
// that was merged takes effect in the one that goes on.
func (b *Book) acting(e *bookEntry, c *Chat) *Chat {
	if c == nil || c.MergedInto == "" {
		return c
	}
	switch e.Fact.(type) {
	case SendRequested, BlockRequested:
		return b.living(c)
	}
	return c
}

// living returns the chat that goes on for the peer of a chat.
func (b *Book) living(c *Chat) *Chat {
	for c != nil && c.MergedInto != "" {
		c = b.chats[c.MergedInto]
	}
	return c
}

// livingID returns the ID of the chat that goes on for the peer of a chat.
func (b *Book) livingID(chat ChatID) ChatID {
	if c := b.living(b.chats[chat]); c != nil {
		return c.ID
	}
	return chat
}

// namesBefore lists the names of an update that led to the chat before it.
func (b *Book) namesBefore(e *bookEntry, chat ChatID) (known []PeerID) {
	if !e.onePeer {
		return nil
	}
	for _, p := range e.peers {
		if key := (PeerKey{e.route.Connection, p}); b.peers[key] == chat && !b.fresh[key] {
			known = append(known, p)
		}
	}
	return known
}

// mergedInto lists the chats that were read and are merged into one.
func (b *Book) mergedInto(chat ChatID) (merged []ChatID) {
	if len(b.whole) == 0 {
		return nil
	}
	for id, c := range b.chats {
		if c.MergedInto == chat {
			merged = append(merged, id)
		}
	}
	return merged
}

// settleNames notes that later updates know the names of this one.
func (b *Book) settleNames(e *bookEntry) {
	if len(b.fresh) == 0 {
		return
	}
	for _, p := range e.peers {
		delete(b.fresh, PeerKey{e.route.Connection, p})
	}
}

// unite merges the chats that the names of an update lead to: they are of one
// peer. It reports whether there were several.
func (b *Book) unite(e *bookEntry, found *Chat) (bool, error) {
	var chats []*Chat
	add := func(c *Chat) {
		if c = b.living(c); c != nil && !slices.Contains(chats, c) {
			chats = append(chats, c)
		}
	}
	for _, p := range e.peers {
		add(b.chats[b.peers[PeerKey{e.route.Connection, p}]])
	}
	if e.receives {
		if _, status := e.Fact.(StatusReported); status && found.IsGroup {
			return false, nil // the names are those of a member
		}
		add(found)
	}
	if len(chats) < 2 {
		return false, nil
	}
	slices.SortFunc(chats, olderChat)
	for _, younger := range chats[1:] {
		if err := b.merge(b.chats[chats[0].ID], younger); err != nil {
			return false, err
		}
	}
	return true, nil
}

// merge ends the younger of two chats of one peer.
func (b *Book) merge(older, younger *Chat) error {
	into, merged := mergeChats(older, younger)
	r := b.routes[older.Connection]
	State{Subscription: r.Subscription}.mergeDialogs(into, merged)
	for key, chat := range b.peers {
		if chat == merged.ID {
			b.peers[key] = into.ID
		}
	}
	for i := range b.writes.aliases {
		if b.writes.aliases[i].Chat == merged.ID {
			b.writes.aliases[i].Chat = into.ID
		}
	}
	for i := range b.writes.merges {
		if b.writes.merges[i].Chat == merged.ID {
			b.writes.merges[i].Chat = into.ID
		}
	}
	for _, c := range b.chats {
		if c.MergedInto == merged.ID {
			followed := *c
			followed.MergedInto = into.ID
			b.store(&followed)
		}
	}
	if err := b.count(younger, merged); err != nil {
		return err
	}
	if err := b.count(older, into); err != nil {
		return err
	}
	if b.planned[merged.ID] != nil && !b.writes.chats[merged.ID] { // it was never used
		b.writes.aliases = append(b.writes.aliases, Alias{PeerKey{merged.Connection, merged.Peer}, into.ID})
		return nil
	}
	b.writes.merges = append(b.writes.merges, Merge{Alias{PeerKey{merged.Connection, merged.Peer}, into.ID}, merged.ID})
	merged.Seq++
	b.store(into)
	b.store(merged)
	return b.addEvent(newChatEvent(b.eventID(), b.now, merged, notice{EventChatMerged, chatMerged{into.ID}}))
}

// store enters a chat in the book, to be written.
func (b *Book) store(c *Chat) {
	if b.chats[c.ID].contact() != c.contact() {
		b.writes.renamed[c.ID] = true
	}
	b.chats[c.ID] = c
	b.writes.chats[c.ID] = true
}

// releaseDialog removes a refused message of a merged chat from the dialogs of the
// chat that goes on, which took over those of the other. A zero time: there is none.
func (b *Book) releaseDialog(merged *Chat, acceptedAt time.Time) error {
	into := b.living(merged)
	if acceptedAt.IsZero() || into == nil {
		return nil
	}
	d, found := into.dialogWithout(acceptedAt)
	if !found {
		return nil
	}
	after := *into
	after.setDialog(d)
	b.store(&after)
	return b.count(into, &after)
}

// blockMerged gives the chats that are merged into one the same place on the
// blacklist: messages may still wait in them.
func (b *Book) blockMerged(c *Chat) {
	for _, other := range b.chats {
		if other.MergedInto == c.ID && (other.Blocked() != c.Blocked() || other.BlockedBy != c.BlockedBy) {
			same := *other
			same.BlockedBy, same.BlockedAt = c.BlockedBy, c.BlockedAt
			b.store(&same)
		}
	}
}
