package domain

import (
	"fmt"
	"regexp"
	"strings"
)

// A PeerID names a peer as its messenger does, normalised once: digits for
// phones, numeric ids for Telegram, a messenger's own opaque id otherwise
// (a group, "US.1349…" of a user without a phone). It is unique within a connection.
type PeerID string

// maxPeer bounds a PeerID; the longest known are WhatsApp's user ids.
const maxPeer = 128

// Peer normalises the id of a peer that a messenger reports: a phone number
// becomes its digits, and any other name passes as it is.
func (k Kind) Peer(raw string) (PeerID, error) {
	name := foldSigns(raw)
	if k.Traits().Phones {
		name = jid(name)
		if phone, ok := phoneDigits(name); ok {
			name = phone
		}
	}
	if name == "" || len(name) > maxPeer || strings.ContainsFunc(name, unprintable) {
		return "", notAPeer(raw)
	}
	return PeerID(name), nil
}

// ParsePeer normalises the id of a peer that a person wrote, pasted or copied. It
// refuses what no messenger would call a peer, so that a mistyped number never
// becomes a second peer.
func (k Kind) ParsePeer(raw string) (PeerID, error) {
	t := k.Traits()
	name := foldSigns(raw)
	switch {
	case t.LooksUp && lookedUp(name) != "":
		return lookedUp(name), nil
	case t.Numbers:
		name = strings.ReplaceAll(name, " ", "")
		if !numericPeer.MatchString(name) {
			return "", notAPeer(raw)
		}
	case t.Phones && strings.HasPrefix(name, "-"): // a group of Telegram, whose digits may be somebody's number
		return "", notAPeer(raw)
	case t.Phones:
		peer, err := k.Peer(uriScheme.ReplaceAllString(name, ""))
		if err != nil || !phoneNumber.MatchString(string(peer)) && !peer.isUserID() && !peer.isGroupID() {
			return "", notAPeer(raw)
		}
		return peer, nil
	}
	return k.Peer(name)
}

func notAPeer(raw string) error {
	return fmt.Errorf("peer %q is neither a phone number nor a messenger's id", raw)
}

// lookedUp normalises what a messenger looks up: "+34600110022", or a public name as
// "@name". It is empty if the text is neither.
func lookedUp(text string) PeerID {
	if strings.HasPrefix(strings.TrimLeft(text, " ("), "+") {
		if digits, ok := phoneDigits(text); ok && phoneNumber.MatchString(digits) {
			return PeerID("+" + digits)
		}
		return ""
	}
	if publicName.MatchString(text) {
		return PeerID(strings.ToLower(text))
	}
	return ""
}

// IsPhone reports whether the name is a phone number.
func (p PeerID) IsPhone() bool { return onlyDigits(string(p)) }

var (
	uriScheme   = regexp.MustCompile(`(?i)^(tel|whatsapp):`)
	phoneNumber = regexp.MustCompile(`^[1-9][0-9]{4,14}$`)                          // with its country's code
	numericPeer = regexp.MustCompile(`^-?[1-9][0-9]{0,18}(/[tb]:[A-Za-z0-9_-]+)?$`) // and a topic or a business connection
	publicName  = regexp.MustCompile(`^@[A-Za-z][A-Za-z0-9_]{3,31}$`)
	userID      = regexp.MustCompile(`^([A-Z]{2}\.(ENT\.)?[0-9A-Za-z]+|[0-9]+@lid)$`)
	gatewayID   = regexp.MustCompile(`^[0-9]+(-[0-9]+)?@(g\.us|newsletter)$`)
	groupID     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/=-]*[0-9][A-Za-z0-9_+/=-]*$`)
)

// isUserID reports whether the name is one of a person who may have a phone number too.
func (p PeerID) isUserID() bool { return userID.MatchString(string(p)) }

func (p PeerID) isGroupID() bool {
	return gatewayID.MatchString(string(p)) || len(p) >= 16 && groupID.MatchString(string(p))
}

// jid reduces WhatsApp's addresses of phone numbers to the number.
func jid(name string) string {
	user, server, found := strings.Cut(name, "@")
	if server = strings.ToLower(server); !found || server != "c.us" && server != "s.whatsapp.net" {
		return name
	}
	user, _, _ = strings.Cut(user, ":") // the device
	return user
}

// phoneDigits returns the digits of a phone number as people write it. The 0 in
// brackets behind a country's code is for callers of the same country.
func phoneDigits(name string) (digits string, ok bool) {
	digits, plus := strings.CutPrefix(strings.TrimPrefix(strings.ReplaceAll(name, " ", ""), "("), "+")
	if plus || strings.HasPrefix(digits, "00") {
		digits = strings.Replace(digits, "(0)", "", 1)
	}
	digits = phoneSigns.Replace(digits)
	digits = strings.TrimPrefix(digits, "00")
	return digits, onlyDigits(digits)
}

var phoneSigns = strings.NewReplacer("-", "", "(", "", ")", "", ".", "", "/", "")

func onlyDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func unprintable(r rune) bool { return r <= ' ' || r == 0x7f }
