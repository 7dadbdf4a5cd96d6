package domain

import "time"

// decideBlock puts a chat on the blacklist or takes it off. It is idempotent.
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
	change := Change{Outcome: Applied}
	chat := change.edit(s)
	if f.Block {
		chat.BlockedBy, chat.BlockedAt = f.By, s.Now
		change.addNotice(EventChatBlocked, chatBlocked{f.By, Time(s.Now)})
	} else {
		chat.BlockedBy, chat.BlockedAt = "", time.Time{}
		change.addNotice(EventChatUnblocked, chatBlocked{f.By, Time(s.Now)})
	}
	return change
}

// decideNoReply handles the button "no reply needed": it answers the messages
// that the screen showed.
func decideNoReply(s State, u Update, f NoReplyNeeded) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case !u.Rights.May(WriteChats):
		return Change{Refusal: ErrForbidden}
	case min(f.ThroughSeq, s.Chat.InboundSeq) <= s.Chat.AnsweredSeq:
		return Change{Outcome: Repeated}
	}
	change := Change{Outcome: Applied}
	if chat := change.edit(s); chat.raiseWatermark(f.ThroughSeq, time.Time{}, s.Unanswered) {
		change.addNotice(EventChatUnanswered, chatUnanswered{chat.Unanswered, noReplyNeeded, Time(s.Now)})
	}
	return change
}
