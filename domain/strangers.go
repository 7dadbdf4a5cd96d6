package domain

import (
	"fmt"
	"slices"
	"time"
)

// barsStranger reports whether the messenger lets the connection write to nobody new,
// and the message goes to somebody new.
func (s State) barsStranger(m *Message) bool {
	return s.toStranger(m) && s.Now.Before(s.Watched.StrangersFrom)
}

// toStranger reports whether the peer of the message never wrote. A message that may
// have left is none to a stranger: it is looked for.
func (s State) toStranger(m *Message) bool {
	return s.Chat.InboundSeq == 0 && !s.Chat.IsGroup && m.Target == "" && m.MaybeAt.IsZero()
}

// exceedsStrangers reports whether the message goes to a stranger too many for the day.
// Messengers without an interface for companies ban accounts that write to many.
func (s State) exceedsStrangers(m *Message) bool {
	most := s.Chat.Kind.Traits().Strangers
	today := s.strangersToday()
	return most > 0 && len(today) >= most && s.toStranger(m) && !slices.Contains(today, s.Chat.ID)
}

// strangersToday returns the chats of strangers that were written to on this day.
func (s State) strangersToday() []ChatID {
	if s.Watched.StrangersOn != s.today() {
		return nil
	}
	return s.Watched.Strangers
}

func (s State) today() string { return dateOf(s.Now, s.zone()) }

// countStranger counts the stranger to whom the message goes, once a day.
func (c *Change) countStranger(s State, m *Message) {
	today := s.strangersToday()
	if s.Chat.Kind.Traits().Strangers == 0 || !s.toStranger(m) || slices.Contains(today, s.Chat.ID) {
		return
	}
	seen := c.editWatched(s)
	seen.StrangersOn, seen.Strangers = s.today(), append(slices.Clip(today), s.Chat.ID)
}

// tooManyStrangers is the failure of a message that exceedsStrangers.
func (s State) tooManyStrangers() *Failure {
	return ownFailure(ReasonStrangers, fmt.Sprintf(
		"%d people who never wrote were written to today, the most for an account that the messenger may ban; those who wrote are answered",
		len(s.strangersToday())))
}

// barStrangers lets the connection write to nobody new for a while, if the messenger
// refused a message because its peer never wrote. Each further try makes the
// messenger's own measures harder. A message that was on its way when the pause began
// says nothing new.
func (c *Change) barStrangers(s State, r SendResult) {
	wait := Policies[r.Reason()].Strangers
	if wait == 0 {
		return
	}
	barred := s.Now.Before(s.Watched.StrangersFrom)
	if barred && r.RetryAfter == 0 {
		return
	}
	seen := c.editWatched(s)
	if r.RetryAfter > 0 {
		wait = r.RetryAfter
	} else {
		wait = max(wait, min(2*seen.StrangersPause, s.Chat.Kind.Traits().LongestPause))
		seen.StrangersPause = wait
	}
	seen.StrangersFrom = s.Now.Add(wait).Truncate(time.Millisecond)
	if barred {
		return
	}
	c.signals = append(c.signals, Signal{
		Kind: SignalLimit, Level: LevelWarning, Title: "the messenger lets the account write to nobody new",
		Details: "until " + seen.StrangersFrom.UTC().Format(time.RFC3339) + "; those who wrote before are answered",
	})
}

// endBar forgets how long the pauses were, once the messenger took a message to a stranger.
func (c *Change) endBar(s State, m *Message) {
	if s.Watched.StrangersPause > 0 && s.toStranger(m) {
		c.editWatched(s).StrangersPause = 0
	}
}

// strangerRefused is the failure of a message that was not sent because of barStrangers.
func (s State) strangerRefused() *Failure {
	return ownFailure(ReasonStrangers, "the messenger lets the account write to nobody new until "+s.Watched.StrangersFrom.UTC().Format(time.RFC3339))
}
