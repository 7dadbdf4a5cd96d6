package domain

import "slices"

// decideMigrated handles a new id of the peer of a chat. The chat keeps the key
// with which it was created, and so its messages and its blacklist; both ids name
// it, and messages are sent to the new one. A chat that the new id made of its own
// is merged before. A migration creates no chat: an unknown peer gets one with
// its first message under the new id.
func decideMigrated(s State, f PeerMigrated) Change {
	change := Change{Outcome: Repeated}
	switch {
	case s.Chat == nil:
		change.Outcome = Ignored
	case change.move(s, f.Peer, f.To):
		change.Outcome = Applied
	}
	return change
}

// move makes later messages go to another id of the chat's peer, and reports
// whether anything is new. A repeat of an earlier move does not undo a later one.
// Who has a phone number is still written to by it when another name changes.
func (c *Change) move(s State, from, to PeerID) bool {
	chat := c.chat(s)
	address := chat.Address()
	if to == "" || to == from || to == address || chat.MergedInto != "" {
		return false
	}
	writesTo := !address.IsPhone() || !to.isUserID()
	if slices.Contains(s.Names, to) && (from != address || !writesTo) {
		return false
	}
	if writesTo {
		c.edit(s).MovedTo = to
	}
	c.Aliases = append(c.Aliases, to)
	c.addNotice(EventChatPeerChanged, chatPeerChanged{from, to})
	return true
}

// learn notes the names that a messenger gives the peer of the chat. Messages are
// sent to a phone number that is new among them, as the messenger writes it, rather
// than to another name or to a spelling of ours.
func (c *Change) learn(s State, names ...PeerID) {
	c.Aliases = append(c.Aliases, names...)
	chat := c.chat(s)
	if chat == nil || chat.IsGroup || chat.MergedInto != "" || !chat.Kind.Traits().Phones {
		return
	}
	address := chat.Address()
	if address.IsPhone() && slices.Contains(names, address) {
		return
	}
	for _, p := range names {
		if p.IsPhone() && p != address && p != chat.Peer && !slices.Contains(s.Names, p) {
			c.edit(s).MovedTo = p
			return
		}
	}
}
