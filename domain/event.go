package domain

import (
	"encoding/json"
	"time"
)

// An EventType says what an Event reports.
type EventType string

// The types of events.
const (
	EventMessageCreated   EventType = "message.created"
	EventMessageStatus    EventType = "message.status"
	EventMessageFailed    EventType = "message.failed"
	EventMessageEdited    EventType = "message.edited"
	EventMessageDeleted   EventType = "message.deleted"
	EventMessageReaction  EventType = "message.reaction"
	EventMessageMedia     EventType = "message.media"
	EventChatBlocked      EventType = "chat.blocked"
	EventChatUnblocked    EventType = "chat.unblocked"
	EventChatUnanswered   EventType = "chat.unanswered"
	EventChatPeerChanged  EventType = "chat.peer_changed"
	EventChatMerged       EventType = "chat.merged"
	EventEndpointStatus   EventType = "endpoint.status"
	EventEndpointTest     EventType = "endpoint.test" // on request; never stored
	EventLimitDialogs     EventType = "limit.dialogs"
	EventWABABalance      EventType = "waba.balance"
	EventConnectionStatus EventType = "connection.status"
	EventConnectionSignal EventType = "connection.signal"
	EventChatPeerRefuses  EventType = "chat.peer_refuses"
)

// EventTypes lists every EventType.
var EventTypes = []EventType{
	EventMessageCreated, EventMessageStatus, EventMessageFailed, EventMessageEdited, EventMessageDeleted,
	EventMessageReaction, EventMessageMedia, EventChatBlocked, EventChatUnblocked, EventChatUnanswered, EventChatPeerChanged, EventChatMerged,
	EventChatPeerRefuses, EventEndpointStatus, EventEndpointTest, EventLimitDialogs, EventWABABalance, EventConnectionStatus, EventConnectionSignal,
}

// Time is a time as it is published: in UTC, as RFC 3339 with milliseconds. The
// zero time is null.
type Time time.Time

// MarshalJSON writes the time.
func (t Time) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	return time.Time(t).UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

// An Event reports a change to CRMs.
type Event struct {
	ID      EventID
	Type    EventType
	Company CompanyID
	Chat    ChatID // empty: concerns no chat
	Seq     int64  // within the chat
	At      time.Time
	Body    []byte // the JSON that is delivered, the same on every try
}

// An envelope is the JSON of an event, as it is documented for CRMs.
type envelope struct {
	ID         EventID             `json:"id"`
	Type       EventType           `json:"type"`
	Version    int                 `json:"version"`
	OccurredAt Time                `json:"occurred_at"`
	Company    CompanyID           `json:"company_id"`
	Connection *envelopeConnection `json:"connection,omitempty"`
	Chat       *envelopeChat       `json:"chat,omitempty"`
	Data       any                 `json:"data"`
}

type envelopeConnection struct {
	ID   ConnectionID `json:"id"`
	Kind Kind         `json:"kind"`
}

type envelopeChat struct {
	ID         ChatID `json:"id"`
	Peer       PeerID `json:"peer_id"`
	IsGroup    bool   `json:"is_group"`
	Seq        int64  `json:"seq"`
	Unanswered int64  `json:"unanswered"`
}

// newChatEvent makes an Event of a chat, whose Seq was raised for it.
func newChatEvent(id EventID, now time.Time, c *Chat, n notice) (Event, error) {
	return encodeEvent(Event{ID: id, Type: n.typ, Company: c.Company, Chat: c.ID, Seq: c.Seq, At: now}, envelope{
		Connection: &envelopeConnection{c.Connection, c.Kind},
		Chat:       &envelopeChat{c.ID, c.Peer, c.IsGroup, c.Seq, c.Unanswered},
		Data:       n.data,
	})
}

// CompanyEvent makes an Event that concerns no chat.
func CompanyEvent(id EventID, now time.Time, company CompanyID, typ EventType, data any) (Event, error) {
	return encodeEvent(Event{ID: id, Type: typ, Company: company, At: now}, envelope{Data: data})
}

// EventVersion is the field version of every envelope. It is raised by a change that
// could break a CRM; new fields, new types of events and new values of open lists are none.
const EventVersion = 1

// encodeEvent completes an event with its Body.
func encodeEvent(e Event, body envelope) (Event, error) {
	body.ID, body.Type, body.Version, body.OccurredAt, body.Company = e.ID, e.Type, EventVersion, Time(e.At), e.Company
	var err error
	e.Body, err = json.Marshal(body)
	return e, err
}

// A notice is an event that Decide asks for. The Book numbers and encodes it.
type notice struct {
	typ  EventType
	data any
}

// The data of each type of event. The names are documented.
type (
	messageCreated struct {
		Message createdMessage `json:"message"`
		Contact Contact        `json:"contact"`
	}
	createdMessage struct {
		ID         MessageID      `json:"id"`
		Chat       ChatID         `json:"chat_id"`
		ProviderID ProviderID     `json:"provider_id,omitempty"`
		ClientRef  string         `json:"client_ref,omitempty"`
		Direction  Direction      `json:"direction"`
		Origin     Origin         `json:"origin"`
		Author     *Author        `json:"author,omitempty"`
		Type       MessageType    `json:"type"`
		Text       string         `json:"text"`
		Media      *PublicMedia   `json:"media"`
		Template   *Template      `json:"template,omitempty"`
		*Content                  // its fields stand beside the text
		ReplyTo    ProviderID     `json:"reply_to,omitempty"`
		Status     DeliveryStatus `json:"status,omitempty"`
		CreatedAt  Time           `json:"created_at"`
		SentAt     Time           `json:"sent_at"` // the same, for CRMs that read it before there was created_at
	}
	messageStatus struct {
		messageName
		Status DeliveryStatus `json:"status"`
		At     Time           `json:"at"`
	}
	messageFailed struct {
		messageName
		Failure PublicFailure `json:"failure"`
		At      Time          `json:"at"`
	}
	messageEdited struct {
		messageName
		*Action
		Text  string       `json:"text"`
		Media *PublicMedia `json:"media"`
		*Content
		At Time `json:"at"`
	}
	messageDeleted struct {
		messageName
		*Action
		At Time `json:"at"`
	}
	messageReaction struct {
		messageName
		*Action
		Emoji string `json:"emoji"`
		By    string `json:"by"`
		At    Time   `json:"at"`
	}
	messageMedia struct {
		messageName
		Media  *PublicMedia `json:"media"` // null: it is lost
		Status MediaState   `json:"status"`
		Cause  MediaCause   `json:"cause,omitempty"`
	}
	messageName struct {
		ID         MessageID  `json:"message_id"`
		ProviderID ProviderID `json:"provider_id,omitempty"`
		ClientRef  string     `json:"client_ref,omitempty"`

		Action MessageType `json:"action,omitempty"`    // of an action: its type,
		Target MessageID   `json:"target_id,omitempty"` // and the message on which it acts
	}
	chatBlocked struct {
		By EmployeeID `json:"by_employee_id"`
		At Time       `json:"at"`
	}
	chatUnanswered struct {
		Unanswered int64            `json:"unanswered"`
		Reason     unansweredReason `json:"reason"`
		At         Time             `json:"at"`
	}
	chatPeerChanged struct {
		Old PeerID `json:"old_peer_id"`
		New PeerID `json:"new_peer_id"`
	}
	chatMerged struct {
		Into ChatID `json:"into_chat_id"`
	}
	limitDialogs struct {
		Subscription SubscriptionID `json:"subscription_id"`
		Used         int64          `json:"used"`
		Limit        int64          `json:"limit"`
		Level        int64          `json:"level"` // percent: 80 or 100
		Period       string         `json:"period"`
	}
	wabaBalance struct {
		Subscription SubscriptionID `json:"subscription_id"`
		Available    int64          `json:"available"`
		Level        string         `json:"level"` // low, empty
	}

	// EndpointStatusData is the data of EventEndpointStatus.
	EndpointStatusData struct {
		Endpoint EndpointID     `json:"endpoint_id"`
		Status   EndpointStatus `json:"status"`
		Waiting  int64          `json:"waiting"` // up to 100,000
		Expired  int64          `json:"expired"` // up to 100,000, once the endpoint ended
	}

	// EndpointTestData is the data of EventEndpointTest.
	EndpointTestData struct {
		Endpoint EndpointID `json:"endpoint_id"`
	}
)

// name is the part of an event's data that names the message.
func (m *Message) name() messageName {
	n := messageName{ID: m.ID, ProviderID: m.ProviderID, ClientRef: m.ClientRef}
	if m.Target != "" {
		n.Action, n.Target = m.Type, m.Target
	}
	return n
}

// An unansweredReason is why fewer messages of a chat are unanswered.
type unansweredReason string

const (
	answeredByReply unansweredReason = "reply"
	noReplyNeeded   unansweredReason = "no_reply_needed"
)
