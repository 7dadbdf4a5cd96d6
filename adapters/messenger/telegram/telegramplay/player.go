// Package telegramplay plays Telegram for the simulator: its Bot API, and a gateway to
// personal accounts. It shares no code with the connectors.
package telegramplay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A Player plays the Bot API.
type Player struct{}

var _ simulator.Player = Player{}

// Messenger describes Telegram.
func (Player) Messenger() *simulator.Messenger { return telegram }

var telegram = &simulator.Messenger{
	Kind: domain.TelegramBot, Name: "Telegram", Path: "/telegram", BaseURL: "base_url", Manners: manners,
	People: people, Groups: groups, Plays: plays, Full: slowDown, Files: true,
	Limits: simulator.Limits{ // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
		Account: simulator.Limit{Every: time.Second / 30, Burst: 30, Refuse: slowDownFor},
		Pair:    simulator.Limit{Every: time.Second, Burst: 3, Refuse: slowDownFor},
		Group:   simulator.Limit{Every: 3 * time.Second, Burst: 5, Refuse: slowDownFor},
	},
	Parse: func(text string) (string, bool) {
		id, err := strconv.ParseInt(text, 10, 64)
		return text, err == nil && id > 0 && text[0] != '+'
	},
	Crowd: func(n int) string { return strconv.Itoa(800_000_000 + 10*n + 9) },
}

// manners: Telegram wants any 2xx and tries for a day: at once, after 2 s, 4 s,
// and so on to 64 s, then after one to two minutes.
var manners = simulator.Manners{
	Patience:   60 * time.Second / simulator.Hurry,
	Takes:      func(status int) bool { return status/100 == 2 },
	RetryAfter: true,
	Wait: func(tries int, random float64) time.Duration {
		switch {
		case tries == 1:
			return 0
		case tries <= 7:
			return time.Second << (tries - 1) / simulator.Hurry
		}
		return time.Duration((1 + random) * float64(time.Minute) / simulator.Hurry)
	},
	Expiry: 24 * time.Hour / simulator.Hurry,
}

// Some of the people meet a habit: what they are answered shows it.
var people = []simulator.Person{
	{First: "Marta", Last: "Gil", ID: "487120391", Username: "martagil", Language: "es"},
	{First: "Tomás", Last: "Vega", ID: "512340864", Username: "tomas_vega", Language: "es"},
	{First: "Ольга", Last: "Смирнова", ID: "7003418825", Username: "olga_s", Language: "ru"},
	{First: "Nia", ID: "93340517", Language: "en"},
	{First: "Joaquín", Last: "Paz", ID: "603110002", Username: "quinopaz", Language: "es"}, // throttled
	{First: "Inés", Last: "Núñez 🎈", ID: "601230007", Language: "es"},                      // repeated
	{First: "Bea", Last: "Soto", ID: "588120010", Language: "es"},                          // presses
}

// groups have each bot among their members.
var groups = []simulator.Group{{
	ID: "-1001987654321", Title: "Vecinos de la calle Luna 🏘️",
	Members: slices.DeleteFunc(slices.Clone(people), func(p simulator.Person) bool {
		return p.Username == "" || p.Language != "es"
	}),
}}

var (
	chatNotFound = simulator.Refusal{Status: 400, Text: "Bad Request: chat not found"}
	deactivated  = simulator.Refusal{Status: 403, Text: "Forbidden: user is deactivated"}
	blockedBot   = simulator.Refusal{Status: 403, Text: "Forbidden: bot was blocked by the user"}
	slowDown     = slowDownFor(time.Second)
	restarting   = simulator.Refusal{Status: 500, Text: "Internal Server Error: restart"}
)

var plays = map[string]simulator.Play{
	"no-account":  {Words: "400 chat not found", Refusals: []simulator.Refusal{chatNotFound}, Never: true},
	"payment":     {Words: "403 user is deactivated", Refusals: []simulator.Refusal{deactivated}, Never: true},
	"throttled":   {Words: "429 with retry_after twice, then taken", Refusals: []simulator.Refusal{slowDown, slowDown}},
	"lost-answer": {Words: "taken, no answer, no evidence", Cut: true},
	"disorder":    {Words: "every update comes twice", Twice: true},
	"fails-later": {Words: "500 once, then taken", Refusals: []simulator.Refusal{restarting}},
	"blocked-us":  {Words: "403 bot was blocked by the user; each message of theirs unblocks it for a moment", Refusals: []simulator.Refusal{blockedBot}, Never: true, Leaves: true},
	"repeated":    {Words: "the same", Twice: true},
	"late":        {Words: "nothing: it keeps the order"},
	"presses":     {Words: "each message of theirs is a press (callback_query)", Presses: true},
	"moves":       {Words: "nothing: an id never changes"},
	"reports-us":  {Words: "nothing: bots are not restricted"},
	"deafens":     {Words: "nothing: every update is told until it is taken"},
}

// A bot is what Telegram knows of an account.
type bot struct {
	id      int64
	updates int64 // the last update_id; the Simulator's lock guards it
}

// Account reads a bot: its tokens, and its id, with which the token begins.
func (Player) Account(c domain.Connection, hook domain.Settings, dice *rand.Rand) simulator.Account {
	token := c.Settings["token"]
	made := 1e9 + dice.Int64N(6e9)
	number, _, _ := strings.Cut(string(token), ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id == 0 {
		id = made // the token names no bot
	}
	return simulator.Account{
		Name: string(c.ID), Token: token, Secret: hook["secret_token"],
		Own: &bot{id: id, updates: 1e8 + dice.Int64N(8e8)},
	}
}

// botOf is the bot, or what a personal account has like one.
func botOf(a *simulator.Account) *bot { return a.Own.(interface{ self() *bot }).self() }

func (b *bot) self() *bot { return b }

// publicName returns the id of the one of them with that public name, or "".
func publicName(people []simulator.Person, name string) string {
	for _, p := range people {
		if p.Username != "" && strings.EqualFold(p.Username, name) {
			return p.ID
		}
	}
	return ""
}

// slowDownFor is Telegram's answer to what comes too fast.
func slowDownFor(wait time.Duration) simulator.Refusal {
	return simulator.Refusal{Status: 429, Text: fmt.Sprintf("Too Many Requests: retry after %.0f", wait.Seconds()), Wait: wait}
}
