package waba

import (
	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A listing is an entry of the address book of the company's phone. One that was
// removed is listed, too.
type listing struct {
	Type    string
	Action  string
	Contact struct {
		FullName string    `json:"full_name"`
		First    string    `json:"first_name"`
		Phone    wire.Text `json:"phone_number"`
		UserID   wire.Text `json:"user_id"`
		Username string
	}
	Metadata struct{ Timestamp stamp }
}

func (l listing) piece() (piece, error) {
	p := piece{at: l.Metadata.Timestamp.Time}
	name := wire.Clean(firstOf(l.Contact.FullName, l.Contact.First))
	peer, err := domain.WABA.Peer(firstOf(string(l.Contact.Phone), string(l.Contact.UserID)))
	if l.Type != "contact" || l.Action == "remove" || name == "" || err != nil {
		return p, nil // nothing that would be shown
	}
	known := domain.Contact{Name: name, Username: wire.Clean(l.Contact.Username)}
	if peer.IsPhone() {
		known.Phone = string(peer)
	}
	p.fact = domain.PeerListed{Peer: peer, Contact: known}
	return p, nil
}
