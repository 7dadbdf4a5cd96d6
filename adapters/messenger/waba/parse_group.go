package waba

import (
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A group is what happened to one: it was made or changed, people joined or
// left, Meta suspended it.
type group struct {
	ID          wire.Text `json:"group_id"`
	Type        wire.Text // of what happened
	Request     wire.Text `json:"request_id"`
	Timestamp   stamp
	Subject     wire.Text
	NewSubject  *setting `json:"group_subject"`
	Description wire.Text
	NewDescribe *setting      `json:"group_description"`
	Added       []participant `json:"added_participants"`
	Removed     []participant `json:"removed_participants"`
	Asks        wire.Text     `json:"wa_id"` // to join
	Errors      []apiError
}

type participant struct {
	Input  wire.Text
	WaID   wire.Text `json:"wa_id"`
	UserID wire.Text `json:"user_id"`
}

// A setting is changed, or Meta refused to.
type setting struct {
	Text wire.Text
	Done *bool `json:"update_successful"`
}

func (s *setting) text() string {
	if s == nil || s.Done != nil && !*s.Done {
		return ""
	}
	return string(s.Text)
}

// notice makes a system message of the group. Meta gives it no name: what
// happened, and to which people, is one.
func (g group) notice() (piece, error) {
	p := piece{at: g.Timestamp.Time}
	peer, err := domain.WABA.Peer(string(g.ID))
	if err != nil {
		return p, err
	}
	happened := firstOf(string(g.Type), "group_update")
	title := wire.Clean(firstOf(g.NewSubject.text(), string(g.Subject)))
	words := []string{happened, title, firstOf(g.NewDescribe.text(), string(g.Description))}
	name := []string{happened, string(g.ID), firstOf(string(g.Request), g.Timestamp.Format("20060102T150405"))}
	for _, who := range append(append([]participant{{WaID: g.Asks}}, g.Added...), g.Removed...) {
		if id := firstOf(string(who.WaID), string(who.UserID), string(who.Input)); id != "" {
			words, name = append(words, id), append(name, id)
		}
	}
	for _, e := range g.Errors {
		words = append(words, firstOf(e.Title, e.Message))
	}
	id := strings.Join(name, "/")
	provider, err := providerID("group", id[:min(len(id), maxID)])
	p.fact = domain.MessageArrived{
		Peer: peer, IsGroup: true, Contact: domain.Contact{Name: title}, Direction: domain.Inbound, ProviderID: provider,
		Type: domain.TypeSystem, Text: wire.Clean(wire.Lines(words...)),
	}
	return p, err
}
