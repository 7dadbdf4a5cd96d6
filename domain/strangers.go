package domain

import "time"

// barsStranger reports whether the messenger lets the connection write to nobody new,
// and the peer of the message never wrote. A message that may have left is looked for.
func (s State) barsStranger(m *Message) bool {
	stranger := s.Chat.InboundSeq == 0 && !s.Chat.IsGroup
	return stranger && m.Target == "" && m.MaybeAt.IsZero() && s.Now.Before(s.Watched.StrangersFrom)
}

// barStrangers lets the connection write to nobody new for a while, if the messenger
// refused a message because its peer never wrote. Each further try makes the
// messenger's own measures harder.
func (c *Change) barStrangers(s State, r SendResult) {
	wait := Policies[r.Reason()].Strangers
	if wait == 0 {
		return
	}
	if r.RetryAfter > 0 {
		wait = r.RetryAfter
	}
	seen := s.Watched
	seen.StrangersFrom = s.Now.Add(wait).Truncate(time.Millisecond)
	c.watched = &seen
	if s.Now.Before(s.Watched.StrangersFrom) {
		return
	}
	c.signals = append(c.signals, Signal{
		Kind: SignalLimit, Level: LevelWarning, Title: "the messenger lets the account write to nobody new",
		Details: "until " + seen.StrangersFrom.UTC().Format(time.RFC3339) + "; those who wrote before are answered",
	})
}

// strangerRefused is the failure of a message that was not sent because of barStrangers.
func (s State) strangerRefused() *Failure {
	return ownFailure(ReasonStrangers, "the messenger lets the account write to nobody new until "+s.Watched.StrangersFrom.UTC().Format(time.RFC3339))
}
