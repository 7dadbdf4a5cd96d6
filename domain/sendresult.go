package domain

import "time"

// A Fate is how the call of a messenger ended.
type Fate string

// The fates. They decide whether a message may be sent again.
const (
	FateAccepted  Fate = "accepted"   // the messenger accepted the message
	FateRefused   Fate = "refused"    // the messenger answered with its own error
	FateNeverLeft Fate = "never_left" // nothing of the request was written
	FateUnknown   Fate = "unknown"    // written, but no readable answer came: never sent again blindly
)

// A SendResult is the result of one attempt to send a message.
type SendResult struct {
	Fate       Fate
	ProviderID ProviderID    // with FateAccepted
	Pending    bool          // with FateAccepted: it is not sent yet, a report will say when
	Peers      []PeerID      // with FateAccepted or Found: other ids by which the messenger knows the peer
	MovedTo    PeerID        // with every fate: a new id of the peer, to which the attempt was made; empty: none
	Found      bool          // with every fate: the messenger was asked whether the peer has an account, and it has
	Failure    *Failure      // with every other fate
	Retry      *Backoff      // nil: as Policies say
	RetryAfter time.Duration // the messenger's own delay; zero: none

	// Uploaded is what the messenger calls the file that was uploaded for the message,
	// with every fate, until UploadedUntil; empty: there was none, or it keeps no name.
	Uploaded      string
	UploadedUntil time.Time // zero: it does not end
}

// SendTimeout is how long a messenger may take to answer. A file adds its StreamTime.
const SendTimeout = 20 * time.Second

// StreamTime is how much longer a call may take for the size of its file: a second for
// each MiB.
func StreamTime(size int64) time.Duration { return time.Duration(size>>20) * time.Second }

// EvidenceTimeout is how long we wait for evidence, such as an echo or a status,
// of an attempt with an unknown result.
const EvidenceTimeout = 10 * time.Minute

// Reason returns the reason of the failure; ReasonUnrecognized if none was given.
func (r SendResult) Reason() Reason {
	if r.Failure == nil {
		return ReasonUnrecognized
	}
	return r.Failure.Reason
}

// retryAt returns when the message may be sent again after the result, and false
// when it must not: the failure is final, or its Class gives up first.
func (r SendResult) retryAt(m *Message, now time.Time) (time.Time, bool) {
	if r.Fate != FateRefused && r.Fate != FateNeverLeft {
		return time.Time{}, false
	}
	backoff := Policies[r.Reason()].Retry
	if r.Retry != nil {
		backoff = *r.Retry
	}
	d, again := backoff.Wait(m.Attempts, string(m.ID))
	if r.RetryAfter > 0 {
		d = jitter(r.RetryAfter, m.Attempts, string(m.ID))
	}
	next := now.Add(d)
	return next, again && !next.After(m.At.Add(m.Class.GiveUpAfter()))
}
