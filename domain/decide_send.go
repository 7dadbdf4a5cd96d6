package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// decideRequested handles the request of an employee or a service to send a message.
func decideRequested(s State, u Update, f SendRequested) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !u.Rights.May(WriteChats):
		return Change{Refusal: ErrForbidden} // before Repeated, which shows the message: the employee may not see it
	case s.Ref != nil && (s.Message == nil || s.Message.Chat != s.Chat.ID || s.Ref.Digest != f.Digest()):
		return Change{Refusal: ErrClientRefConflict}
	case s.Ref != nil:
		return Change{Outcome: Repeated}
	}
	intent := s.intent(u)
	intent.Type = f.Type
	shut := first(sendGates, intent)
	switch {
	case shut.refusalError() != nil:
		return Change{Refusal: shut.refusal}
	case f.ReplyTo != "" && (s.Message == nil || s.Message.Chat != s.Chat.ID):
		return Change{Refusal: ErrNotFound}
	case f.ReplyTo != "" && s.Message.ProviderID == "":
		return Change{Refusal: ErrNotSentYet}
	case shut == nil && !s.Chat.Kind.sends(f.Type):
		return Change{Refusal: ErrUnsupportedType}
	}
	change := Change{Outcome: Applied}
	chat := change.edit(s)
	m := Message{
		ID: f.ID, Chat: chat.ID, Connection: chat.Connection, Company: chat.Company,
		Direction: Outbound, Origin: f.Origin, By: f.By, Type: f.Type, Text: f.Text, Template: f.Template, ClientRef: f.ClientRef,
		At: s.Now, Status: Queued, NextAt: s.Now,
	}
	if s.Message != nil { // the message replied to
		m.ReplyTo = s.Message.ProviderID
	}
	if !f.KeepUnanswered {
		m.AnswersSeq = chat.InboundSeq
	}
	change.Message = &m
	change.addNotice(EventMessageCreated, m.created(chat))
	if shut == nil {
		s.recordOutbound(chat, m.At)
		if m.Type == TypeTemplate {
			chat.reservePaidDialog(m.ID, s.Now)
		}
		return change
	}
	end := failMessage(s, m, shut.failure(), s.Now)
	change.Message = end.Message
	change.notices = append(change.notices, end.notices...)
	return change
}

// Digest identifies the content of the request, to tell a repeat from another
// request with the same client_ref. The employee and the name of the chat are no
// part of the content.
func (f SendRequested) Digest() string {
	content, _ := json.Marshal([]any{f.Type, f.Text, f.Template, f.ReplyTo, f.KeepUnanswered}) // cannot fail
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16])
}

// decideBegun opens an attempt, just before the messenger is called. The block and
// the subscription are checked again here, under the lock of the chat, and a worker
// that finds an open attempt leaves the message alone: that is what keeps two
// workers from sending it twice. The dialogs were counted when it was requested.
func decideBegun(s State) Change {
	m := s.Message
	switch {
	case m == nil:
		return Change{Outcome: Ignored}
	case m.Status != Queued || m.Open() || m.NextAt.After(s.Now):
		return Change{Outcome: Repeated}
	case s.Chat.Blocked():
		return refuseMessage(s, *m, ownFailure(ReasonChatBlocked, "the chat was blocked while the message waited"))
	case s.Subscription.State(s.Now, s.zone()) == SubscriptionOverdue:
		return refuseMessage(s, *m, ownFailure(ReasonUnpaid, "the subscription ended while the message waited"))
	case s.Now.After(m.At.Add(GiveUpAfter)):
		return refuseMessage(s, *m, s.expiredFailure())
	case s.Suspended != nil:
		return Change{Outcome: Repeated} // it stays queued: the connection may be resumed within the hour
	}
	begun := *m
	begun.Attempts++
	begun.AttemptAt = s.Now
	return Change{Outcome: Applied, Message: &begun}
}

// expiredFailure is why a message could not be sent for an hour.
func (s State) expiredFailure() *Failure {
	if s.Suspended != nil {
		return s.Suspended
	}
	return ownFailure(ReasonExpired, "the message waited longer than an hour to be sent")
}

// decideEnded handles the result of an attempt. It counts also when it comes late,
// from a worker that has lost its lane: it is what the messenger did.
func decideEnded(s State, r SendResult) Change {
	if s.Message == nil {
		return Change{Outcome: Ignored}
	}
	change := applyResult(s, r)
	change.move(s, s.Chat.Address(), r.MovedTo)
	return change
}

// applyResult does what the Fate of the attempt asks for: the message was sent, is
// retried, fails, or waits for evidence.
func applyResult(s State, r SendResult) Change {
	m := *s.Message
	if r.Fate == FateAccepted && !s.echoClaimedByOther() {
		return decideAccepted(s, m, r)
	}
	if !m.Open() {
		return Change{Outcome: Late}
	}
	if r.Fate == FateUnknown || r.Fate == FateAccepted {
		if !m.UnknownAt.IsZero() {
			return Change{Outcome: Repeated}
		}
		m.AttemptAt, m.UnknownAt = time.Time{}, s.Now
		return Change{Outcome: Applied, Message: &m}
	}
	next, again := r.retryAt(&m, s.Now)
	change := Change{Outcome: Applied}
	if !again {
		change = refuseMessage(s, m, r.Failure)
	} else {
		m.closeAttempt()
		m.NextAt = next
		change.Message = &m
	}
	change.applyPolicy(r.Failure, next)
	return change
}

// refuseMessage fails a message that was not sent, and releases its dialog.
func refuseMessage(s State, m Message, why *Failure) Change {
	change := failMessage(s, m, why, s.Now)
	change.releaseDialog(s, &m)
	return change
}

// echoClaimedByOther reports whether the echo of this message was matched to another
// message with the same text. The two have changed places for good: what the
// messenger says about this one applies to the other, and this one waits for the
// evidence that the other waited for.
func (s State) echoClaimedByOther() bool {
	return s.Echo != nil && s.Echo.ID != s.Message.ID && s.Echo.Origin != OriginPhone
}

// decideAccepted handles a message that the messenger accepted.
func decideAccepted(s State, m Message, r SendResult) Change {
	if m.ProviderID != "" || r.ProviderID == "" {
		return reachedStatus(s, m, Sent, s.Now, r.Peers)
	}
	m.ProviderID = r.ProviderID
	change := reachedStatus(s, m, Sent, s.Now, r.Peers)
	change.adoptProviderID(s, &m)
	return change
}

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
	c.addNotice(EventMessageDeleted, messageDeleted{echo.name(), Time(s.Now)})
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
		m.Text = echo.Text
	}
	m.EditedAt, m.DeletedAt, m.Reactions = echo.EditedAt, echo.DeletedAt, echo.Reactions
}

// decideOverdue fails a message when no evidence came in time of an attempt whose
// result is unknown.
func decideOverdue(s State) Change {
	m := s.Message
	if m == nil || m.Status != Queued || m.UnknownAt.IsZero() || s.Now.Before(m.UnknownAt.Add(EvidenceTimeout)) {
		return Change{Outcome: Ignored}
	}
	return failMessage(s, *m, ownFailure(ReasonOutcomeUnknown,
		"the messenger gave no answer and no sign of the message; it was not sent again, for it may have arrived"), s.Now)
}
