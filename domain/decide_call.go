package domain

// endsCall reports whether the message is the end of a call whose beginning is
// stored as m. The messenger reports both under one name, and either may be missing.
func (f MessageArrived) endsCall(m *Message) bool {
	return m != nil && f.Content.callOver() && m.Type == TypeCall && !m.Content.callOver()
}

// callOver reports whether the content is a call that is over.
func (c *Content) callOver() bool {
	return c != nil && c.Call != nil && (c.Call.Missed || c.Call.Seconds > 0)
}

// decideCallEnded stores how a call ended. It is a sign of the client as its
// beginning was.
func decideCallEnded(s State, u Update, f MessageArrived) Change {
	change := amendOwn(s, f.Direction == Inbound, "", func(m *Message) Change {
		return decideEdited(m, u, MessageEdited{ProviderID: f.ProviderID, Text: f.Text, Content: f.Content})
	})
	if change.Outcome == Applied && f.counts() {
		change.edit(s).noteInbound("", u.happenedAt())
	}
	return change
}
