package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// decideRequested: an employee or a service asks for a message to be sent.
func decideRequested(s State, u Update, f SendRequested) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !u.Rights.May(WriteChats):
		return Change{Refusal: ErrForbidden} // before a repeat: nothing is shown to who may not write
	case s.Ref != nil && (s.Message == nil || s.Message.Chat != s.Chat.ID || s.Ref.Asked != f.Digest()):
		return Change{Refusal: ErrClientRefConflict}
	case s.Ref != nil:
		return Change{Outcome: Repeated}
	}
	attempt := s.intent(u)
	attempt.Type = f.Type
	shut := first(sendGates, attempt)
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
	c := *s.Chat
	m := Message{
		ID: f.ID, Chat: c.ID, Connection: c.Connection, Company: c.Company,
		Direction: Outbound, Origin: f.Origin, By: f.By, Type: f.Type, Text: f.Text, Template: f.Template, ClientRef: f.ClientRef,
		At: s.Now, Status: Queued, NextAt: s.Now,
	}
	if s.Message != nil { // the message replied to
		m.ReplyTo = s.Message.ProviderID
	}
	if !f.KeepUnanswered {
		m.AnswersSeq = c.InboundSeq
	}
	change := Change{Outcome: Applied, Chat: &c, Message: &m}
	change.addNotice(EventMessageCreated, m.created(&c))
	if shut == nil {
		s.recordOutbound(&c, m.At)
		if m.Type == TypeTemplate {
			c.reservePaidDialog(m.ID, s.Now)
		}
		return change
	}
	end := failMessage(s, m, shut.failure(), s.Now)
	change.Message = end.Message
	change.notices = append(change.notices, end.notices...)
	return change
}

// Digest identifies the content that was asked for, so that the same client_ref
// with another content is told from a repeat. Who asks, and by which name he
// calls the chat, is no content.
func (f SendRequested) Digest() string {
	content, _ := json.Marshal([]any{f.Type, f.Text, f.Template, f.ReplyTo, f.KeepUnanswered}) // cannot fail
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16])
}

// decideBegun: the messenger is about to be called. The block and the
// subscription are read again here, under the lock of the chat, and whoever
// finds an attempt open leaves the message alone: that is what keeps two workers
// from sending it twice. Its dialog is the message's own until it is refused.
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
		return refuseMessage(s, *m, s.waitedFor())
	case s.Suspended != nil:
		return Change{Outcome: Repeated} // it waits: the connection may be resumed within the hour
	}
	begun := *m
	begun.Attempts++
	begun.AttemptAt = s.Now
	return Change{Outcome: Applied, Message: &begun}
}

// waitedFor is why a message could not be sent for an hour.
func (s State) waitedFor() *Failure {
	if s.Suspended != nil {
		return s.Suspended
	}
	return ownFailure(ReasonExpired, "the message waited longer than an hour to be sent")
}

// decideEnded: the answer of the messenger, also a late one of a worker that
// lost its lane: it is the truth.
func decideEnded(s State, a SendResult) Change {
	if s.Message == nil {
		return Change{Outcome: Ignored}
	}
	change := applyResult(s, a)
	change.move(s.Chat, s.Chat.Address(), a.MovedTo)
	return change
}

func applyResult(s State, a SendResult) Change {
	m := *s.Message
	if a.Fate == FateAccepted && !s.echoClaimedByOther() {
		return decideAccepted(s, m, a)
	}
	if !m.Open() {
		return Change{Outcome: Late}
	}
	if a.Fate == FateUnknown || a.Fate == FateAccepted {
		if !m.UnknownAt.IsZero() {
			return Change{Outcome: Repeated}
		}
		m.AttemptAt, m.UnknownAt = time.Time{}, s.Now
		return Change{Outcome: Applied, Message: &m}
	}
	next, again := a.retryAt(&m, s.Now)
	change := Change{Outcome: Applied}
	if !again {
		change = refuseMessage(s, m, a.Failure)
	} else {
		m.closeAttempt()
		m.NextAt = next
		change.Message = &m
	}
	change.applyPolicy(a.Failure, next)
	return change
}

// refused ends a message that the messenger did not take: its dialog is free again.
func refuseMessage(s State, m Message, why *Failure) Change {
	change := failMessage(s, m, why, s.Now)
	change.releaseDialog(s, &m)
	return change
}

// swapped reports whether the echo of the message was taken for another message
// of ours that reads the same. The two have changed places for good: the
// messenger's word about the one counts for the other, and this one waits for
// what the other waited for.
func (s State) echoClaimedByOther() bool {
	return s.Echo != nil && s.Echo.ID != s.Message.ID && s.Echo.Origin != OriginPhone
}

// decideAccepted: the messenger took the message.
func decideAccepted(s State, m Message, a SendResult) Change {
	if m.ProviderID != "" || a.ProviderID == "" {
		return reachedStatus(s, m, Sent, s.Now, a.Peers)
	}
	m.ProviderID = a.ProviderID
	change := reachedStatus(s, m, Sent, s.Now, a.Peers)
	adoptProviderID(&change, s, &m)
	return change
}

// learned completes the change that gave m the messenger's name of it. If an
// echo that came before holds that name, the echo was ours: it goes, and what
// became of it stays.
func adoptProviderID(change *Change, s State, m *Message) {
	if change.Message == nil {
		change.Message = m
	}
	echo := s.Echo
	if echo == nil || echo.ID == m.ID {
		return
	}
	change.Remove = echo.ID
	if !echo.refusedLate() {
		change.releaseDialog(s, echo)
	}
	change.addNotice(EventMessageDeleted, messageDeleted{echo.name(), Time(s.Now)})
	mergeEcho(change, s, echo)
}

// absorb gives the message of the change what was told of its echo.
func mergeEcho(change *Change, s State, echo *Message) {
	m := change.Message
	if m.Status.May(echo.Status) {
		m.Status, m.Failure, m.FailedAt = echo.Status, echo.Failure, echo.FailedAt
		if m.refusedLate() {
			change.releaseDialog(s, m)
		}
		if m.Status == Failed {
			change.addNotice(EventMessageFailed, messageFailed{m.name(), m.Failure.Public(), Time(s.Now)})
		} else {
			change.addNotice(EventMessageStatus, messageStatus{m.name(), m.Status, Time(s.Now)})
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

// decideOverdue: no evidence came of an attempt without an answer.
func decideOverdue(s State) Change {
	m := s.Message
	if m == nil || m.Status != Queued || m.UnknownAt.IsZero() || s.Now.Before(m.UnknownAt.Add(EvidenceTimeout)) {
		return Change{Outcome: Ignored}
	}
	return failMessage(s, *m, ownFailure(ReasonOutcomeUnknown, "the messenger gave no answer and no sign of the message; it was not sent again, for it may have arrived"), s.Now)
}
