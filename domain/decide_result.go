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
	return change
}

// applyResult does what the Fate of the attempt asks for: the message was sent, is
// retried, fails, or waits for evidence.
func applyResult(s State, r SendResult) Change {
	m := *s.Message
	if r.Fate == FateAccepted {
		return decideAccepted(s, m, r)
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
		m.AttemptAt, m.UnknownAt = time.Time{}, s.Now
		return Change{Outcome: Applied, Message: &m}
	}
	next, again := r.retryAt(&m, s.Now)
	change := Change{Outcome: Applied}
	if !again {
		change = refuseMessage(s, m, r.Failure)
		if provesRefusal(&m, s.Chat.Kind, r.Failure) {
			change.setRefuses(s, true, s.Now)
		}
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

// decideAccepted handles a message that the messenger accepted.
func decideAccepted(s State, m Message, r SendResult) Change {
	if m.ProviderID != "" || r.ProviderID == "" || s.idOfPeer() {
		return reachedStatus(s, m, Sent, s.Now)
	}
	m.ProviderID = r.ProviderID
	change := reachedStatus(s, m, Sent, s.Now)
	change.adoptProviderID(s, &m)
	return change
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
