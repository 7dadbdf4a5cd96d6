package waha

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Send posts a message to the session of the connection, under an id of ours unless it
// has a file. It first checks that a peer who never wrote has an account, since WhatsApp
// accepts messages to numbers without one and drops them. A message that an earlier
// attempt may have sent is looked up by its id, and posted only if WAHA does not know it.
// A file is posted once.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	if refusal := wire.CheckOutgoing(domain.WhatsAppBusiness, m); refusal != nil {
		return *refusal
	}
	s := c.sendingOf(conn, m)
	if m.Target != "" {
		return s.act(ctx)
	}
	given := s.to
	asked := m.Stranger && !m.Found && m.Peer.IsPhone()
	var missing *domain.SendResult
	if asked {
		missing = s.exists(ctx)
	}
	result := domain.SendResult{Fate: fateNotFound}
	if m.Maybe {
		result = s.findIn(ctx, given)
	}
	switch {
	case result.Fate != fateNotFound: // an attempt before sent it, or nobody knows
	case missing != nil:
		return s.keepMaybe(*missing)
	default:
		result = s.explain(ctx, s.post(ctx), asked)
	}
	result.Found, result.Peers = asked && missing == nil, s.learnt()
	if result.Fate == domain.FateAccepted {
		s.recent.add(result.ProviderID)
	}
	return result
}

// learnt is the other spelling of the number where WhatsApp writes to the peer, if it has
// one.
func (s *sending) learnt() []domain.PeerID {
	if peer := jid(s.to).peer(); peer != "" && peer != s.m.Peer {
		return []domain.PeerID{peer}
	}
	return nil
}

// post sends the message once.
func (s *sending) post(ctx context.Context) domain.SendResult {
	if s.m.Media != nil {
		return s.postFile(ctx)
	}
	return s.postNamed(ctx)
}

// A sending is a message on its way.
type sending struct {
	call
	m     domain.Outgoing
	id    domain.ProviderID
	to    string // the chat
	turns *turns

	recent   *recent
	renaming *renaming
}

func (c *Connector) sendingOf(conn domain.Connection, m domain.Outgoing) *sending {
	return &sending{
		call: c.calling(conn, m.Text), m: m, id: c.NameOf(conn.ID, m.ID), to: jidOf(m.Peer), turns: c.turns, recent: c.recent, renaming: c.renaming,
	}
}

// NameOf returns the id under which a message without a file is sent. It has the form of
// the ids that GOWS makes, and is the same for every attempt.
func (*Connector) NameOf(conn domain.ConnectionID, m domain.MessageID) domain.ProviderID {
	sum := sha256.Sum256([]byte(string(conn) + "/" + string(m)))
	return domain.ProviderID("3EB0" + strings.ToUpper(hex.EncodeToString(sum[:9])))
}

// An addressed is what the body of every POST begins with.
type addressed struct {
	Session string `json:"session"`
	Chat    string `json:"chatId"`
	ReplyTo string `json:"reply_to,omitempty"`
}

func (s *sending) addressed() addressed {
	a := addressed{Session: s.session, Chat: s.to}
	if s.m.ReplyTo != "" {
		a.ReplyTo = s.nameOf(s.m.ReplyTo, s.m.ReplyBy)
	}
	return a
}

// nameOf is WAHA's name of another message of the chat: who wrote it is a part. By is
// empty for the company.
func (s *sending) nameOf(id domain.ProviderID, by domain.PeerID) string {
	name := s.to + "_" + string(id)
	switch {
	case by == "":
		return "true_" + name
	case s.m.IsGroup:
		return "false_" + name + "_" + jidOf(by)
	}
	return "false_" + name
}

// A named is the body of a POST that takes an id of ours, with what its type needs.
type named struct {
	addressed
	ID domain.ProviderID `json:"id"`

	Text string `json:"text,omitempty"`

	Latitude  json.Number `json:"latitude,omitempty"`
	Longitude json.Number `json:"longitude,omitempty"`
	Title     *string     `json:"title,omitempty"` // of a place; it may be empty, and must be there

	Contacts []card `json:"contacts,omitempty"`
}

type card struct {
	VCard string `json:"vcard"`
}

// body returns the path to which the message is posted, and what is posted.
func (s *sending) body() (path string, body named) {
	body = named{addressed: s.addressed(), ID: s.id}
	switch s.m.Type {
	case domain.TypeLocation:
		at := s.m.Content.Location
		title := strings.ReplaceAll(wire.Lines(at.Name, at.Address), "\n", ", ")
		body.Latitude, body.Longitude, body.Title = at.Latitude, at.Longitude, &title
		return "/api/sendLocation", body
	case domain.TypeContacts:
		for _, c := range s.m.Content.Contacts {
			body.Contacts = append(body.Contacts, card{wire.VCard(c)})
		}
		return "/api/sendContactVcard", body
	}
	body.Text = s.m.Text
	return "/api/sendText", body
}

// postNamed sends a message with an id of ours once.
func (s *sending) postNamed(ctx context.Context) domain.SendResult {
	path, body := s.body()
	reply, failed := s.do(ctx, http.MethodPost, path, body)
	if failed != nil {
		return *failed
	}
	result, own := s.taken(reply)
	if result.Fate == domain.FateAccepted && result.ProviderID != s.id {
		s.renaming.add(s.account())
	}
	if own && result.Fate == domain.FateUnknown { // WAHA failed after it may have sent the text
		if found := s.find(ctx, s.to); found.Fate != fateNotFound {
			return found
		}
		result.Fate, result.Failure.Reason, result.Retry = domain.FateRefused, domain.ReasonUnrecognized, twice
	}
	return result
}

// taken reads the answer to a POST. Own reports whether it is WAHA's own error.
func (s *sending) taken(reply wire.Reply) (result domain.SendResult, own bool) {
	if id, pending := takenAs(reply); id != "" {
		return s.accepted(id, pending), false
	}
	return s.failed(reply)
}

// accepted is the result of a message that WAHA has. It is sent with its first ack. In a
// group there may be none, and older versions of WAHA send none.
func (s *sending) accepted(id domain.ProviderID, pending bool) domain.SendResult {
	return domain.SendResult{Fate: domain.FateAccepted, ProviderID: id, Pending: pending && !s.m.IsGroup}
}

// takenAs returns the id under which WAHA took the message, and whether it has no ack
// yet. An empty id: WAHA did not take it. Engines write the id in different places.
func takenAs(r wire.Reply) (name domain.ProviderID, pending bool) {
	var made struct {
		ID  messageID
		Key struct{ ID messageID }
		Ack wire.Integer
	}
	if r.Status/100 != 2 || r.Cut != nil || wire.Decode(r.Body, &made) != nil {
		return "", false
	}
	id := made.ID
	if id.bare == "" {
		id = made.Key.ID
	}
	name, err := id.provider()
	if err != nil {
		return "", false
	}
	return name, made.Ack < 1
}
