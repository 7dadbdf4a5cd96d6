package domain

import (
	"encoding/json"
	"slices"
	"time"
)

// A Direction says who wrote a message: the peer or the company.
type Direction string

// The two directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Directions lists every Direction.
var Directions = []Direction{Inbound, Outbound}

// An Origin says how a message came about.
type Origin string

// The origins. OriginClient and OriginStandby are inbound, OriginHistory is
// either, and the others are outbound.
const (
	OriginClient   Origin = "client"
	OriginStandby  Origin = "standby"  // of the peer, while an agent of the messenger answers
	OriginHistory  Origin = "history"  // written before the account was connected
	OriginEmployee Origin = "employee" // through the API, by a person
	OriginAPI      Origin = "api"      // through the API, by a service
	OriginPhone    Origin = "phone"    // written on the company's own phone; the messenger sends us its echo
)

// Origins lists every Origin.
var Origins = []Origin{OriginClient, OriginEmployee, OriginPhone, OriginAPI, OriginStandby, OriginHistory}

// A MessageType is a form of messages. Messengers have more: a message of another
// form is TypeUnsupported, with its text if it has one.
type MessageType string

// The types of messages.
const (
	TypeText        MessageType = "text"
	TypeTemplate    MessageType = "template"
	TypeVoice       MessageType = "voice" // recorded by the writer; an audio file is TypeAudio
	TypeAudio       MessageType = "audio"
	TypeImage       MessageType = "image"
	TypeVideo       MessageType = "video"
	TypeFile        MessageType = "file"
	TypeSticker     MessageType = "sticker"
	TypeLocation    MessageType = "location"
	TypeContacts    MessageType = "contacts"
	TypeButton      MessageType = "button" // the peer chose one of the buttons in a message
	TypeOrder       MessageType = "order"
	TypeCall        MessageType = "call"        // missed, or answered for some seconds
	TypeInteractive MessageType = "interactive" // a text with buttons, a list or a link to choose from
	TypeReaction    MessageType = "reaction"    // an action of an employee, see Message.Target
	TypeEdit        MessageType = "edit"
	TypeDelete      MessageType = "delete"
	TypeSystem      MessageType = "system"
	TypeUnsupported MessageType = "unsupported"
)

// MessageTypes lists every MessageType.
var MessageTypes = []MessageType{
	TypeText, TypeTemplate, TypeVoice, TypeAudio, TypeImage, TypeVideo, TypeFile,
	TypeSticker, TypeLocation, TypeContacts, TypeButton, TypeOrder, TypeCall, TypeInteractive,
	TypeReaction, TypeEdit, TypeDelete, TypeSystem, TypeUnsupported,
}

// OutboundTypes lists the types that the API accepts for sending. The gates and
// the connector decide which of them a chat takes.
var OutboundTypes = []MessageType{
	TypeText, TypeTemplate, TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile, TypeLocation, TypeContacts, TypeInteractive,
}

// FileTypes lists the types whose messages have a file.
var FileTypes = []MessageType{TypeVoice, TypeImage, TypeVideo, TypeAudio, TypeFile}

// ActionTypes lists the types of messages that act on another one.
var ActionTypes = []MessageType{TypeReaction, TypeEdit, TypeDelete}

// Media describes the file of a message. It does not hold its bytes.
type Media struct {
	ID      string `json:"id"` // the messenger's, to fetch it with; of a message that we send, the MediaID
	MIME    string `json:"mime,omitempty"`
	Name    string `json:"name,omitempty"`
	Size    int64  `json:"size,omitempty"`    // bytes; zero: not given
	Seconds int64  `json:"seconds,omitempty"` // that it plays; zero: not given
	SHA     string `json:"sha256,omitempty"`
}

// A Template names a text that the messenger has approved, with the values of its
// parameters.
type Template struct {
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Components json.RawMessage `json:"components,omitempty"` // as the messenger documents them, or nil
}

// A Reaction is an emoji that a person put on a message.
type Reaction struct {
	Emoji string    `json:"emoji"` // empty: taken back
	At    time.Time `json:"at"`
}

// A Message of a chat. A time is zero until its event happens.
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
	Text       string    // of an action: the emoji, or the new text
	Media      *Media    // or nil
	Template   *Template // with TypeTemplate; never changed in place
	Content    *Content  // what else it carries, or nil; never changed in place
	Author     *Author   // who of a group wrote it; nil: the chat says it
	ReplyTo    ProviderID
	Target     MessageID  // the message on which this one acts; empty: it is no action
	Price      *Price     // what the messenger billed it as, or nil
	ProviderID ProviderID // empty until the messenger gives one
	ClientRef  string     // the CRM's own name of the message

	// At is the messenger's time, never in the future. For a message that we send it
	// is when the request was accepted.
	At time.Time

	InboundSeq int64 // number among the incoming messages of the chat that count; zero: it does not count
	AnswersSeq int64 // when it is sent, incoming messages up to this InboundSeq are answered; zero: none

	Status      DeliveryStatus // empty for inbound
	Failure     *Failure       // with Status Failed only
	TakenAt     time.Time      // when the messenger took it, to report later that it is sent
	SentAt      time.Time
	DeliveredAt time.Time
	ReadAt      time.Time
	FailedAt    time.Time
	EditedAt    time.Time
	DeletedAt   time.Time
	FailedFor   []PeerID            // members of a group; in order; replaced, never changed in place
	Reactions   map[string]Reaction // by the messenger's name of the person; replaced, never changed in place

	// The state of sending, zero once the message was sent or failed.
	Class     Class
	Attempts  int
	AttemptAt time.Time // when the open attempt began: the messenger is being called, or the process died then
	NextAt    time.Time // no attempt before; by the database's clock
	UnknownAt time.Time // since when the result of an attempt is unknown
	MaybeAt   time.Time // since when it may have left, although it is sent again: the messenger recognises it
}

// Open reports whether the message may have been sent although no result is known.
func (m *Message) Open() bool {
	return m.Status == Queued && (!m.AttemptAt.IsZero() || !m.UnknownAt.IsZero())
}

// Taken reports whether the messenger has the message and will report that it is sent.
func (m *Message) Taken() bool { return m.Status == Queued && !m.TakenAt.IsZero() }

// ownName reports whether the message waits under an id of ours.
func (m *Message) ownName() bool { return m.Status == Queued && m.ProviderID != "" }

// closeAttempt ends the attempt: the messenger is not called again unless NextAt is set.
func (m *Message) closeAttempt() {
	m.AttemptAt, m.NextAt, m.UnknownAt, m.MaybeAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
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

// moves lists the statuses that may follow each. Messengers skip some, so
// Queued may become Read; nothing follows Failed.
var moves = map[DeliveryStatus][]DeliveryStatus{
	Queued:    {Sent, Delivered, Read, Failed},
	Sent:      {Delivered, Read, Failed},
	Delivered: {Read},
	Read:      {},
	Failed:    {},
}

// May reports whether a message may go from status s to next.
func (s DeliveryStatus) May(next DeliveryStatus) bool { return slices.Contains(moves[s], next) }

// recordStatusTime stores when a status was reached: the earliest time reported, so
// that the order of reports does not matter.
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
