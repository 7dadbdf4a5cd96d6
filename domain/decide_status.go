package domain

import "time"

// decideStatus handles a delivery status of a message that was sent.
func decideStatus(s State, u Update, f StatusReported) Change {
	if s.Message == nil {
		change := Change{Outcome: Orphan, Orphan: true}
		change.learn(s, f.Peers...)
		return change
	}
	m := *s.Message
	if m.Direction == Inbound {
		return Change{Outcome: Ignored}
	}
	unnamed := m.ProviderID == "" || m.ownName() && m.ProviderID != f.ProviderID
	named := unnamed && f.ProviderID != "" && !s.idOfPeer()
	if named {
		m.ProviderID = f.ProviderID
	}
	var change Change
	if f.Status == Failed {
		change = decideFailed(s, u, m, f)
	} else {
		change = reachedStatus(s, m, f.Status, u.happenedAt())
		change.countGivenBack(s, nil)
	}
	if named {
		change.adoptProviderID(s, &m)
	}
	change.applyPricing(s, m.ID, f.Pricing, u.happenedAt())
	if !s.Chat.IsGroup { // else the names are those of a member
		change.learn(s, f.Peers...)
	}
	if f.Status != Failed {
		change.meet(s, f.Participant)
	}
	change.keepPrice(&m, f.Price)
	return change
}

// decideFailed handles the status failed: the messenger accepted the message before.
// In a group it may have failed for one member, and left for the others.
func decideFailed(s State, u Update, m Message, f StatusReported) Change {
	liftable := m.Status == Failed && m.Failure.Reason == ReasonOutcomeUnknown
	switch {
	case m.Status == Failed && !liftable:
		return Change{Outcome: Repeated}
	case !liftable && !m.Status.May(Failed):
		return Change{Outcome: Late}
	case f.Participant != "" && !m.failFor(f.Participant):
		return Change{Outcome: Repeated}
	case f.Participant != "" && (liftable || !m.failedForAll(s.Chat)):
		return Change{Outcome: Late, Message: &m}
	}
	change := failMessage(s, m, f.Failure, u.happenedAt())
	if change.Message.refusedLate() {
		change.releaseDialog(s, &m)
	}
	change.applyPolicy(f.Failure, time.Time{})
	change.countGivenBack(s, change.Message.Failure)
	return change
}

// reachedStatus applies evidence that the message reached a status: a reported
// status, the result of an attempt, or an echo. The time of a status that was passed
// already is stored when its report comes late.
func reachedStatus(s State, m Message, reached DeliveryStatus, at time.Time) Change {
	before := m.Status
	known := m
	m.recordStatusTime(reached, at)
	lifted := before == Failed && (m.Failure.Reason == ReasonOutcomeUnknown || len(m.FailedFor) > 0)
	if !lifted && !before.May(reached) {
		outcome := Late
		if before == reached {
			outcome = Repeated
		}
		change := Change{Outcome: outcome}
		onTheWay := before == reached || reached.May(before)
		if onTheWay && !sameTimes(&m, &known) {
			change.Message = &m
		}
		return change
	}
	m.Status, m.Failure, m.FailedAt = reached, nil, time.Time{}
	m.closeAttempt()
	change := Change{Outcome: Applied, Message: &m}
	first := before == Queued || lifted // proof that it was sent
	if m.Target != "" {
		if first {
			change.amendTarget(s, &m, at)
		}
		return change
	}
	change.addNotice(EventMessageStatus, messageStatus{m.name(), reached, Time(at)})
	if first {
		change.clearUnanswered(s, m.AnswersSeq, at)
		change.markHoldSent(s, m.ID)
	}
	return change
}

// sameTimes reports whether two versions of a message have the same times of statuses.
func sameTimes(a, b *Message) bool {
	return a.SentAt.Equal(b.SentAt) && a.DeliveredAt.Equal(b.DeliveredAt) && a.ReadAt.Equal(b.ReadAt)
}

// clearUnanswered raises the chat's watermark because a reply was sent.
func (c *Change) clearUnanswered(s State, seq int64, at time.Time) {
	if seq <= c.chat(s).AnsweredSeq {
		return
	}
	if chat := c.edit(s); chat.raiseWatermark(seq, time.Time{}, s.Unanswered) {
		c.addNotice(EventChatUnanswered, chatUnanswered{chat.Unanswered, answeredByReply, Time(at)})
	}
}

// failMessage ends a message with a failure. Without a reason from the messenger
// the failure is ReasonUnrecognized.
func failMessage(s State, m Message, why *Failure, at time.Time) Change {
	if why == nil {
		why = unexplained(s)
	}
	m.Status, m.Failure, m.FailedAt = Failed, why, at
	m.closeAttempt()
	change := Change{Outcome: Applied, Message: &m}
	change.addNotice(EventMessageFailed, messageFailed{m.name(), why.Public(), Time(at)})
	change.releaseHold(s, &m)
	return change
}

// unexplained is the failure of a message for which the messenger gave no reason.
func unexplained(s State) *Failure {
	return &Failure{
		Reason: ReasonUnrecognized,
		Cause:  Cause{Source: string(s.Chat.Kind), Code: "none", Title: "failed, and the messenger gave no reason"},
	}
}
