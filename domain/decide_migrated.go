package domain

// decideMigrated: the messenger gave the peer of a chat another id. A chat keeps
// the key under which it began, and so its messages and its blacklist; both ids
// name it, and what is sent goes to the new one. Where a message to the new id
// came first and made a chat of its own, both chats stay. A migration creates
// no chat: a peer that nobody knows is met under its new id.
func decideMigrated(s State, f PeerMigrated) Change {
	change := Change{Outcome: Repeated}
	switch {
	case s.Chat == nil:
		change.Outcome = Ignored
	case change.move(s.Chat, f.Peer, f.To):
		change.Outcome = Applied
	}
	return change
}

// move sends what follows to another id of the chat's peer, and reports whether
// it did not go there already. A chat that moved on stays where it is when the
// move before is told again.
func (c *Change) move(chat *Chat, from, to PeerID) bool {
	if to == "" || to == chat.Address() || chat.MovedTo != "" && from != chat.MovedTo {
		return false
	}
	if c.Chat == nil {
		copied := *chat
		c.Chat = &copied
	}
	c.Chat.MovedTo = to
	c.Alias = append(c.Alias, to)
	return true
}
