package domain

import (
	"cmp"
	"maps"
)

// amend changes a stored message: an edit, a deletion, a reaction. What a peer on
// the blacklist does is dropped.
func amend(s State, byPeer bool, decide func(*Message) Change) Change {
	switch {
	case byPeer && s.Chat != nil && s.Chat.Blocked():
		return Change{Outcome: Dropped}
	case s.Message == nil:
		return Change{Outcome: Orphan, Orphan: true}
	}
	m := *s.Message
	return decide(&m)
}

// amendShared is amend of what everyone in the chat of the message may change.
func amendShared(s State, byPeer bool, decide func(*Message) Change) Change {
	return amend(s, byPeer, func(m *Message) Change {
		if s.Stranger {
			return Change{Outcome: Ignored}
		}
		return decide(m)
	})
}

// amendOwn is amend of what only the author of the message may change.
func amendOwn(s State, byPeer bool, by PeerID, decide func(*Message) Change) Change {
	return amendShared(s, byPeer, func(m *Message) Change {
		if byPeer != (m.Direction == Inbound) || m.Author != nil && by != "" && by != m.Author.ID {
			return Change{Outcome: Ignored}
		}
		return decide(m)
	})
}

// decideEdited stores the newest edit; of two of the same moment the greater
// wins, so that their order does not matter.
func decideEdited(m *Message, u Update, f MessageEdited) Change {
	at := u.happenedAt()
	edited := *m
	edited.replace(f)
	edited.EditedAt = at
	order := 0
	if at.Equal(m.EditedAt) {
		order = edited.compare(m)
	}
	switch {
	case at.Before(m.EditedAt), order < 0:
		return Change{Outcome: Late}
	case at.Equal(m.EditedAt) && order == 0:
		return Change{Outcome: Repeated}
	}
	change := Change{Outcome: Applied, Message: &edited}
	change.addNotice(EventMessageEdited, messageEdited{m.name(), f.Action, edited.Text, edited.PublicMedia(), edited.Content, Time(at)})
	return change
}

// replace gives the message what an edit says. A file and the rest of the content
// stay where the edit has none.
func (m *Message) replace(f MessageEdited) {
	m.Text = f.Text
	if f.Media != nil {
		m.Media = f.Media
	}
	if f.Content != nil {
		m.Content = f.Content.within(m.Content)
	}
}

// compare orders what two edits made of one message.
func (m *Message) compare(o *Message) int {
	return cmp.Or(cmp.Compare(m.Text, o.Text), cmp.Compare(m.Media.id(), o.Media.id()), cmp.Compare(m.Content.text(), o.Content.text()))
}

// decideDeleted marks a message as deleted, at the earliest time reported.
func decideDeleted(m *Message, u Update, f MessageDeleted) Change {
	at := u.happenedAt()
	switch {
	case m.DeletedAt.IsZero():
		m.DeletedAt = at
	case at.Before(m.DeletedAt):
		m.DeletedAt = at
		return Change{Outcome: Repeated, Message: m}
	default:
		return Change{Outcome: Repeated}
	}
	change := Change{Outcome: Applied, Message: m}
	change.addNotice(EventMessageDeleted, messageDeleted{m.name(), f.Action, Time(at)})
	return change
}

// decideReacted stores the newest reaction of each person. One that was taken back
// is stored too, so that an older one that comes later does not win.
func decideReacted(m *Message, u Update, f MessageReacted) Change {
	at := u.happenedAt()
	if !f.ByPeer {
		f.By = ReactedByCompany // from whichever phone or page: a messenger shows one reaction of the company
	}
	last, reacted := m.Reactions[f.By]
	switch {
	case reacted && at.Equal(last.At) && f.Emoji == last.Emoji:
		return Change{Outcome: Repeated}
	case reacted && (at.Before(last.At) || at.Equal(last.At) && f.Emoji < last.Emoji):
		return Change{Outcome: Late}
	}
	reactions := maps.Clone(m.Reactions)
	if reactions == nil {
		reactions = map[string]Reaction{}
	}
	reactions[f.By] = Reaction{Emoji: f.Emoji, At: at}
	m.Reactions = reactions
	change := Change{Outcome: Applied, Message: m}
	change.addNotice(EventMessageReaction, messageReaction{m.name(), f.Action, f.Emoji, f.By, Time(at)})
	return change
}
