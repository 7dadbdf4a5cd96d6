package domain

import (
	"fmt"
	"strings"
)

// A Kind is one of the four ways in which a company is connected to a messenger.
type Kind string

// The kinds of connections. Their names stand in URLs, metrics and files.
const (
	WhatsAppBusiness Kind = "whatsapp_business" // an ordinary account, linked by QR, reached through a gateway
	WABA             Kind = "waba"              // WhatsApp Business API: Meta's Cloud API
	TelegramPersonal Kind = "telegram_personal" // a user's account
	TelegramBot      Kind = "telegram_bot"
)

// sends reports whether messages of the type go out over connections of the kind.
func (k Kind) sends(t MessageType) bool { return t == TypeText || t == TypeTemplate && k == WABA }

// Kinds lists every Kind; metrics are made for each before the first count.
var Kinds = []Kind{WhatsAppBusiness, WABA, TelegramPersonal, TelegramBot}

// ParseKind returns the Kind of that name. The error lists the names.
func ParseKind(name string) (Kind, error) {
	for _, k := range Kinds {
		if string(k) == name {
			return k, nil
		}
	}
	return "", fmt.Errorf("kind %q is unknown; the kinds are %s, %s, %s, %s",
		name, Kinds[0], Kinds[1], Kinds[2], Kinds[3])
}

// A PeerID names a peer as its messenger does, normalised once: digits for
// phones, numeric ids for Telegram, a messenger's own opaque id otherwise
// (a group, "US.1349…" of a user without a phone). It is unique within a connection.
type PeerID string

// maxPeer bounds a PeerID; the longest known are WhatsApp's user ids.
const maxPeer = 128

// Peer normalises what a caller of the API wrote as a peer's id: in a phone the
// signs that people write are dropped. A name that a messenger chose passes as it is.
func (k Kind) Peer(raw string) (PeerID, error) {
	s := strings.TrimSpace(raw)
	if k == WABA || k == WhatsAppBusiness {
		if phone := phoneSigns.Replace(s); onlyDigits(phone) {
			s = phone
		}
	}
	if s == "" || len(s) > maxPeer || strings.ContainsFunc(s, unprintable) {
		return "", fmt.Errorf("peer %q is neither a phone number nor a messenger's id", raw)
	}
	return PeerID(s), nil
}

var phoneSigns = strings.NewReplacer("+", "", "-", "", "(", "", ")", "", " ", "", ".", "")

func onlyDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func unprintable(r rune) bool { return r <= ' ' || r == 0x7f }
