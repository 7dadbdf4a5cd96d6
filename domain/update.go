package domain

import "time"

// An Update is one thing that changes a chat: what a messenger tells, what
// became of a send, what an employee asks for. All go one way: through Decide,
// under the lock of the chat.
type Update struct {
	// Where it belongs. From a webhook Hook and Account are set and the store
	// finds the connection; else Connection, or what Fact names.
	Hook       HookID
	Kind       Kind   // of the hook
	Account    string // the messenger's name of the connection within the hook; empty: the hook is the connection
	Connection ConnectionID

	// Company limits a command of the API to what the company owns; empty: no limit.
	Company CompanyID

	// Rights are those of the employee who commands; none: nothing is allowed him.
	Rights Rights

	Fact     Fact
	At       time.Time // by the clock of who tells it; zero: not told
	Received time.Time // when it reached us

	// Item returns the update alone, as a webhook body that Parse takes, so that
	// it can be put aside. Nil for what came from no webhook.
	Item func() []byte
}

// A Fact is what an Update tells.
type Fact interface{ fact() }

// What messengers tell.
type (
	// MessageArrived is a message of the peer, or the echo of one that the
	// company wrote on its own phone.
	MessageArrived struct {
		Peer       PeerID
		AlsoKnown  []PeerID // other names of the same peer
		IsGroup    bool
		Contact    Contact
		Direction  Direction
		ProviderID ProviderID
		Type       MessageType
		Text       string
		Media      *Media
		ReplyTo    ProviderID
	}

	// StatusReported tells how far one of our messages came.
	StatusReported struct {
		ProviderID ProviderID
		Message    MessageID // ours, where the messenger gives back what we sent along; else empty
		Status     DeliveryStatus
		Failure    *Failure // with Failed
		Pricing    Pricing
	}

	// MessageEdited gives a message a new text.
	MessageEdited struct {
		ProviderID ProviderID
		Peer       PeerID // whose chat; empty: not told
		ByPeer     bool   // false: the company, on its phone
		Text       string
	}

	// MessageDeleted takes a message back. What was stored stays, marked.
	MessageDeleted struct {
		ProviderID ProviderID
		Peer       PeerID
		ByPeer     bool
	}

	// MessageReacted puts an emoji under a message, or takes it away.
	MessageReacted struct {
		ProviderID ProviderID
		Peer       PeerID
		ByPeer     bool
		By         string // who, by the messenger's name
		Emoji      string // empty: taken back
	}

	// PeerMigrated tells that the messenger gave a peer another id, as Telegram
	// does when a group becomes a supergroup.
	PeerMigrated struct{ Peer, To PeerID }
)

// What employees ask for, by the API.
type (
	// SendRequested asks for a message to be sent.
	SendRequested struct {
		ID             MessageID // fresh
		Chat           ChatID    // either this, or Update.Connection and Peer
		Peer           PeerID
		By             EmployeeID
		Origin         Origin // OriginEmployee or OriginAPI
		Type           MessageType
		Text           string
		Template       *Template
		ReplyTo        MessageID
		ClientRef      string
		KeepUnanswered bool // sending it answers nothing
	}

	// BlockRequested puts a chat on the blacklist, or takes it off.
	BlockRequested struct {
		Chat  ChatID
		By    EmployeeID
		Block bool
	}

	// NoReplyNeeded answers the incoming messages up to ThroughSeq without a word.
	NoReplyNeeded struct {
		Chat       ChatID
		ThroughSeq int64
	}
)

// What becomes of a send.
type (
	// SendBegun asks to open an attempt, just before the messenger is called.
	// It and SendEnded come with Update.Connection.
	SendBegun struct{ Message MessageID }

	// SendEnded tells the answer to an attempt.
	SendEnded struct {
		Message MessageID
		Result  SendResult
	}

	// EvidenceOverdue ends the wait for evidence of an attempt without an answer.
	EvidenceOverdue struct{ Message MessageID }

	// PriceOverdue ends the wait for the price of a paid dialog.
	PriceOverdue struct{ Chat ChatID }

	// OrphansDue only names a message, so that what waited for it is applied.
	OrphansDue struct{ ProviderID ProviderID }
)

func (MessageArrived) fact()  {}
func (StatusReported) fact()  {}
func (MessageEdited) fact()   {}
func (MessageDeleted) fact()  {}
func (MessageReacted) fact()  {}
func (PeerMigrated) fact()    {}
func (SendRequested) fact()   {}
func (BlockRequested) fact()  {}
func (NoReplyNeeded) fact()   {}
func (SendBegun) fact()       {}
func (SendEnded) fact()       {}
func (EvidenceOverdue) fact() {}
func (PriceOverdue) fact()    {}
func (OrphansDue) fact()      {}

// A Contact is what the messenger tells of a peer. Empty fields are not told.
type Contact struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Username string `json:"username"`
}
