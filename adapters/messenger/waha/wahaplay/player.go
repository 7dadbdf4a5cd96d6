// Package wahaplay plays WAHA, and WhatsApp behind it, for the simulator. It shares no
// code with the connector.
package wahaplay

import (
	"cmp"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A Player plays WAHA.
type Player struct {
	DeafFor time.Duration // how long a session sends no webhooks, see deafens; zero: 12 s
}

var _ simulator.Player = Player{}

// Messenger describes WAHA.
func (Player) Messenger() *simulator.Messenger { return waha }

var waha = &simulator.Messenger{
	Kind: domain.WhatsAppBusiness, Name: "WAHA", Path: "/waha", BaseURL: "base_url", Manners: manners,
	People: people, Groups: groups, Plays: plays, Full: failed("the queue of webhooks is full"), Files: true,
	Parse: func(text string) (string, bool) {
		phone, ok := strings.CutSuffix(text, "@c.us")
		return phone, ok && isDigits(phone)
	},
	Crowd: func(n int) string { return strconv.Itoa(34_700_000_000 + 10*n + 9) },
}

// manners: as its configuration asks, WAHA tries 15 times, after 2 s, 4 s, 8 s and so
// on, with any 2xx as success. Then it forgets the webhook.
var manners = simulator.Manners{
	Patience:   60 * time.Second / simulator.Hurry,
	Takes:      func(status int) bool { return status/100 == 2 },
	RetryAfter: true,
	Wait: func(tries int, random float64) time.Duration {
		wait := 2 * time.Second << min(tries-1, 14)
		return time.Duration((0.8 + 0.4*random) * float64(wait) / simulator.Hurry)
	},
	Expiry: 36 * time.Hour / simulator.Hurry,
}

// Some of the people meet a habit: what they are answered shows it.
var people = []simulator.Person{
	{First: "Carmen", Last: "Vidal", ID: "34622310457", Language: "es"},
	{First: "Iker", Last: "Zabala", ID: "34688102934", Language: "es"},
	{First: "Beatriz", Last: "Nunes", ID: "5511987654321", Language: "es"},
	{First: "Tom", Last: "Walsh", ID: "447700900123", Language: "en"},
	{First: "Pilar", Last: "Oro ☀️", ID: "34644120003", Language: "es"}, // lost-answer
	{First: "Saúl", Last: "Mora", ID: "34644120004", Language: "es"},    // disorder
	{First: "Olga", Last: "Prats", ID: "34644120007", Language: "es"},   // repeated
	{First: "Luz", Last: "Soler", ID: "34644120011", Language: "es"},    // moves
}

// groups have each account among their members.
var groups = []simulator.Group{{
	ID: "120363041234567890@g.us", Title: "AMPA del colegio 🎒", Members: people[:3],
}}

// Account reads a session: its name, its key, and the key of its signatures.
func (p Player) Account(c domain.Connection, hook domain.Settings, dice *rand.Rand) simulator.Account {
	return simulator.Account{
		Name: string(c.ID), Token: c.Settings["api_key"], Secret: hook["hmac_key"],
		Own: newSession(string(c.Settings["session"]), cmp.Or(p.DeafFor, deafFor), dice),
	}
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// chatOf is WhatsApp's address of a person or a group.
func chatOf(peer string) string {
	if strings.Contains(peer, "@") {
		return peer
	}
	return peer + "@c.us"
}

// lidOf is the hidden number of a person.
func lidOf(phone string) string { return "9" + phone + "5@lid" }

// phoneOf is the number behind a hidden one; empty: it is none of lidOf.
func phoneOf(lid string) string {
	user, hidden := strings.CutSuffix(lid, "@lid")
	if !hidden || len(user) < 3 {
		return ""
	}
	return user[1 : len(user)-1]
}
