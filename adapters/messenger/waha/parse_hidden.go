package waha

import (
	"errors"

	"recado/domain"
)

// hiddenNumber names the event that Lookback makes when WAHA knows whose hidden number
// it is. WAHA itself sends none.
const hiddenNumber = "recado.lid"

// A hidden is a hidden number and the phone number behind it, as WAHA answers.
type hidden struct {
	Lid   jid `json:"lid"`
	Phone jid `json:"pn"`
}

func (h *hidden) known(*event) (piece, error) {
	lid, phone := h.Lid.peer(), h.Phone.peer()
	if lid == "" || !phone.IsPhone() {
		return piece{}, errors.New("it names no phone number")
	}
	return piece{fact: domain.PeerMigrated{Peer: lid, To: phone}}, nil
}
