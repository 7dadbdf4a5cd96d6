package waha

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A stamp is a moment since 1970 in seconds, which may have a fraction, or in
// milliseconds, or in words. What cannot be read is the zero time: what happened matters more
// than when.
type stamp struct{ time.Time }

// UnmarshalJSON reads the moment.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.Time, _ = time.Parse(time.RFC3339, text)
		return nil
	}
	switch {
	case !(n > 0 && n < 1e14):
		s.Time = time.Time{}
	case n < 1e11: // until the year 5138
		s.Time = time.UnixMilli(int64(math.Round(n * 1000))).UTC()
	default:
		s.Time = time.UnixMilli(int64(n)).UTC()
	}
	return nil
}

// A jid is WhatsApp's address of a person or a group: "34600000131@c.us",
// "123@lid", "1203…@g.us". Some engines write it as an object.
type jid string

// UnmarshalJSON reads the address.
func (j *jid) UnmarshalJSON(raw []byte) error { *j = jid(serialized(raw)); return nil }

// serialized reads a name that is a string, or an object with the string in it.
func serialized(raw []byte) string {
	if len(raw) > 0 && raw[0] == '{' {
		var object struct {
			Serialized wire.Text `json:"_serialized"`
		}
		_ = wire.Decode(raw, &object) // what can be read of it is enough
		return string(object.Serialized)
	}
	var text wire.Text
	_ = text.UnmarshalJSON(raw) // likewise
	return string(text)
}

func (j jid) server() string {
	_, server, _ := strings.Cut(string(j), "@")
	return strings.ToLower(server)
}

func (j jid) isGroup() bool { return j.server() == "g.us" }

// isChat reports whether clients are written with there. Stories, channels and
// broadcast lists have readers only.
func (j jid) isChat() bool {
	switch j.server() {
	case "c.us", "s.whatsapp.net", "lid", "g.us":
		return true
	}
	return false
}

// peer returns the name of the peer; empty: there is none.
func (j jid) peer() domain.PeerID {
	text := string(j)
	if user, server, _ := strings.Cut(text, "@"); server == "lid" {
		user, _, _ = strings.Cut(user, ":") // the device
		text = user + "@lid"
	}
	peer, err := domain.WhatsAppBusiness.Peer(text)
	if err != nil {
		return ""
	}
	return peer
}

// jidOf returns the address of a peer.
func jidOf(p domain.PeerID) string {
	if p.IsPhone() {
		return string(p) + "@c.us"
	}
	return string(p)
}

// A messageID is WAHA's name of a message, {fromMe}_{chat}_{id}[_{participant}], or
// the bare id.
type messageID struct {
	chat        jid
	bare        string
	participant jid
}

// UnmarshalJSON reads the name.
func (m *messageID) UnmarshalJSON(raw []byte) error { *m = messageIDOf(serialized(raw)); return nil }

func messageIDOf(text string) messageID {
	parts := strings.SplitN(text, "_", 4)
	if len(parts) < 3 {
		return messageID{bare: text}
	}
	m := messageID{chat: jid(parts[1]), bare: parts[2]}
	if len(parts) == 4 {
		m.participant = jid(parts[3])
	}
	return m
}

// maxID bounds the name of a message; WhatsApp's have 16 to 32 letters.
const maxID = 128

// provider returns the name under which the message is stored.
func (m messageID) provider() (domain.ProviderID, error) {
	switch {
	case m.bare == "":
		return "", errors.New("it names no message")
	case len(m.bare) > maxID || strings.ContainsFunc(m.bare, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "", fmt.Errorf("%.40q is no name of a message", m.bare)
	}
	return domain.ProviderID(m.bare), nil
}
