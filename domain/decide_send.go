package domain

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// decideRequested handles the request of an employee or a service to send a message.
func decideRequested(s State, u Update, f SendRequested) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !u.Rights.May(WriteChats):
		return Change{Refusal: ErrForbidden} // before Repeated, which shows the message: the employee may not see it
	case s.Ref != nil && (!s.belongs(s.Message) || s.Ref.Digest != f.Digest()):
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
	case f.follows() != "" && !s.belongs(s.Message):
		return Change{Refusal: ErrNotFound}
	case f.RetryOf != "" && (s.Message.Status != Failed || s.Message.Target != ""):
		return Change{Refusal: ErrNotFailed}
	case f.ReplyTo != "" && s.Message.ProviderID == "":
		return Change{Refusal: ErrNotSentYet}
	case shut == nil && !s.Chat.Kind.Traits().CanSend(f.Type):
		return Change{Refusal: ErrUnsupportedType}
	case shut == nil && slices.Contains(FileTypes, f.Type) && f.Media == nil: // the gate of voice messages answers first
		return Change{Refusal: ErrMediaNotAccepted}
	}
	change := Change{Outcome: Applied}
	chat := change.edit(s)
	m := Message{
		ID: f.ID, Chat: chat.ID, Connection: chat.Connection, Company: chat.Company,
		Direction: Outbound, Origin: f.Origin, By: f.By, Type: f.Type, Text: f.Text, Template: f.Template, Media: f.Media, Content: f.Content, ClientRef: f.ClientRef,
		At: s.Now, Status: Queued, Class: classOf(s.Chat, f, s.Now), NextAt: s.Now,
	}
	topic := f.Topic
	switch {
	case f.RetryOf != "":
		m.ReplyTo, topic = s.Message.ReplyTo, s.Message.Content.TopicID()
		m.Content = m.Content.retrying(f.RetryOf)
	case f.ReplyTo != "":
		m.ReplyTo, topic = s.Message.ProviderID, s.Message.Content.TopicID()
	case topic == "":
		topic = chat.Topic
	}
	if topic != "" {
		m.Content = m.Content.inTopic(topic)
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
	parts := []any{f.Type, f.Text, f.Template, f.ReplyTo, f.KeepUnanswered}
	if f.Topic != "" {
		parts = append(parts, f.Topic)
	}
	if f.RetryOf != "" {
		parts = append(parts, f.RetryOf)
	}
	if f.MediaURL != "" { // a repeat brings another file, or none
		parts = append(parts, f.MediaURL)
	} else if f.Media != nil {
		parts = append(parts, f.Media.ID)
	}
	if f.Content != nil {
		parts = append(parts, f.Content)
	}
	content, _ := json.Marshal(parts) // cannot fail
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16])
}

// follows is the message of the chat that the request names; empty: none.
func (f SendRequested) follows() MessageID { return cmp.Or(f.RetryOf, f.ReplyTo) }

// decideBegun opens an attempt, just before the messenger is called. The block and
// the subscription are checked again here, under the lock of the chat, and a worker
// that finds an open attempt leaves the message alone: that is what keeps two
// workers from sending it twice. The dialogs were counted when it was requested.
func decideBegun(s State, f SendBegun) Change {
	m := s.Message
	switch {
	case m == nil:
		return Change{Outcome: Ignored}
	case m.Status != Queued || m.Open() || m.Taken() || m.NextAt.After(s.Now):
		return Change{Outcome: Repeated}
	case s.Chat.Blocked():
		return refuseMessage(s, *m, ownFailure(ReasonChatBlocked, "the chat was blocked while the message waited"))
	case s.Ended:
		ended := ownFailure(ReasonNoAccount, "the connection ended while the message waited")
		ended.Cause.Code = causeConnectionEnded
		return refuseMessage(s, *m, ended)
	case s.Subscription.State(s.Now, s.zone()) == SubscriptionOverdue:
		return refuseMessage(s, *m, ownFailure(ReasonUnpaid, "the subscription ended while the message waited"))
	case s.Now.After(m.At.Add(m.Class.GiveUpAfter())):
		return giveUp(s, *m, SendResult{Fate: FateNeverLeft, Failure: s.expiredFailure(m.Class)})
	case s.Suspended != nil:
		return Change{Outcome: Repeated} // it stays queued: the connection may be resumed in time
	case s.rests(m):
		return refuseMessage(s, *m, s.restFailure())
	case s.barsStranger(m):
		return refuseMessage(s, *m, s.strangerRefused())
	case s.exceedsStrangers(m):
		return refuseMessage(s, *m, s.tooManyStrangers())
	}
	begun := *m
	begun.Attempts++
	begun.AttemptAt = s.Now
	if s.Chat.Kind.Traits().recognises(m.Type) && begun.ProviderID == "" {
		begun.ProviderID = f.Name
	}
	change := Change{Outcome: Applied, Message: &begun}
	change.countStranger(s, m)
	return change
}

// expiredFailure is why a message of the class could not be sent in its time.
func (s State) expiredFailure(c Class) *Failure {
	if s.Suspended != nil {
		return s.Suspended
	}
	return ownFailure(ReasonExpired, fmt.Sprintf("the message waited longer than %.0f h to be sent", c.GiveUpAfter().Hours()))
}
