package domain

// state gathers what Decide needs for an update.
func (b *Book) state(e *bookEntry) State {
	s := State{Now: b.now, Message: b.message(e), Media: b.media[e.media]}
	if s.Message != nil {
		s.Target = b.messages[s.Message.Target]
	}
	if e.routed {
		r := b.routes[e.route.Connection]
		s.Suspended, s.Closed, s.Watched = r.Suspended, r.Closed, r.Watched
	}
	chat := e.chat
	if s.Message != nil && e.follows == "" {
		chat = s.Message.Chat
	}
	if peer := b.findPeer(e); chat == "" {
		chat = peer
	} else {
		s.Stranger = peer != "" && b.livingID(peer) != b.livingID(chat)
	}
	s.Chat = b.acting(e, b.chats[chat])
	if s.Chat != nil {
		s.Unanswered = b.unanswered[s.Chat.ID]
		s.Names, s.Merged = b.namesBefore(e, s.Chat.ID), b.mergedInto(s.Chat.ID)
		r := b.routes[s.Chat.Connection]
		s.Subscription, s.Zone, s.Suspended, s.Ended = r.Subscription, r.zone(), r.Suspended, r.Ended
		s.KeepHistory, s.Closed, s.Watched = r.KeepHistory, r.Closed, r.Watched
		if r.Subscription != nil {
			s.OutgoingDialogsUsed = b.used(CountKey{r.Subscription.ID, Month(b.now, s.Zone)})
			s.PaidDialogsUsed = b.used(CountKey{r.Subscription.ID, PaidDialogs})
		}
	}
	if e.creates {
		s.NewID = b.newID()
	}
	if e.ref != "" {
		if ref, ok := b.refs[RefKey{e.Company, e.ref}]; ok {
			s.Ref = &ref
			s.Message = b.messages[ref.Message]
		}
	}
	if key, ok := e.key(); ok && e.message != "" {
		s.Echo = b.messages[b.byName[key]]
	}
	return s
}

// message finds the message that an update names, by its MessageID or else by
// its ProviderID.
func (b *Book) message(e *bookEntry) *Message {
	if e.follows != "" {
		return b.messages[e.follows]
	}
	if m := b.messages[e.message]; m != nil && (!e.routed || m.Connection == e.route.Connection) {
		return m
	}
	if key, ok := e.key(); ok {
		return b.messages[b.byName[key]]
	}
	return nil
}

// key returns the messenger's name of the message that an update is about; false
// if the update has none.
func (e *bookEntry) key() (ProviderKey, bool) {
	return ProviderKey{e.route.Connection, e.provider}, e.routed && e.provider != ""
}

// route finds the connection of an update; false if there is none.
func (b *Book) route(u Update) (Route, bool) {
	id := u.Connection
	if id == "" && u.Hook != "" {
		id = b.accounts[AccountKey{u.Hook, u.Account}]
	}
	r, ok := b.routes[id]
	return r, ok
}

// findPeer finds the chat of the peer that an update names, by its names or, where
// none fits, by another spelling of one; empty: none.
func (b *Book) findPeer(e *bookEntry) ChatID {
	if !e.routed {
		return ""
	}
	for _, p := range e.peers {
		if chat := b.peers[PeerKey{e.route.Connection, p}]; chat != "" {
			return chat
		}
	}
	for _, p := range e.peers {
		for _, v := range e.variants(p) {
			if chat := b.peers[PeerKey{e.route.Connection, v}]; chat != "" {
				return chat
			}
		}
	}
	return ""
}

// variants lists the other spellings under which an update may find its peer.
func (e *bookEntry) variants(p PeerID) []PeerID {
	if !e.creates {
		return nil
	}
	return e.route.Kind.Variants(p)
}
