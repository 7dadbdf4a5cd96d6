package domain

import "slices"

// record enters a change in the book: later updates see it, and Writes lists it.
func (b *Book) record(s State, e *bookEntry, change Change) (Result, error) {
	result := Result{Outcome: change.Outcome, Kind: e.route.Kind, Price: change.priced}
	b.learnAccount(e)
	b.settleNames(e)
	b.recordMedia(s, e, &change)
	chat := s.Chat
	if change.Chat != nil {
		chat = change.Chat
	}
	if chat == nil {
		if s.Message != nil {
			result.Message = *s.Message
		}
		var err error
		if e.routed {
			result.Signals, err = b.recordConnection(b.routes[e.route.Connection], &change)
		}
		return result, err
	}
	result.Kind = chat.Kind
	if going := b.living(chat); going != nil { // a merged chat gets no names
		b.addAliases(going, change.Aliases)
	}
	if change.Chat != nil {
		if err := b.count(s.Chat, change.Chat); err != nil {
			return Result{}, err
		}
	}
	err := b.releaseDialog(chat, change.refusedAt)
	if err != nil {
		return Result{}, err
	}
	if result.Signals, err = b.recordConnection(b.routes[chat.Connection], &change); err != nil {
		return Result{}, err
	}
	if len(change.notices) > 0 {
		chat = change.edit(s) // each event raises Seq
	}
	if err := b.recordEvents(chat, &change); err != nil {
		return Result{}, err
	}
	if chat != s.Chat {
		b.store(chat)
	}
	if m := change.Message; m != nil {
		result.Fetches = b.recordMessage(m)
		result.Message = *m
	} else if s.Message != nil {
		result.Message = *s.Message
	}
	if change.Target != nil {
		b.recordMessage(change.Target)
		s.Target = change.Target
	}
	result.Target = s.Target
	if change.Remove != "" {
		b.remove(change.Remove)
	}
	if _, block := e.Fact.(BlockRequested); block {
		b.blockMerged(chat)
	}
	if f, ok := e.Fact.(SendRequested); ok && f.ClientRef != "" && change.Outcome == Applied {
		b.recordRef(chat.Company, f)
	}
	b.countPrice(s.Subscription, s.zone(), change.priced)
	result.Pressed = b.recordPress(e, &change)
	result.Chat = *chat
	if s.Subscription != nil {
		result.Tariff = s.Subscription.Tariff
	}
	return result, nil
}

// recordEvents numbers the events of a change. A new message has the number of the
// first, which tells of it.
func (b *Book) recordEvents(chat *Chat, change *Change) error {
	for i, n := range change.notices {
		chat.Seq++
		if i == 0 && change.Message != nil && b.messages[change.Message.ID] == nil {
			change.Message.Seq = chat.Seq
		}
		if err := b.addEvent(newChatEvent(b.eventID(), b.now, chat, n)); err != nil {
			return err
		}
	}
	return nil
}

// recordRef remembers the client_ref of a request, and what it asked for.
func (b *Book) recordRef(company CompanyID, f SendRequested) {
	key, ref := RefKey{company, f.ClientRef}, ClientRef{f.ID, f.Digest()}
	b.refs[key] = ref
	b.writes.refs = append(b.writes.refs, NewRef{key, ref})
}

func (b *Book) eventID() EventID { return NewEventID(b.newID()) }

// addEvent adds an event to the writes, unless making it failed.
func (b *Book) addEvent(e Event, err error) error {
	if err != nil {
		return &DataError{err}
	}
	b.writes.events = append(b.writes.events, e)
	return nil
}

// recordMessage enters a message in the book, and reports whether its file is to be
// fetched.
func (b *Book) recordMessage(m *Message) (fetch bool) {
	before, known := b.messages[m.ID]
	b.messages[m.ID] = m
	if m.ProviderID != "" {
		b.byName[ProviderKey{m.Connection, m.ProviderID}] = m.ID
	}
	if !known {
		b.writes.created[m.ID] = true
		if m.InboundSeq > 0 {
			b.unanswered[m.Chat] = append(b.unanswered[m.Chat], UnansweredMessage{Seq: m.InboundSeq, At: m.At})
		}
	} else if !b.writes.created[m.ID] {
		b.writes.changed[m.ID] = true
	}
	return b.recordFile(before, m)
}

// remove takes a message out of the book.
func (b *Book) remove(id MessageID) {
	if !b.writes.created[id] {
		b.writes.removed = append(b.writes.removed, id)
	}
	b.writes.arrived = slices.DeleteFunc(b.writes.arrived, func(m StoredMedia) bool { return m.Message == id })
	delete(b.writes.created, id)
	delete(b.writes.changed, id)
	delete(b.messages, id)
}

// addAliases gives the chat those further names of its peer that no other chat has.
func (b *Book) addAliases(c *Chat, peers []PeerID) {
	for _, p := range peers {
		key := PeerKey{c.Connection, p}
		if p != "" && p != c.Peer && b.peers[key] == "" {
			b.peers[key] = c.ID
			b.writes.aliases = append(b.writes.aliases, Alias{key, c.ID})
		}
	}
}
