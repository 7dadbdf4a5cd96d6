package waba

import (
	"encoding/json"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// An apiAnswer is what Meta or a gateway answers to a send, each part read by itself.
type apiAnswer struct {
	Messages json.RawMessage
	Contacts json.RawMessage
	Error    json.RawMessage
	Errors   json.RawMessage // of the on-premises API
	Meta     json.RawMessage // of 360dialog
}

// read returns what an answer means. A sender of an error in its own form, at
// any HTTP status, refused; see wire.Reply.WithoutOwnError for what others say.
func read(r wire.Reply, m domain.Outgoing, hide func(string) string) domain.SendResult {
	if refused, ok := refusal(r, hide); ok {
		return refused
	}
	var a apiAnswer
	_ = json.Unmarshal(r.Body, &a) // what can be read of it is enough
	if id := a.id(); r.Status/100 == 2 && id != "" {
		return domain.SendResult{Fate: domain.FateAccepted, ProviderID: id, Peers: a.peers(m)}
	}
	return r.WithoutOwnError(source)
}

// refusal returns what the error means that Meta or a gateway answers; false: it is
// none of theirs.
func refusal(r wire.Reply, hide func(string) string) (domain.SendResult, bool) {
	var a apiAnswer
	_ = json.Unmarshal(r.Body, &a) // what can be read of it is enough
	e, ok := a.ownError(r.Status)
	if !ok {
		return domain.SendResult{}, false
	}
	failure, retry := e.failure(r.Status, hide)
	refused := wire.Refused(failure)
	refused.Retry, refused.RetryAfter = retry, r.RetryAfter(time.Now())
	return refused, true
}

// ownError finds the error, if the answer has one in a form that only Meta or
// 360dialog use.
func (a apiAnswer) ownError(status int) (apiError, bool) {
	var e apiError
	_ = wire.Decode(a.Error, &e) // what can be read of it is enough
	if e.Code != "" || e.Message != "" {
		return e, true
	}
	var old []apiError
	_ = wire.Decode(a.Errors, &old)
	if len(old) > 0 && old[0].Code != "" {
		return old[0], true
	}
	var meta struct {
		HTTPCode wire.Integer
		Message  string `json:"developerMessage"`
	}
	_ = wire.Decode(a.Meta, &meta)
	if meta.Message == "" {
		return e, false
	}
	if meta.HTTPCode == 0 {
		meta.HTTPCode = wire.Integer(status)
	}
	return apiError{gateway: int(meta.HTTPCode), Message: meta.Message}, true
}

// id returns the name that Meta gave the message; empty: none.
func (a apiAnswer) id() domain.ProviderID {
	var messages []struct{ ID string }
	if json.Unmarshal(a.Messages, &messages) != nil || len(messages) == 0 {
		return ""
	}
	id, err := providerID("id", messages[0].ID)
	if err != nil {
		return ""
	}
	return id
}

// peers lists the other names by which Meta knows whom we wrote to.
func (a apiAnswer) peers(m domain.Outgoing) []domain.PeerID {
	var contacts []contact
	if m.IsGroup || json.Unmarshal(a.Contacts, &contacts) != nil || len(contacts) == 0 {
		return nil
	}
	var peers []domain.PeerID
	for _, name := range []string{string(contacts[0].WaID), string(contacts[0].UserID)} {
		if peer, err := domain.WABA.Peer(name); err == nil && peer != m.Peer {
			peers = append(peers, peer)
		}
	}
	return peers
}
