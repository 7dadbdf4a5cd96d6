package domain

import (
	"context"
	"errors"
	"net/http"
)

// ErrForged is returned by Verify for what the messenger did not send.
var ErrForged = errors.New("the webhook is unsigned or forged")

// A Connector speaks one messenger's protocol, both ways. Its methods are
// called by many goroutines at once.
type Connector interface {
	// HookSettings lists what a hook of this messenger needs, with a check of each
	// value. Without any setting each connection is its own hook.
	HookSettings() []Setting

	// ConnectionSettings lists what a connection needs, with a check of each value.
	ConnectionSettings() []Setting

	// FailureTable lists which answers of the messenger mean which Reason. The
	// first row that matches decides.
	FailureTable() []FailureRow

	// Pace returns how fast the messenger lets a connection send.
	Pace() Pace

	// VerifyHeader returns ErrForged if no body makes Verify accept the header. It
	// is called before the body is read.
	VerifyHeader(hook Settings, header http.Header) error

	// Verify returns nil if the raw body came from the messenger, by one of the
	// hook's secrets, current or previous; else ErrForged.
	Verify(hook Settings, header http.Header, body []byte) error

	// Parse reads a verified body. It never fails as a whole: what cannot be
	// read becomes a BadItem beside its neighbours. Of each Update it sets
	// Account, Fact, At, Found and Item; the caller sets the rest.
	Parse(body []byte) Parsed

	// Send calls the messenger once. It never tries again, with one exception: when
	// the messenger refuses because it moved the peer to another id, Send calls it
	// again with that id. It returns when the messenger answered, or when the
	// context ends. No text of the result holds a secret or the text of the message.
	// A message whose type is not among the Traits of the kind is refused without a call.
	Send(ctx context.Context, c Connection, m Outgoing) SendResult
}

// A Namer is a Connector that gives messages of some types, see Traits.Recognises, an id of
// ours. The messenger sends no second message with the same id, so Send may be called again
// after an attempt with an unknown result. It first looks whether the message is there.
type Namer interface {
	// NameOf returns the id of a message: the same for every attempt.
	NameOf(c ConnectionID, m MessageID) ProviderID
}

// Parsed is the content of a webhook.
type Parsed struct {
	Updates []Update
	Bad     []BadItem
	Ignored int // updates of a kind that we do not know, or that change no chat
}

// A BadItem is a part of a webhook that could not be read. Item is a body for
// Parse that holds only this part, so that it can be tried again.
type BadItem struct {
	Account string
	Item    []byte
	Error   string
}

// An Outgoing is a message as a Connector sends it.
type Outgoing struct {
	ID       MessageID // sent along if the messenger returns it with statuses
	Peer     PeerID
	IsGroup  bool
	Type     MessageType
	Text     string
	Template *Template  // with TypeTemplate
	ReplyTo  ProviderID // empty: it is no reply
	ReplyBy  PeerID     // who wrote that message, with Traits.QuotesWriter: the peer, or a member of the group; empty: the company
	Topic    string     // empty: none
	Stranger bool       // the peer never wrote
	Found    bool       // the messenger said lately that the peer has an account; see SendResult.Found
	Maybe    bool       // an attempt before may have sent it; see Namer
	Attempt  int        // 1 the first time

	Media   *MediaUpload // the file, or nil; Text is its caption
	Content *Content     // the location, contacts or choices, or nil; of an edit what the message has beside its text

	Target     ProviderID  // the message on which it acts, with one of ActionTypes; Text is the emoji or the new text
	TargetType MessageType // of that message
	TargetBy   PeerID      // who wrote it: the peer, or a member of the group; empty: the company
}
