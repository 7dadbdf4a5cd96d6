package domain

import "time"

// decideBlock: the blacklist, put on or taken off. A second time changes nothing.
func decideBlock(s State, f BlockRequested) Change {
	switch {
	case s.Chat == nil:
		return Change{Refusal: ErrNotFound}
	case s.Chat.Kind == TelegramBot && s.Chat.IsGroup:
		return Change{Refusal: ErrUnsupportedChat}
	case s.Chat.Blocked() == f.Block:
		return Change{Outcome: Repeated}
	}
	c := *s.Chat
	change := Change{Outcome: Applied, Chat: &c}
	if f.Block {
		c.BlockedBy, c.BlockedAt = f.By, s.Now
		change.tell(EventChatBlocked, chatBlocked{f.By, Time(s.Now)})
	} else {
		c.BlockedBy, c.BlockedAt = "", time.Time{}
		change.tell(EventChatUnblocked, chatBlocked{f.By, Time(s.Now)})
	}
	return change
}

// decideNoReply: the button "no reply needed", for what the screen showed.
func decideNoReply(s State, f NoReplyNeeded) Change {
	if s.Chat == nil {
		return Change{Refusal: ErrNotFound}
	}
	c := *s.Chat
	if min(f.ThroughSeq, c.InboundSeq) <= c.AnsweredSeq {
		return Change{Outcome: Repeated}
	}
	change := Change{Outcome: Applied, Chat: &c}
	if c.answered(f.ThroughSeq, time.Time{}, s.Waiting) {
		change.tell(EventChatUnanswered, chatUnanswered{c.Unanswered, "no_reply_needed", Time(s.Now)})
	}
	return change
}
