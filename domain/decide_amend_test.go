package domain

import (
	"testing"
	"time"
)

func TestDecideAmend(t *testing.T) {
	edit := func(text string) MessageEdited {
		return MessageEdited{ProviderID: "wamid.9", Peer: "79990000000", ByPeer: true, Text: text}
	}
	deletion := MessageDeleted{ProviderID: "wamid.9", Peer: "79990000000", ByPeer: true}
	either := MessageDeleted{ProviderID: "wamid.9", Peer: "79990000000", ByPeer: true, ByAnyone: true}
	like := func(emoji string) MessageReacted {
		return MessageReacted{ProviderID: "wamid.9", Peer: "79990000000", ByPeer: true, By: "bea", Emoji: emoji}
	}
	onPhone := MessageEdited{ProviderID: "wamid.1", Text: "closed"}
	wrote := func(changes ...func(*Message)) State {
		m := &Message{ID: "msg_9", Chat: "chat_1", Direction: Inbound, ProviderID: "wamid.9", Text: "hello"}
		for _, change := range changes {
			change(m)
		}
		return State{Chat: chatWith(), Message: m}
	}
	onBlacklist := func(s State) State { s.Chat = chatWith(blocked); return s }
	edited := func(m *Message) { m.Text, m.EditedAt = "hi", second(9) }
	deleted := func(m *Message) { m.DeletedAt = second(9) }
	liked := func(m *Message) { m.Reactions = map[string]Reaction{"bea": {"🔥", second(9)}} }

	testRules(t, []rule{
		{"an edit", wrote(), edit("hi"), "applied; inbound; emits message.edited"},
		{"a newer edit", wrote(edited), atSecond(10, edit("hola")), "applied; inbound; emits message.edited"},
		{"an older edit that comes late", wrote(edited), atSecond(8, edit("hola")), "late"},
		{"the same edit again", wrote(edited), atSecond(9, edit("hi")), "repeated"},
		{"of two edits of the same moment the greater stays", wrote(edited), atSecond(9, edit("hola")), "applied; inbound; emits message.edited"},
		{"of two edits of the same moment the smaller goes", wrote(edited), atSecond(9, edit("hey")), "late"},

		{"a deletion", wrote(), deletion, "applied; inbound; emits message.deleted"},
		{"the same deletion again", wrote(deleted), atSecond(9, deletion), "repeated"},
		{"a deletion with an earlier time", wrote(deleted), atSecond(8, deletion), "repeated; inbound"},
		{"a peer cannot delete what the company wrote", among(ourMessage(Sent)), deletion, "ignored"},
		{"a deletion by one of the two, of what the peer wrote", wrote(), either, "applied; inbound; emits message.deleted"},
		{"a deletion by one of the two, of what the company wrote", among(ourMessage(Sent)), either, "applied; sent; emits message.deleted"},
		{"a deletion by one of the two that names another peer", State{Chat: chatWith(), Message: ourMessage(Sent), Stranger: true}, either, "ignored"},

		{"a reaction", wrote(), like("👍"), "applied; inbound; emits message.reaction"},
		{"a reaction taken back", wrote(liked), like(""), "applied; inbound; emits message.reaction"},
		{"an older reaction that comes late", wrote(liked), atSecond(8, like("👍")), "late"},
		{"the same reaction again", wrote(liked), atSecond(9, like("🔥")), "repeated"},
		{"of two reactions of the same moment the greater stays", wrote(liked), atSecond(9, like("🚀")), "applied; inbound; emits message.reaction"},
		{"of two reactions of the same moment the smaller goes", wrote(liked), atSecond(9, like("")), "late"},

		{"rule 9: a blocked peer edits what was stored before", onBlacklist(wrote()), edit("hi"), "dropped"},
		{"rule 9: a blocked peer edits what is not known, and it does not wait", State{Chat: chatWith(blocked)}, edit("hi"), "dropped"},
		{"rule 9: a blocked peer deletes", onBlacklist(wrote()), deletion, "dropped"},
		{"rule 9: a blocked peer reacts", onBlacklist(wrote()), like("👍"), "dropped"},
		{"rule 10: the company edits on its phone in a blocked chat", State{Chat: chatWith(blocked), Message: ourMessage(Sent)}, onPhone, "applied; sent; emits message.edited"},
		{"rule 21: an edit before its message", State{}, edit("hi"), "orphan; stored"},
		{"rule 21: a deletion before its message", State{Chat: chatWith()}, deletion, "orphan; stored"},
		{"rule 21: a reaction before its message", State{Chat: chatWith()}, like("👍"), "orphan; stored"},
	})
}

// A reaction is put beside those of others; what was read before stays as it was.
func TestReactionsOfOthersStay(t *testing.T) {
	m := &Message{ID: "msg_9", Reactions: map[string]Reaction{"bea": {"🔥", second(9)}}}
	change := decide(t, State{Chat: chatWith(), Message: m}, MessageReacted{ProviderID: "wamid.9", ByPeer: true, By: "ana", Emoji: "👍"})
	if got := change.Message.Reactions; len(got) != 2 || got["bea"].Emoji != "🔥" || got["ana"] != (Reaction{"👍", second(10)}) {
		t.Errorf("the reactions are %v", got)
	}
}

func TestAnEditInTheFutureCountsAsNow(t *testing.T) {
	change := decide(t, among(ourMessage(Sent)), moment{MessageEdited{Text: "hi"}, now.Add(time.Hour)})
	if got := change.Message.EditedAt; !got.Equal(now) {
		t.Errorf("edited at %s, want %s", got, now)
	}
}
