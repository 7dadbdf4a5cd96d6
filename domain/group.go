package domain

import "slices"

// membersMax is how many members of a group are remembered. Of a larger one it is
// never known that a message failed for all.
const membersMax = 32

// meet remembers a member of a group, where messengers report statuses by members.
func (c *Change) meet(s State, who PeerID) {
	chat := c.chat(s)
	if who == "" || !chat.IsGroup || !chat.Kind.Traits().Phones || len(chat.Members) == membersMax {
		return
	}
	if members, added := with(chat.Members, who); added {
		c.edit(s).Members = members
	}
}

// failFor notes that the message failed for a member of a group, and reports whether
// that is new.
func (m *Message) failFor(who PeerID) (added bool) {
	m.FailedFor, added = with(m.FailedFor, who)
	return added
}

// failedForAll reports whether a message of a group failed for all members that are
// known. That of one who is not known lifts the failure later.
func (m *Message) failedForAll(group *Chat) bool {
	if len(group.Members) == 0 || len(group.Members) == membersMax {
		return false
	}
	return !slices.ContainsFunc(group.Members, func(who PeerID) bool { return !slices.Contains(m.FailedFor, who) })
}

// with adds a peer to a list in order.
func with(list []PeerID, p PeerID) (longer []PeerID, added bool) {
	i, found := slices.BinarySearch(list, p)
	if found {
		return list, false
	}
	return slices.Insert(slices.Clone(list), i, p), true
}
