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
		Parent   wire.Text `json:"parent_user_id"`
		Username string
	}
	Metadata struct{ Timestamp stamp }
}

func (l listing) piece() (piece, error) {
	p := piece{at: l.Metadata.Timestamp.Time}
	peers := peersOf([]string{string(l.Contact.Phone), string(l.Contact.UserID), string(l.Contact.Parent)}, nil)
	if l.Type != "contact" || len(peers) == 0 {
		return p, nil
	}
	listed := domain.PeerListed{Peer: peers[0], AlsoKnown: peers[1:]}
	if name := wire.Clean(firstOf(l.Contact.FullName, l.Contact.First)); name != "" && l.Action != "remove" {
		listed.Contact = domain.Contact{Name: name, Username: wire.Clean(l.Contact.Username)}
		if peers[0].IsPhone() {
			listed.Contact.Phone = string(peers[0])
		}
	}
	if len(peers) == 1 && listed.Contact == (domain.Contact{}) {
		return p, nil // it says nothing
	}
	p.fact = listed
	return p, nil
}
