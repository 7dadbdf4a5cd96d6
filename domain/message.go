package domain

import (
	"encoding/json"
	"time"
)

// A Direction tells who wrote a message: the peer or the company.
type Direction string

// The two directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Directions lists every Direction.
var Directions = []Direction{Inbound, Outbound}

// An Origin tells from where a message came.
type Origin string

// The origins. Only OriginClient is inbound.
const (
	OriginClient   Origin = "client"
	OriginEmployee Origin = "employee" // through the API, by a person
	OriginAPI      Origin = "api"      // through the API, by a service
	OriginPhone    Origin = "phone"    // written on the company's own phone; we hear its echo
)

// Origins lists every Origin.
var Origins = []Origin{OriginClient, OriginEmployee, OriginPhone, OriginAPI}

// A MessageType is our word for the form of a message. Messengers have more;
// what has no word here is TypeUnsupported and keeps its text, if any.
type MessageType string

// The types of messages.
const (
	TypeText        MessageType = "text"
	TypeTemplate    MessageType = "template"
	TypeVoice       MessageType = "voice" // recorded to be listened to; an audio file is TypeAudio
	TypeAudio       MessageType = "audio"
	TypeImage       MessageType = "image"
	TypeVideo       MessageType = "video"
	TypeFile        MessageType = "file"
	TypeSticker     MessageType = "sticker"
	TypeLocation    MessageType = "location"
	TypeContacts    MessageType = "contacts"
	TypeButton      MessageType = "button" // a choice the peer made from what we offered
	TypeOrder       MessageType = "order"
	TypeSystem      MessageType = "system"
	TypeUnsupported MessageType = "unsupported"
)

// MessageTypes lists every MessageType.
var MessageTypes = []MessageType{
	TypeText, TypeTemplate, TypeVoice, TypeAudio, TypeImage, TypeVideo, TypeFile,
	TypeSticker, TypeLocation, TypeContacts, TypeButton, TypeOrder, TypeSystem, TypeUnsupported,
}

// OutboundTypes lists the types that the API accepts for sending. The gates and
// the connector decide which of them a chat takes.
var OutboundTypes = []MessageType{TypeText, TypeTemplate, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile}

// Media is what a messenger tells of a file. The bytes are not here.
type Media struct {
	ID   string `json:"id"` // the messenger's, to fetch it with
	MIME string `json:"mime"`
	Name string `json:"name,omitempty"`
	Size int64  `json:"size,omitempty"` // bytes; zero: not told
	SHA  string `json:"sha256,omitempty"`
}

// A Template names a message that the messenger approved before, and fills it.
type Template struct {
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Components json.RawMessage `json:"components,omitempty"` // as the messenger documents them, or nil
}

// A Reaction is what someone put under a message.
type Reaction struct {
	Emoji string    `json:"emoji"` // empty: taken back
	At    time.Time `json:"at"`
}

// A Message of a chat. Times are zero until they happened.
type Message struct {
	ID         MessageID
	Chat       ChatID
	Connection ConnectionID
	Company    CompanyID
	Seq        int64 // Chat.Seq of its creation: the order in which messages were accepted
	Direction  Direction
	Origin     Origin
	By         EmployeeID // who wrote it, with OriginEmployee and OriginAPI
	Type       MessageType
	Text       string
	Media      *Media    // or nil
	Template   *Template // with TypeTemplate; never changed in place
	ReplyTo    ProviderID
	ProviderID ProviderID // empty until the messenger named it
	ClientRef  string     // the caller's own name of it

	// At is the messenger's time, never in the future; for ours the moment it was accepted.
	At time.Time

	InboundSeq int64 // its number among the incoming messages of the chat; zero: outbound
	AnswersSeq int64 // sending it answers the incoming messages up to this one; zero: answers nothing

	Status      DeliveryStatus // empty for inbound
	Failure     *Failure       // with Status Failed only
	SentAt      time.Time
	DeliveredAt time.Time
	ReadAt      time.Time
	FailedAt    time.Time
	EditedAt    time.Time
	DeletedAt   time.Time
	Reactions   map[string]Reaction // by who; a copy is made before it changes

	// The way out; all zero once the message left or failed.
	Attempts  int
	AttemptAt time.Time // an attempt is open: the messenger is being called, or the process died then
	NextAt    time.Time // not to be tried before; the database's clock
	UnknownAt time.Time // since when we wait for evidence of an attempt without an answer
}

// Open reports whether the message may have left although no answer came yet.
func (m *Message) Open() bool {
	return m.Status == Queued && (!m.AttemptAt.IsZero() || !m.UnknownAt.IsZero())
}

// closed forgets the way out.
func (m *Message) closeAttempt() {
	m.AttemptAt, m.NextAt, m.UnknownAt = time.Time{}, time.Time{}, time.Time{}
}

// A DeliveryStatus of an outgoing message.
type DeliveryStatus string

// The statuses, and what an employee sees.
const (
	Queued    DeliveryStatus = "queued"
	Sent      DeliveryStatus = "sent"      // one grey tick
	Delivered DeliveryStatus = "delivered" // two grey ticks
	Read      DeliveryStatus = "read"      // two green ticks; "played" counts as read
	Failed    DeliveryStatus = "failed"    // red, with its reason
)

// DeliveryStatuses lists every DeliveryStatus.
var DeliveryStatuses = []DeliveryStatus{Queued, Sent, Delivered, Read, Failed}

// moves lists the statuses that may follow each. Messengers skip steps, so
// Queued may become Read; nothing follows Failed.
var moves = map[DeliveryStatus][]DeliveryStatus{
	Queued:    {Sent, Delivered, Read, Failed},
	Sent:      {Delivered, Read, Failed},
	Delivered: {Read},
	Read:      {},
	Failed:    {},
}

// May reports whether a message may go from status s to next.
func (s DeliveryStatus) May(next DeliveryStatus) bool {
	for _, m := range moves[s] {
		if m == next {
			return true
		}
	}
	return false
}

// told keeps the earliest time at which the messenger says that a status was
// reached, so that the same statuses in another order give the same message.
func (m *Message) recordStatusTime(s DeliveryStatus, at time.Time) {
	var field *time.Time
	switch s {
	case Sent:
		field = &m.SentAt
	case Delivered:
		field = &m.DeliveredAt
	case Read:
		field = &m.ReadAt
	default:
		return
	}
	if field.IsZero() || at.Before(*field) {
		*field = at
	}
}
