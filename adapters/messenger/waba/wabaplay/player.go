// Package wabaplay plays Meta's Cloud API for the simulator. It shares no code
// with the connector.
package wabaplay

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A Player plays Meta.
type Player struct{}

var _ simulator.Player = Player{}

// Messenger describes WhatsApp.
func (Player) Messenger() *simulator.Messenger { return whatsapp }

var whatsapp = &simulator.Messenger{
	Kind: domain.WABA, Name: "Meta", Path: "/meta/v23.0", BaseURL: "base_url", Manners: manners,
	People: people, Groups: groups, Plays: plays, Full: tooMany, Files: true,
	Limits: simulator.Limits{ // https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
		Account: simulator.Limit{Every: time.Second / 80, Burst: 80, Refuse: always(tooMany)},
		Pair:    simulator.Limit{Every: 6 * time.Second, Burst: 45, Refuse: always(tooManyToOne)},
		Group:   simulator.Limit{Every: 6 * time.Second, Burst: 45, Refuse: always(tooManyToOne)},
	},
	Parse: func(text string) (string, bool) {
		phone, ok := strings.CutPrefix(text, "+")
		if !ok {
			return text, userID.MatchString(text)
		}
		return phone, isDigits(phone)
	},
	Crowd: func(n int) string { return strconv.Itoa(34_600_000_000 + 10*n + 9) },
}

// manners: Meta wants 200, tries for 7 days, and heeds no Retry-After.
var manners = simulator.Manners{
	Patience: 5 * time.Second,
	Takes:    func(status int) bool { return status == http.StatusOK },
	Wait: func(tries int, random float64) time.Duration {
		wait := min(10*time.Second<<min(tries-1, 10), time.Hour)
		return time.Duration((1 + random/4) * float64(wait) / simulator.Hurry)
	},
	Expiry: 7 * 24 * time.Hour / simulator.Hurry,
}

// Some of the people meet a habit: what they are answered shows it.
var people = []simulator.Person{
	{First: "Lucía", Last: "Fernández", ID: "34611204518", Language: "es"},
	{First: "Mateo", Last: "Quispe", ID: "51987340265", Language: "es"},
	{First: "Camila", Last: "Rojas 🌻", ID: "56961237754", Language: "es"},
	{First: "Sheena", Last: "Nelson", ID: "16505551234", Language: "en"},
	{First: "佐藤", Last: "みどり", ID: "819012345678", Language: "ja"},
	{First: "Иван", Last: "Петров", ID: "79261234567", Language: "ru"},
	{First: "Omar", Last: "Haddad", ID: "33612340002", Language: "en"},     // throttled
	{First: "Valentina", Last: "Ruiz", ID: "573001230003", Language: "es"}, // lost-answer
	{First: "Diego", Last: "Torres", ID: "5215512340004", Language: "es"},  // disorder
	{First: "Carla", Last: "Méndez", ID: "5491123450007", Language: "es"},  // repeated
	{First: "Rubén", Last: "Paredes", ID: "34655120010", Language: "es"},   // presses
	{First: "Noa", Last: "Salas", ID: "ES.13491208655302741918", Username: "noa.salas", Language: "es"},
}

// userID is the id of a person who hides the phone number behind a username.
var userID = regexp.MustCompile(`^[A-Z]{2}\.[0-9]+$`)

// groups have each number of a company among their members.
var groups = []simulator.Group{{
	ID: "Y2FwaV9ncm91cDoxOTUwNTU1MDA3OToxMjAzNjMzOTQzMjAdOTY0MTUZD", Title: "Comparsa del barrio 🎭",
	Members: []simulator.Person{people[0], people[1], people[2]},
}}

// group returns the group with the id, or nil.
func group(id string) *simulator.Group {
	if i := slices.IndexFunc(groups, func(g simulator.Group) bool { return g.ID == id }); i >= 0 {
		return &groups[i]
	}
	return nil
}

// Account reads a phone number: its id, and the app's secret of its hook.
func (Player) Account(c domain.Connection, hook domain.Settings, dice *rand.Rand) simulator.Account {
	return simulator.Account{
		Name: c.Account, Token: c.Settings["access_token"], Secret: hook["app_secret"],
		Own: fmt.Sprintf("1555%07d", dice.IntN(1e7)), // the phone number, as people write it
	}
}

// phoneOf returns the phone number of an account.
func phoneOf(a *simulator.Account) string { return a.Own.(string) }

// always refuses alike, however long the wait: Meta does not tell it.
func always(r simulator.Refusal) func(time.Duration) simulator.Refusal {
	return func(time.Duration) simulator.Refusal { return r }
}
