package domain

import "context"

// A Courteous Connector shows the peer that somebody writes an answer, or has read
// what it wrote. Nobody relies on it: what fails is not tried again.
type Courteous interface {
	// Show calls the messenger once, or does nothing where it has no such thing.
	Show(ctx context.Context, c Connection, s Courtesy) error
}

// A Courtesy is what a peer is shown.
type Courtesy struct {
	Typing  bool // somebody writes; else: the messages up to Message were read
	Peer    PeerID
	Topic   string     // of the chat; empty: none
	Message ProviderID // the last incoming message; empty: not known
}
