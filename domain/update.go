package domain

import "time"

// An Update is one thing that may change a chat: a messenger's report, the result
// of a send, a command of an employee, a deadline. All of them go through Decide,
// under the lock of the chat.
type Update struct {
	// Where the update belongs. From a webhook, Hook and Account are set and the
	// store finds the connection; else Connection is set, or the Fact names a chat.
	Hook       HookID
	Kind       Kind   // of the hook
	Account    string // see Connection.Account; empty: the hook is the connection
	Business   string // the account at the messenger to which Account belongs; empty: not given
	Number     string // the phone number of Account, its digits; empty: not given
	Connection ConnectionID

	// Company restricts a command of the API to what the company owns; empty: any.
	Company CompanyID

	// Rights are those of the employee who gives a command; nil: none.
	Rights Rights

	Fact     Fact
	At       time.Time // by the messenger's clock; zero: not given
	Received time.Time // when it reached us

	// Found says that a Lookback found it: the messenger's own webhook may come, too.
	Found bool

	// Item returns a webhook body with this update alone, which Parse takes, so
	// that the update can be parked. Nil if it came from no webhook.
	Item func() []byte
}

// A Fact is the content of an Update: what happened, or what somebody wants.
type Fact interface{ fact() }

// What messengers report. The facts with JSON tags are stored as orphans; the
// tags keep the first names of the fields, so that stored ones stay readable.
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
		Content    *Content // what else it carries, or nil
		Author     *Author  // who of a group wrote it; nil: the peer
		Origin     Origin   // OriginStandby or OriginHistory; empty: it is written now, to the company
		MovedTo    PeerID   // of a notice: the name that the peer has from now on
		MovedFrom  PeerID   // with MovedTo: the name that it replaces; empty: Peer
		Press      string   // the messenger's name of a press that waits to be acknowledged; empty: none

		Status  DeliveryStatus // of a past message of the company; empty: sent
		Pending bool           // of an echo: it is not sent yet, a report will say when
	}

	// StatusReported is a delivery status of a message that was sent.
	StatusReported struct {
		ProviderID ProviderID     `json:"ProviderID"`
		Message    MessageID      `json:"Message"` // where the messenger gives back the id that we sent along; else empty
		Status     DeliveryStatus `json:"Status"`
		Failure    *Failure       `json:"Failure"` // with Failed
		Pricing    Pricing        `json:"Pricing"`
		Peers      []PeerID       `json:"Peers,omitempty"` // names of who got it, where there are several

		// Participant is who of a group it is about; empty: the peer, or the whole group.
		Participant PeerID `json:"Participant,omitempty"`
		Price       *Price `json:"Price,omitempty"` // as the messenger bills it, or nil
	}

	// MessageEdited gives a message a new text, and a new file if it has one.
	MessageEdited struct {
		ProviderID ProviderID `json:"ProviderID"`
		Peer       PeerID     `json:"Peer"`         // of the chat; empty: not given
		ByPeer     bool       `json:"ByPeer"`       // false: by the company, on its phone
		By         PeerID     `json:"By,omitempty"` // who of a group; empty: not given
		Text       string     `json:"Text"`
		Media      *Media     `json:"Media,omitempty"` // the new file, or nil
		Content    *Content   `json:"Content,omitempty"`
		Action     *Action    `json:"-"` // of an employee through the API, or nil
	}

	// MessageDeleted says that a message was deleted. It stays stored, with a mark.
	MessageDeleted struct {
		ProviderID ProviderID `json:"ProviderID"`
		Peer       PeerID     `json:"Peer"`
		ByPeer     bool       `json:"ByPeer"`
		ByAnyone   bool       `json:"ByAnyone,omitempty"` // the messenger does not say by whom, and lets both delete what either wrote
		By         PeerID     `json:"By,omitempty"`       // who of a group; empty: not given
		Action     *Action    `json:"-"`                  // of an employee through the API, or nil
	}

	// MessageReacted puts a reaction on a message, or takes it back.
	MessageReacted struct {
		ProviderID ProviderID `json:"ProviderID"`
		Peer       PeerID     `json:"Peer"`
		ByPeer     bool       `json:"ByPeer"`
		By         string     `json:"By"`    // the messenger's name of the person
		Emoji      string     `json:"Emoji"` // empty: taken back
		Action     *Action    `json:"-"`     // of an employee through the API, or nil
	}

	// PeerMigrated says that the messenger gave a peer another id, as Telegram does
	// when a group becomes a supergroup.
	PeerMigrated struct{ Peer, To PeerID }

	// PeerRefused says that a peer takes no more messages, or takes them again.
	PeerRefused struct {
		Peer    PeerID
		Refuses bool
	}

	// PeerListed says what the company's own address book calls a peer.
	PeerListed struct {
		Peer      PeerID
		AlsoKnown []PeerID // other names of the same peer
		Contact   Contact
	}

	// ConnectionReported says whether the account of a connection is linked to the
	// messenger.
	ConnectionReported struct{ Link Link }
)

// What employees and services want, through the API.
type (
	// SendRequested is a message to be sent.
	SendRequested struct {
		ID             MessageID // new
		Chat           ChatID    // or, with an empty Chat, Update.Connection and Peer
		Peer           PeerID
		By             EmployeeID
		Origin         Origin // OriginEmployee or OriginAPI
		Type           MessageType
		Text           string // with a file its caption, with an Interactive the text above it
		Template       *Template
		Media          *Media   // an upload, with one of FileTypes; Media.ID is its MediaID
		MediaURL       string   // from where Media was fetched for this request; empty: it was there
		Content        *Content // a Location, Contacts or Interactive with the type of that name, or nil
		ReplyTo        MessageID
		RetryOf        MessageID // a failed message; what it replied to, this one does; not with ReplyTo
		Topic          string    // empty: that of the message replied to, else of the last incoming message
		ClientRef      string
		KeepUnanswered bool // if true, sending does not clear the unanswered counter
		Bulk           bool // part of a campaign: other messages go first
	}

	// ActionRequested acts on a message of either side: see Message.Target.
	ActionRequested struct {
		ID     MessageID // new: an action is a message of its own
		Target MessageID
		By     EmployeeID
		Origin Origin      // OriginEmployee or OriginAPI
		Type   MessageType // one of ActionTypes
		Text   string      // the emoji, empty to take it back; or the new text
	}

	// BlockRequested puts a chat on the blacklist or takes it off.
	BlockRequested struct {
		Chat  ChatID
		By    EmployeeID
		Block bool
	}

	// NoReplyNeeded marks the incoming messages up to ThroughSeq as answered.
	NoReplyNeeded struct {
		Chat       ChatID
		ThroughSeq int64
	}
)

// What happens to a send, and deadlines.
type (
	// SendBegun opens an attempt, just before the messenger is called. It and
	// SendEnded come with Update.Connection.
	SendBegun struct {
		Message MessageID
		Name    ProviderID // ours, see Namer; empty: the messenger names the message
	}

	// SendEnded is the result of an attempt.
	SendEnded struct {
		Message MessageID
		Result  SendResult
	}

	// EvidenceOverdue ends the wait for evidence of an attempt with an unknown result.
	EvidenceOverdue struct{ Message MessageID }

	// MediaFetched is how a try to fetch the file of a message ended. It comes with
	// Update.Connection.
	MediaFetched struct {
		Message MessageID
		Media   MediaID
		Result  FetchResult
	}

	// PriceOverdue ends the wait for the price of a paid dialog.
	PriceOverdue struct{ Chat ChatID }

	// OrphansDue names a message, so that its orphans are applied.
	OrphansDue struct{ ProviderID ProviderID }
)

func (MessageArrived) fact()     {}
func (StatusReported) fact()     {}
func (MessageEdited) fact()      {}
func (MessageDeleted) fact()     {}
func (MessageReacted) fact()     {}
func (PeerMigrated) fact()       {}
func (PeerRefused) fact()        {}
func (PeerListed) fact()         {}
func (ConnectionReported) fact() {}
func (ConnectionSignaled) fact() {}
func (ConnectionWatched) fact()  {}
func (LookRequested) fact()      {}
func (SendRequested) fact()      {}
func (ActionRequested) fact()    {}
func (BlockRequested) fact()     {}
func (NoReplyNeeded) fact()      {}
func (SendBegun) fact()          {}
func (SendEnded) fact()          {}
func (EvidenceOverdue) fact()    {}
func (MediaFetched) fact()       {}
func (PriceOverdue) fact()       {}
func (OrphansDue) fact()         {}

// A Contact is what a messenger says about a peer. It did not give the empty fields.
type Contact struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Username string `json:"username,omitempty"`
}
