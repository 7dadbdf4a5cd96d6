package wahaplay

import (
	"encoding/json"
	"net/http"
	"time"

	"recado/adapters/messenger/simulator"
)

// getLid tells whose hidden number it is, once WAHA knows.
func getLid(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	lid := r.PathValue("lid")
	var phone *string
	if number := phoneOf(lid); number != "" && (!hides(number) || sessionOf(a).see(lid, time.Now())) {
		chat := chatOf(number)
		phone = &chat
	}
	simulator.WriteJSON(w, http.StatusOK, map[string]any{"lid": lid, "pn": phone})
}

// An ownAccount is what WAHA says of the account of a session.
type ownAccount struct {
	me
	Timelock locks `json:"reachoutTimelock"`
}

type locks struct {
	Active bool      `json:"isActive"`
	Ends   time.Time `json:"timeEnforcementEnds"`
}

func getSession(a *simulator.Account, w http.ResponseWriter, _ *http.Request) {
	s := sessionOf(a)
	status := s.status()
	s.mu.Lock()
	config := s.webhook
	s.mu.Unlock()
	simulator.WriteJSON(w, http.StatusOK, map[string]any{
		"name": s.name, "status": status, "presence": nil, "timestamps": map[string]any{"activity": nil}, "config": config,
		"me": ownAccount{me{ID: chatOf(s.phone), PushName: a.Name, Lid: lidOf(s.phone)}, locks{s.unlocks().After(time.Now()), s.unlocks()}},
	})
}

// putSession remembers the configuration. The simulator knows by itself where its
// webhooks go.
func putSession(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	var put struct{ Config map[string]any }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, simulator.MaxBody)).Decode(&put); err != nil {
		say(w, http.StatusBadRequest, "the body is no JSON")
		return
	}
	s := sessionOf(a)
	s.mu.Lock()
	s.webhook = put.Config
	s.mu.Unlock()
	getSession(a, w, r)
}
