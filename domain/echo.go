package domain

import "time"

// idOfPeer reports whether a message of the peer has the provider id of the update.
// No other message can be stored under that id.
func (s State) idOfPeer() bool { return s.Echo != nil && s.Echo.Direction == Inbound }

// adoptProviderID completes a change that gave m its provider id. If an echo was
// stored under that id as a message of its own, it is removed and merged into m.
func (c *Change) adoptProviderID(s State, m *Message) {
	if c.Message == nil {
		c.Message = m
	}
	echo := s.Echo
	if echo == nil || echo.ID == m.ID {
		return
	}
	c.Remove = echo.ID
	if !echo.refusedLate() {
		c.releaseDialog(s, echo)
	}
	c.addNotice(EventMessageDeleted, messageDeleted{echo.name(), nil, Time(s.Now)})
	c.mergeEcho(s, echo)
}

// mergeEcho gives the message of the change what was reported of its echo.
func (c *Change) mergeEcho(s State, echo *Message) {
	m := c.Message
	if m.Status.May(echo.Status) {
		m.Status, m.Failure, m.FailedAt = echo.Status, echo.Failure, echo.FailedAt
		if m.refusedLate() {
			c.releaseDialog(s, m)
		}
		if m.Status == Failed {
			c.addNotice(EventMessageFailed, messageFailed{m.name(), m.Failure.Public(), Time(s.Now)})
		} else {
			c.addNotice(EventMessageStatus, messageStatus{m.name(), m.Status, Time(s.Now)})
		}
	}
	for status, at := range map[DeliveryStatus]time.Time{Sent: echo.SentAt, Delivered: echo.DeliveredAt, Read: echo.ReadAt} {
		if !at.IsZero() {
			m.recordStatusTime(status, at)
		}
	}
	if !echo.EditedAt.IsZero() {
		m.Text, m.Media, m.Content = echo.Text, echo.Media, echo.Content
	}
	m.EditedAt, m.DeletedAt, m.Reactions = echo.EditedAt, echo.DeletedAt, echo.Reactions
}
