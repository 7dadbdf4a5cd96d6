package domain

import "time"

// A Reach is what the answers of a messenger say about writing to the peer of a chat.
type Reach struct {
	FoundAt    time.Time `json:"found_at,omitzero"`    // it last said that the peer has an account
	RestsUntil time.Time `json:"rests_until,omitzero"` // nothing is sent in the chat before
}

const (
	// FoundFor is how long a messenger's word counts that a peer has an account.
	FoundFor = 30 * day

	// restAfterRefusal is for how long nothing is sent in the chat of a peer who wrote,
	// where the messenger refused an answer as if they never had. More tries may cost
	// the account.
	restAfterRefusal = time.Hour
)

// Found reports whether the messenger said lately that the peer has an account.
func (c *Chat) Found(now time.Time) bool {
	return !c.Reach.FoundAt.IsZero() && now.Before(c.Reach.FoundAt.Add(FoundFor))
}

// rests reports whether the message has to stay where it is, because its chat rests. One
// that may have left is looked for all the same.
func (s State) rests(m *Message) bool {
	return m.MaybeAt.IsZero() && s.Now.Before(s.Chat.Reach.RestsUntil)
}

// restFailure is the failure of a message in a chat that rests.
func (s State) restFailure() *Failure {
	return ownFailure(ReasonRestricted,
		"the messenger refused an answer in this chat; nothing is sent in it until "+s.Chat.Reach.RestsUntil.UTC().Format(time.RFC3339))
}

// noteReach notes what the result of an attempt says about writing to the peer.
func (c *Change) noteReach(s State, r SendResult) {
	now := s.Now.Truncate(time.Millisecond)
	if r.Found {
		c.edit(s).Reach.FoundAt = now
	}
	if r.Fate == FateRefused && s.answersAreRefused(r.Failure) {
		c.edit(s).Reach.RestsUntil = now.Add(restAfterRefusal)
	}
}

// answersAreRefused reports whether the messenger takes the answer to a peer who wrote
// for a message to a stranger.
func (s State) answersAreRefused(why *Failure) bool {
	return why != nil && why.Reason == ReasonStrangers && s.Chat.InboundSeq > 0
}
