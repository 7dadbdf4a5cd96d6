package domain

import (
	"context"
	"errors"
	"net/http"
)

// ErrForged is the answer of Verify to what the messenger did not send.
var ErrForged = errors.New("the webhook is unsigned or forged")

// A Connector speaks one messenger's protocol, both ways. Its methods are
// called by many goroutines at once.
type Connector interface {
	// HookSettings lists what a hook of this messenger needs; none: each
	// connection is its own hook.
	HookSettings() []Setting

	// ConnectionSettings lists what a connection needs.
	ConnectionSettings() []Setting

	// Answers lists which answers of the messenger mean which Reason; the first
	// that fits decides.
	FailureTable() []FailureRow

	// Verify returns nil if the raw body came from the messenger, by one of the
	// hook's secrets, current or previous; else ErrForged.
	Verify(hook Settings, header http.Header, body []byte) error

	// Parse reads a verified body. It never fails as a whole: what cannot be
	// read becomes a BadItem beside its neighbours. It sets of each Update
	// Account, Fact, At and Item; the caller sets the rest.
	Parse(body []byte) Parsed

	// Send calls the messenger once; it never tries again, except at the id to
	// which the messenger moved the peer when it refused to send to the old one.
	// It returns when the messenger answered, or within the context. No error
	// text of an answer holds a secret or the text of the message.
	Send(ctx context.Context, c Connection, m Outgoing) SendResult
}

// Parsed is what a webhook tells.
type Parsed struct {
	Updates []Update
	Bad     []BadItem
	Ignored int // kinds of updates that we do not know, or that concern nobody
}

// A BadItem is a part of a webhook that could not be read. Item is a body that
// Parse takes, with nothing in it but this part, so that it can be tried again.
type BadItem struct {
	Account string
	Item    []byte
	Error   string
}

// An Outgoing is a message as a Connector sends it.
type Outgoing struct {
	ID       MessageID // given along where the messenger gives it back
	Peer     PeerID
	IsGroup  bool
	Type     MessageType
	Text     string
	Template *Template  // with TypeTemplate
	ReplyTo  ProviderID // empty: replies to none
	Attempt  int        // 1 the first time
}
