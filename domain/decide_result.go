package domain

import "time"

// decideEnded handles the result of an attempt. It counts also when it comes late,
// from a worker that has lost its lane: it is what the messenger did.
func decideEnded(s State, r SendResult) Change {
	if s.Message == nil {
		return Change{Outcome: Ignored}
	}
	change := applyResult(s, r)
	change.move(s, s.Chat.Address(), r.MovedTo)
	change.learn(s, r.Peers...)
	change.noteReach(s, r)
	return change
}

// applyResult does what the Fate of the attempt asks for: the message was sent, is
// retried, fails, or waits for evidence.
func applyResult(s State, r SendResult) Change {
	m := *s.Message
	if r.Fate == FateAccepted {
		change := decideAccepted(s, m, r)
		change.endBar(s, &m)
		return change
	}
	if !m.Open() {
		return Change{Outcome: Late}
	}
	if m.Target != "" {
		r = r.repeatable()
	}
	if r.Fate != FateRefused && r.Fate != FateNeverLeft {
		if !m.UnknownAt.IsZero() {
			return Change{Outcome: Repeated}
		}
		if m.ownName() {
			return repeatLater(s, m)
		}
		m.AttemptAt, m.UnknownAt = time.Time{}, s.Now
		return Change{Outcome: Applied, Message: &m}
	}
	r.Failure = s.ofStranger(r.Failure)
	next, again := r.retryAt(&m, s.Now)
	change := Change{Outcome: Applied}
	if !again {
		change = giveUp(s, m, r)
		if provesRefusal(&m, s.Chat.Kind, r.Failure) {
			change.setRefuses(s, true, s.Now)
		}
	} else {
		maybe := m.MaybeAt
		m.closeAttempt()
		m.NextAt = next
		if r.Fate == FateNeverLeft { // it says nothing of the attempts before
			m.MaybeAt = maybe
		}
		change.Message = &m
	}
	change.applyPolicy(r.Failure, next)
	change.barStrangers(s, r)
	if change.suspend != nil && s.Watched.Link.worksSince(s.Message.AttemptAt) {
		change.suspend = nil
	}
	return change
}

// repeatLater lets a message that the messenger recognises be sent again, after an attempt
// with an unknown result.
func repeatLater(s State, m Message) Change {
	wait, _ := repeats.Wait(m.Attempts, string(m.ID))
	next := s.Now.Add(wait)
	if next.After(m.At.Add(m.Class.GiveUpAfter())) {
		return failMessage(s, m, outcomeUnknown(), s.Now)
	}
	since := m.MaybeAt
	if since.IsZero() {
		since = s.Now
	}
	m.closeAttempt()
	m.NextAt, m.MaybeAt = next, since
	return Change{Outcome: Applied, Message: &m}
}

// repeats spaces the attempts with an unknown result of a message that the messenger recognises.
var repeats = Backoff{First: time.Second, Factor: 5, Max: 5 * time.Minute}

// ofStranger makes a refusal to write to strangers one of a restricted account where the
// peer wrote before.
func (s State) ofStranger(why *Failure) *Failure {
	if !s.answersAreRefused(why) {
		return why
	}
	restricted := *why
	restricted.Reason = ReasonRestricted
	return &restricted
}

// giveUp fails a message that is not tried again. That the last attempt never left says
// nothing of the attempts before: then the message may have arrived.
func giveUp(s State, m Message, r SendResult) Change {
	if r.Fate == FateNeverLeft && !m.MaybeAt.IsZero() {
		return failMessage(s, m, outcomeUnknown(), s.Now)
	}
	return refuseMessage(s, m, r.Failure)
}

// refuseMessage fails a message that was not sent, and releases its dialog.
func refuseMessage(s State, m Message, why *Failure) Change {
	change := failMessage(s, m, why, s.Now)
	change.releaseDialog(s, &m)
	return change
}

// decideAccepted handles a message that the messenger accepted.
func decideAccepted(s State, m Message, r SendResult) Change {
	ours := m.ownName() && r.ProviderID != m.ProviderID // the messenger took our id for a hint only
	if m.ProviderID != "" && !ours || r.ProviderID == "" || s.idOfPeer() {
		return hasLeft(s, m, r.Pending, s.Now)
	}
	m.ProviderID = r.ProviderID
	change := hasLeft(s, m, r.Pending, s.Now)
	change.adoptProviderID(s, &m)
	return change
}

// hasLeft applies evidence that the messenger has the message: it is sent, or it is
// pending until a report says so. No time ends that.
func hasLeft(s State, m Message, pending bool, at time.Time) Change {
	switch {
	case !pending || m.Status != Queued:
		return reachedStatus(s, m, Sent, at)
	case m.Taken():
		return Change{Outcome: Repeated}
	}
	m.closeAttempt()
	m.TakenAt = at
	return Change{Outcome: Applied, Message: &m}
}

// decideOverdue fails a message when no evidence came in time of an attempt whose
// result is unknown.
func decideOverdue(s State) Change {
	m := s.Message
	if m == nil || m.Status != Queued || m.UnknownAt.IsZero() || s.Now.Before(m.UnknownAt.Add(EvidenceTimeout)) {
		return Change{Outcome: Ignored}
	}
	return failMessage(s, *m, outcomeUnknown(), s.Now)
}

func outcomeUnknown() *Failure {
	return ownFailure(ReasonOutcomeUnknown,
		"the messenger gave no answer and no sign of the message; it was not sent again, for it may have arrived")
}
