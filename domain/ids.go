package domain

import (
	"encoding/base32"
	"time"
)

type (
	// CompanyID is chosen by the operator.
	CompanyID string
	// SubscriptionID is chosen by the operator.
	SubscriptionID string
	// ConnectionID is chosen by the operator and is part of URLs.
	ConnectionID string
	// HookID is chosen by the operator and is part of URLs. A connection that shares
	// no hook has one with its own id.
	HookID string
	// EmployeeID is chosen by the operator.
	EmployeeID string
	// EndpointID is chosen by the operator or a caller, or "ep_" and 26 characters.
	EndpointID string
	// ChatID is "chat_" and 26 characters.
	ChatID string
	// MessageID is "msg_" and 26 characters. The messenger's own id is a ProviderID.
	MessageID string
	// ProviderID is the messenger's id of a message, unique within a connection.
	ProviderID string
	// EventID is "evt_" and 26 characters.
	EventID string
)

// The prefixes say of what an id is.
const (
	chatPrefix    = "chat_"
	messagePrefix = "msg_"
	eventPrefix   = "evt_"
	mediaPrefix   = "med_" // no messenger's name of a file begins so
)

// NewMessageID makes the id of a new message of 26 characters that were never used
// before; see ID.
func NewMessageID(unique string) MessageID { return MessageID(messagePrefix + unique) }

// NewEventID makes the id of a new event, as NewMessageID does.
func NewEventID(unique string) EventID { return EventID(eventPrefix + unique) }

// NewUploadID names a file that is uploaded to be sent; see also MediaIDOf.
func NewUploadID(unique string) MediaID { return MediaID(mediaPrefix + unique) }

// crockford is the alphabet of ULIDs: its order is the order of the bytes.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// ID writes a UUID as 26 characters that sort as the UUID does. With UUIDs of
// version 7, which begin with the time, newer ids sort behind older ones.
func ID(uuid [16]byte) string {
	var padded [20]byte // 130 bits are written, the first two are zero: as in a ULID
	var carry byte
	for i, b := range uuid {
		padded[i] = carry<<6 | b>>2
		carry = b & 3
	}
	padded[16] = carry << 6
	return crockford.EncodeToString(padded[:])[:26]
}

// FirstEventID returns an EventID that sorts before those of events that are made at
// the time or later.
func FirstEventID(at time.Time) EventID {
	var uuid [16]byte
	ms := max(at.UnixMilli(), 0)
	for i := range 6 {
		uuid[i] = byte(ms >> (40 - 8*i))
	}
	return NewEventID(ID(uuid))
}
