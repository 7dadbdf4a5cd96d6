package domain

import "time"

// decideBlock: the blacklist, put on or taken off. A second time changes nothing.
func decideBlock(s State, u Update, f BlockRequested) Change {
	if s.Chat == nil {
		return Change{Refusal: ErrNotFound}
	}
	if err := first(blacklistGates, s.intent(u)).refusalError(); err != nil {
		return Change{Refusal: err}
	}
	if s.Chat.Blocked() == f.Block {
		return Change{Outcome: Repeated}
	}
	c := *s.Chat
	change := Change{Outcome: Applied, Chat: &c}
	if f.Block {
		c.BlockedBy, c.BlockedAt = f.By, s.Now
		change.addNotice(EventChatBlocked, chatBlocked{f.By, Time(s.Now)})
	} else {
		c.BlockedBy, c.BlockedAt = "", time.Time{}
		change.addNotice(EventChatUnblocked, chatBlocked{f.By, Time(s.Now)})
	}
	return change
}

// decideNoReply: the button "no reply needed", for what the screen showed.
func decideNoReply(s State, u Update, f NoReplyNeeded) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !u.Rights.May(WriteChats):
		return Change{Refusal: ErrForbidden}
	}
	c := *s.Chat
	if min(f.ThroughSeq, c.InboundSeq) <= c.AnsweredSeq {
		return Change{Outcome: Repeated}
	}
	change := Change{Outcome: Applied, Chat: &c}
	if c.raiseWatermark(f.ThroughSeq, time.Time{}, s.Unanswered) {
		change.addNotice(EventChatUnanswered, chatUnanswered{c.Unanswered, "no_reply_needed", Time(s.Now)})
	}
	return change
}
