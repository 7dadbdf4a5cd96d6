package domain

// decideMigrated handles a new id of the peer of a chat. The chat keeps the key
// with which it was created, and so its messages and its blacklist; both ids name
// it, and messages are sent to the new one. If a message to the new id came first
// and created a chat of its own, both chats stay. A migration creates no chat:
// an unknown peer gets one with its first message under the new id.
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
// whether they did not already. A repeat of an earlier move does not undo a later
// one.
func (c *Change) move(s State, from, to PeerID) bool {
	chat := c.chat(s)
	if to == "" || to == chat.Address() || chat.MovedTo != "" && from != chat.MovedTo {
		return false
	}
	c.edit(s).MovedTo = to
	c.Aliases = append(c.Aliases, to)
	return true
}
