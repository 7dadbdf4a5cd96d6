package domain

import "encoding/base32"

// Names of things. Those with a scope in their comment are unique only within it.
type (
	CompanyID      string
	SubscriptionID string
	ConnectionID   string // chosen by the operator, stands in URLs
	HookID         string // chosen by the operator, stands in URLs; a connection without a hook is its own
	EmployeeID     string
	EndpointID     string
	ChatID         string // chat_ and 26 characters
	MessageID      string // msg_ and 26 characters, ours; the messenger's is a ProviderID
	ProviderID     string // the messenger's name of a message, unique within a connection
	EventID        string // evt_ and 26 characters
)

// crockford is the alphabet of ULIDs: its order is the order of the bytes.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// ID writes a UUID as 26 characters that sort as the UUID does. With UUIDs of
// version 7, which begin with the time, newer things stand behind older ones.
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
