package domain

import "time"

// chatPeerRefuses is the data of EventChatPeerRefuses.
type chatPeerRefuses struct {
	Refuses bool `json:"refuses"`
	At      Time `json:"at"`
}

// decidePeerRefused notes that the peer takes no more messages, or takes them again.
func decidePeerRefused(s State, u Update, f PeerRefused) Change {
	if s.Chat == nil {
		return Change{Outcome: Ignored}
	}
	change := Change{Outcome: Repeated}
	if change.setRefuses(s, f.Refuses, u.happenedAt()) {
		change.Outcome = Applied
	}
	return change
}

// setRefuses notes whether the peer refuses messages, and reports whether that
// changed. The newest report wins, and a message of the peer is one: who writes
// takes answers.
func (c *Change) setRefuses(s State, refuses bool, at time.Time) bool {
	chat := c.chat(s)
	if at.Before(chat.RefusesAt) || refuses && at.Before(chat.LastInboundAt) {
		return false
	}
	changed := chat.PeerRefuses != refuses
	if changed || at.After(chat.RefusesAt) {
		chat = c.edit(s)
		chat.PeerRefuses, chat.RefusesAt = refuses, at
	}
	if changed {
		c.addNotice(EventChatPeerRefuses, chatPeerRefuses{refuses, Time(at)})
	}
	return changed
}

// provesRefusal reports whether the messenger's answer to the message means that
// the peer takes nothing. Elsewhere the same reason speaks of one kind of messages,
// or nothing would say that it is over.
func provesRefusal(m *Message, k Kind, why *Failure) bool {
	return k.Traits().TellsRefusals && m.Type == TypeText && why != nil && why.Reason == ReasonPeerRefuses
}
