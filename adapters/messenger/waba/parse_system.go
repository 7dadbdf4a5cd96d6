package waba

import (
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

var errNoPeer = errors.New("it names no peer")

// A system message tells what happened to its sender: another number, another
// id, another phone. Nobody wrote it.
type system struct {
	Body           string
	Type           string
	WaID           wire.Text `json:"wa_id"` // the new ones
	NewWaID        wire.Text `json:"new_wa_id"`
	UserID         wire.Text `json:"user_id"`
	Parent         wire.Text `json:"parent_user_id"`
	PreviousUserID wire.Text `json:"previous_user_id"`
	PreviousParent wire.Text `json:"previous_parent_user_id"`
}

// names lists the new names of the sender, the best first.
func (s *system) names() []string {
	return []string{string(s.WaID), string(s.NewWaID), string(s.UserID), string(s.Parent)}
}

func (s said) system() (content, bool) {
	if s.System == nil {
		return content{}, false
	}
	return content{Type: domain.TypeSystem, Text: firstOf(s.System.Body, s.System.Type, "system")}, true
}

// moved tells which name of the sender of a notice has ended, and which it has
// from now on; empty: none changed. An empty first one is the name that the notice
// comes from.
func (m message) moved() (from, to domain.PeerID) {
	if m.Type != "system" || m.System == nil {
		return "", ""
	}
	if m.System.Type == "user_changed_user_id" {
		from, _ = domain.WABA.Peer(firstOf(string(m.System.PreviousUserID), string(m.FromUserID)))
		to, _ = domain.WABA.Peer(string(m.System.UserID))
		if from == "" || from == to { // the names are learnt all the same
			return "", ""
		}
		return from, to
	}
	to, err := domain.WABA.Peer(firstOf(m.System.names()...))
	if err != nil || string(to) == string(m.From) {
		return "", ""
	}
	return "", to
}

// A renaming tells that a person has another user id.
type renaming struct {
	UserID struct {
		Previous, Current wire.Text
	} `json:"user_id"`
	Timestamp stamp
}

func (r renaming) piece() (piece, error) {
	from, noOld := domain.WABA.Peer(string(r.UserID.Previous))
	to, noNew := domain.WABA.Peer(string(r.UserID.Current))
	if noOld != nil || noNew != nil || from == to {
		return piece{}, nil // somebody whose id was not known, or is no more
	}
	return piece{fact: domain.PeerMigrated{Peer: from, To: to}, at: r.Timestamp.Time}, nil
}
