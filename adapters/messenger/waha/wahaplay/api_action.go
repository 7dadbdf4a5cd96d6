package wahaplay

import (
	"encoding/json"
	"net/http"

	"recado/adapters/messenger/simulator"
)

// change edits or deletes a message of the company: WAHA knows it by its bare id.
func change(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	var put struct{ Text string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, simulator.MaxBody)).Decode(&put)
	m, known := sessionOf(a).message(bareOf(r.PathValue("id")))
	switch {
	case !known || !m.FromMe:
		say(w, http.StatusNotFound, "Message not found")
	case r.Method == http.MethodPut && (err != nil || put.Text == ""):
		say(w, http.StatusBadRequest, "text must be a string")
	default:
		simulator.WriteJSON(w, http.StatusOK, map[string]any{})
	}
}

// react puts an emoji on a message of either side.
func react(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	var put struct {
		Session  string
		Message  string `json:"messageId"`
		Reaction *string
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, simulator.MaxBody)).Decode(&put)
	a := account(s, put.Session, r)
	switch {
	case err != nil || put.Reaction == nil:
		say(w, http.StatusBadRequest, "reaction must be a string")
	case a == nil:
		say(w, http.StatusUnauthorized, "Unauthorized")
	default:
		if _, known := sessionOf(a).message(bareOf(put.Message)); !known {
			say(w, http.StatusNotFound, "Message not found")
			return
		}
		simulator.WriteJSON(w, http.StatusOK, map[string]any{})
	}
}
