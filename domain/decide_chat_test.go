package domain

import "testing"

func TestDecideChat(t *testing.T) {
	block, unblock := BlockRequested{Chat: "chat_1", By: "ana", Block: true}, BlockRequested{Chat: "chat_1", By: "leo"}
	through := func(seq int64) NoReplyNeeded { return NoReplyNeeded{Chat: "chat_1", ThroughSeq: seq} }
	answered2 := func(c *Chat) { c.AnsweredSeq, c.Unanswered = 2, 1 }

	testRules(t, []rule{
		{"rule 5: a chat is blocked", among(nil), block, "applied; 3 unanswered; emits chat.blocked"},
		{"rule 5: a private chat of a bot", State{Chat: chatWith(bot)}, block, "applied; 3 unanswered; emits chat.blocked"},
		{"rule 5: a group that is not a bot's", State{Chat: chatWith(group)}, block, "applied; 3 unanswered; emits chat.blocked"},
		{"rule 5: a group of a bot cannot be blocked", State{Chat: chatWith(bot, group)}, block, "refused: unsupported_chat"},
		{"rule 5: nor unblocked", State{Chat: chatWith(bot, group)}, unblock, "refused: unsupported_chat"},
		{"rule 6: a chat that does not exist", State{}, block, "refused: not_found"},
		{"rule 7: blocking a blocked chat", State{Chat: chatWith(blocked)}, block, "repeated"},
		{"rule 7: unblocking a chat that is not blocked", among(nil), unblock, "repeated"},
		{"rule 13: unblocking replays nothing", State{Chat: chatWith(blocked)}, unblock, "applied; 3 unanswered; emits chat.unblocked"},
		{"rule 13: a peer that was unblocked writes", State{Chat: chatWith()}, hello, "applied; inbound; 4 unanswered; emits message.created"},

		{"rule 17: no reply needed for all that the screen showed", among(nil), through(3), "applied; 0 unanswered; emits chat.unanswered"},
		{"rule 17: no reply needed while another message came", among(nil), through(2), "applied; 1 unanswered; emits chat.unanswered"},
		{"rule 17: no reply needed with an old through_seq", State{Chat: chatWith(answered2), Unanswered: waitingThree[2:]}, through(1), "repeated"},
		{"rule 17: no reply needed twice", State{Chat: chatWith(allAnswered)}, through(3), "repeated"},
		{"rule 17: no reply needed beyond what came", among(nil), through(99), "applied; 0 unanswered; emits chat.unanswered"},
		{"rule 17: no reply needed after an echo answered all", State{Chat: chatWith(answeredAt(20), nobodyWaits)}, through(3), "applied; 0 unanswered"},
		{"no reply needed in a chat that does not exist", State{}, through(1), "refused: not_found"},
	})
}

// Rule 7: the chat stores who blocked it, and when.
func TestWhoBlocked(t *testing.T) {
	c := decide(t, among(nil), BlockRequested{Chat: "chat_1", By: "ana", Block: true}).Chat
	if !c.Blocked() || c.BlockedBy != "ana" || !c.BlockedAt.Equal(now) {
		t.Errorf("blocked by %q at %s", c.BlockedBy, c.BlockedAt)
	}
	c = decide(t, State{Chat: c}, BlockRequested{Chat: "chat_1", By: "leo"}).Chat
	if c.Blocked() || c.BlockedBy != "" {
		t.Errorf("still blocked by %q at %s", c.BlockedBy, c.BlockedAt)
	}
}

// Rule 16: what comes beyond the screen is never answered beforehand.
func TestNoReplyNeededAnswersNothingThatIsToCome(t *testing.T) {
	c := decide(t, among(nil), NoReplyNeeded{Chat: "chat_1", ThroughSeq: 99}).Chat
	c = decide(t, State{Chat: c}, hello).Chat
	if c.AnsweredSeq != 3 || c.Unanswered != 1 {
		t.Errorf("answered up to %d and %d unanswered after another message, want 3 and 1", c.AnsweredSeq, c.Unanswered)
	}
}

func nobodyWaits(c *Chat) { c.Unanswered = 0 }
