package domain

import (
	"slices"
	"time"
)

// ReactedByCompany stands in Message.Reactions for the company itself.
const ReactedByCompany = "company"

// An Action names, in the event of a message that was changed, what an employee
// asked for.
type Action struct {
	ID MessageID  `json:"action_id,omitempty"`
	By EmployeeID `json:"by_employee_id,omitempty"`
}

// decideAction handles an employee's request to act on a message. The action goes
// the way of every message, but it opens no dialog and answers nothing.
func decideAction(s State, u Update, f ActionRequested) Change {
	target := s.Message
	switch {
	case target == nil || target.Target != "" || s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !slices.Contains(ActionTypes, f.Type):
		return Change{Refusal: ErrUnsupportedType}
	}
	intent := s.intent(u)
	intent.Type = f.Type
	shut := first(sendGates, intent)
	switch {
	case shut.refusalError() != nil:
		return Change{Refusal: shut.refusal}
	case !s.Chat.Kind.Traits().CanSend(f.Type):
		return Change{Refusal: ErrUnsupportedType}
	case !target.Takes(f.Type):
		return Change{Refusal: ErrNotEditable}
	case target.ProviderID == "":
		return Change{Refusal: ErrTargetNotSent}
	}
	m := Message{
		ID: f.ID, Chat: target.Chat, Connection: target.Connection, Company: target.Company, Target: target.ID,
		Direction: Outbound, Origin: f.Origin, By: f.By, Type: f.Type, Text: f.Text, At: s.Now, Status: Queued, Class: ClassLive, NextAt: s.Now,
	}
	if shut != nil {
		return failMessage(s, m, shut.failure(), s.Now)
	}
	change := Change{Outcome: Applied, Message: &m}
	change.addNotice(EventMessageStatus, messageStatus{m.name(), Queued, Time(s.Now)})
	return change
}

// Takes reports whether an action of the type may change the message. Everybody may
// react; only what the company wrote, and is still there, is edited or deleted.
func (m *Message) Takes(action MessageType) bool {
	if !m.DeletedAt.IsZero() || m.Status == Failed {
		return false
	}
	switch action {
	case TypeReaction:
		return true
	case TypeEdit:
		return m.Direction == Outbound && (m.Type == TypeText || m.Type == TypeInteractive || slices.Contains(FileTypes, m.Type))
	}
	return m.Direction == Outbound
}

// amendTarget changes the message on which m acts, once the messenger did.
func (c *Change) amendTarget(s State, m *Message, at time.Time) {
	if s.Target == nil {
		return
	}
	target, u, action := *s.Target, Update{At: at, Received: at}, &Action{m.ID, m.By}
	var done Change
	switch m.Type {
	case TypeReaction:
		done = decideReacted(&target, u, MessageReacted{Emoji: m.Text, Action: action})
	case TypeEdit:
		done = decideEdited(&target, u, MessageEdited{Text: m.Text, Action: action})
	case TypeDelete:
		done = decideDeleted(&target, u, MessageDeleted{Action: action})
	}
	c.Target = done.Message
	c.notices = append(c.notices, done.notices...)
}

// repeatable returns the result of an action so that an unknown one is tried again:
// done twice, an action changes no more than done once.
func (r SendResult) repeatable() SendResult {
	if r.Fate == FateRefused || r.Fate == FateNeverLeft {
		return r
	}
	why := *ownFailure(ReasonUnavailable, "nobody knows whether the messenger did it")
	if r.Failure != nil {
		why.Cause = r.Failure.Cause
	}
	r.Fate, r.Failure = FateRefused, &why
	return r
}
