// Package pigeonplay plays the invented messenger of pigeontest.
package pigeonplay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A Player plays the loft.
type Player struct{}

var _ simulator.Player = Player{}

var loft = &simulator.Messenger{
	Kind: "pigeon", Name: "Loft", Path: "/loft", BaseURL: "base_url",
	Manners: simulator.Manners{
		Patience: time.Second,
		Takes:    func(status int) bool { return status == http.StatusOK },
		Wait:     func(int, float64) time.Duration { return time.Second },
		Expiry:   time.Hour,
	},
	People: []simulator.Person{{First: "Paloma", ID: "roost-7", Language: "es"}},
	Parse:  func(text string) (string, bool) { return text, strings.HasPrefix(text, "roost-") },
	Crowd:  func(n int) string { return fmt.Sprintf("roost-%d9", n) },
	Plays: map[string]simulator.Play{
		"no-account": {Words: "no such roost", Never: true, Refusals: []simulator.Refusal{{Status: 400, Text: "no such roost"}}},
	},
	Full: simulator.Refusal{Status: 429, Text: "no pigeon is free"},
}

// Messenger describes the loft.
func (Player) Messenger() *simulator.Messenger { return loft }

// Account reads the token of a connection.
func (Player) Account(c domain.Connection, _ domain.Settings, _ *rand.Rand) simulator.Account {
	return simulator.Account{Name: string(c.ID), Token: c.Settings["token"], Secret: c.Settings["token"]}
}

// Serve takes messages below /loft.
func (Player) Serve(mux *http.ServeMux, s *simulator.Simulator) {
	mux.HandleFunc("POST /loft/send", func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		a := s.Account("pigeon", func(a *simulator.Account) bool { return a.Accepts(token) })
		var m struct{ To, Text string }
		if err := json.NewDecoder(r.Body).Decode(&m); a == nil || err != nil {
			simulator.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "no such loft"})
			return
		}
		v := s.Take(a, simulator.Message{Peer: m.To, Text: m.Text})
		if v.Refusal != nil {
			simulator.WriteJSON(w, v.Refusal.Status, map[string]string{"error": v.Refusal.Text})
			return
		}
		simulator.WriteJSON(w, http.StatusOK, map[string]any{"id": v.Answer})
	})
}

// Accept rings a pigeon and reports its arrival.
func (Player) Accept(c *simulator.Chat, m simulator.Message, _ simulator.Play, dice *rand.Rand, now time.Time) (any, []simulator.Planned) {
	id := fmt.Sprintf("ring-%d", dice.Int64())
	c.Last = simulator.Spoken{ID: id, Text: m.Text}
	at := now.Add(100 * time.Millisecond)
	return id, []simulator.Planned{{At: at, Webhook: webhook(c, map[string]any{"id": id, "arrived": true, "at": at.UnixMilli()})}}
}

// Write makes the webhook of a text.
func (Player) Write(c *simulator.Chat, by simulator.Person, text string, _ simulator.Play, dice *rand.Rand, now time.Time) (string, []*simulator.Webhook) {
	id := fmt.Sprintf("ring-%d", dice.Int64())
	return id, []*simulator.Webhook{webhook(c, map[string]any{"id": id, "from": by.ID, "text": text, "at": now.UnixMilli()})}
}

func webhook(c *simulator.Chat, content map[string]any) *simulator.Webhook {
	body := simulator.Encode(content)
	mac := hmac.New(sha256.New, []byte(c.Account.Secret))
	mac.Write(body)
	return &simulator.Webhook{Chat: c.Peer, Body: body, Header: http.Header{"X-Pigeon-Signature": {hex.EncodeToString(mac.Sum(nil))}}}
}
