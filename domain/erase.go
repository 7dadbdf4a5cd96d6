package domain

import "context"

// An Eraser erases people, as the law of many countries gives them a right to.
type Eraser interface {
	// PeerChats lists the chats of a company with a person: those whose peer has the
	// name, which may be an id, a phone or a username, on any connection, and those that
	// were merged with them. A chat comes before the one that it was merged into.
	PeerChats(ctx context.Context, company CompanyID, name string) ([]PeerChat, error)

	// EraseChats erases chats of a company: messages, queued ones included, events and
	// their deliveries, names, the block, and at last the chats. Files are marked to be
	// erased; one that was sent in other chats too stays. What was counted stays counted.
	// It takes many short transactions: after an error, call it again.
	EraseChats(ctx context.Context, company CompanyID, chats []ChatID) error
}

// A PeerChat is a chat that may be erased, with what goes with it.
type PeerChat struct {
	Chat
	Messages int64
	Files    int64 // that came with its messages, or were sent first in it
	Bytes    int64 // of those files
}
