package domain

import "time"

// A Fate is which of four ways the call of a messenger ended.
type Fate string

// The fates. They decide whether a message may be sent again.
const (
	FateAccepted  Fate = "accepted"   // the messenger took it
	FateRefused   Fate = "refused"    // the messenger answered with its own error
	FateNeverLeft Fate = "never_left" // nothing of the request was written
	FateUnknown   Fate = "unknown"    // written, and no answer came that can be read: never resent blindly
)

// An Answer is what came of one attempt to send a message.
type SendResult struct {
	Fate       Fate
	ProviderID ProviderID    // with FateAccepted
	Peers      []PeerID      // with FateAccepted: other names by which the messenger knows the peer
	MovedTo    PeerID        // with every fate: the id that the messenger gave the peer, and under which it was called; empty: no new one
	Failure    *Failure      // with every other fate
	Retry      *Backoff      // or nil: as Policies says
	RetryAfter time.Duration // the messenger's own delay; zero: it gave none
}

// A message gives up being sent so long after it was accepted.
const GiveUpAfter = time.Hour

// evidenceWait is how long we wait for evidence of an attempt without an answer.
const EvidenceTimeout = 10 * time.Minute

// wait returns when the message may be tried again after the answer, and false
// when it must not: the failure is final, or the time is too far away.
func (a SendResult) retryAt(m *Message, now time.Time) (time.Time, bool) {
	if a.Fate != FateRefused && a.Fate != FateNeverLeft {
		return time.Time{}, false
	}
	backoff := Policies[a.Failure.Reason].Retry
	if a.Retry != nil {
		backoff = *a.Retry
	}
	d, again := backoff.Wait(m.Attempts, string(m.ID))
	if a.RetryAfter > 0 {
		d = jitter(a.RetryAfter, m.Attempts, string(m.ID))
	}
	next := now.Add(d)
	return next, again && !next.After(m.At.Add(GiveUpAfter))
}
