package telegramplay

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A Gateway plays a gateway to personal accounts, and Telegram behind it.
type Gateway struct{}

var _ simulator.Player = Gateway{}

// Messenger describes the gateway.
func (Gateway) Messenger() *simulator.Messenger { return gateway }

var gateway = &simulator.Messenger{
	Kind: domain.TelegramPersonal, Name: "Telegram gateway", Path: "/gateway", BaseURL: "base_url", Manners: gatewayManners,
	People: acquaintances, Groups: chats, Plays: gatewayPlays, Full: unavailable, Files: true,
	Parse: func(text string) (string, bool) {
		number, ok := strings.CutPrefix(text, "user")
		id, err := strconv.ParseInt(number, 10, 64)
		return number, ok && err == nil && id > 0
	},
	Crowd: func(n int) string { return strconv.Itoa(8_700_000_000 + 10*n + 9) },
}

// gatewayManners: any 2xx takes a webhook; others are repeated at once, after 2, 4, 8 … 60 s.
var gatewayManners = simulator.Manners{
	Patience: 60 * time.Second / simulator.Hurry,
	Takes:    func(status int) bool { return status/100 == 2 },
	Wait: func(tries int, _ float64) time.Duration {
		if tries == 1 {
			return 0
		}
		return min(time.Second<<min(tries-1, 6), time.Minute) / simulator.Hurry
	},
	Expiry: 7 * 24 * time.Hour / simulator.Hurry,
}

// acquaintances write to accounts. Whose number ends with nine digits has the phone
// number +34 and these digits.
var acquaintances = []simulator.Person{
	{First: "Lucía", Last: "Campos", ID: "8655120391", Username: "luciacampos", Language: "es"},
	{First: "Andrés", Last: "Roca", ID: "8655340864", Username: "andres_roca", Language: "es"},
	{First: "Дмитрий", Last: "Орлов", ID: "8655418825", Language: "ru"},
	{First: "Kim", Last: "Doyle", ID: "8655340517", Language: "en"},
	{First: "Rita", Last: "Plaza", ID: "8655110002", Language: "es"},   // throttled
	{First: "Noel", Last: "Vidal ⚓", ID: "8655230007", Language: "es"}, // repeated
}

var chats = []simulator.Group{{ID: "-1002087654321", Title: "Portal 9 🏠", Members: acquaintances[:2]}}

// numberOf is the user with a phone number.
func numberOf(phone string) string { return "8" + phone[max(0, len(phone)-9):] }

var (
	notOccupied = simulator.Refusal{Status: 400, Text: "Bad Request: PHONE_NOT_OCCUPIED"}
	tooMany     = simulator.Refusal{Status: 400, Text: "Bad Request: PEER_FLOOD"}
	slowMode    = simulator.Refusal{Status: 429, Text: "Too Many Requests: SLOWMODE_WAIT_1", Wait: time.Second}
	blocked     = simulator.Refusal{Status: 403, Text: "Forbidden: USER_IS_BLOCKED"}
	callFailed  = simulator.Refusal{Status: 502, Text: "Bad Gateway: RPC_CALL_FAIL"}
	frozen      = simulator.Refusal{Status: 403, Text: "Forbidden: FROZEN_METHOD_INVALID"}
	unavailable = simulator.Refusal{Status: 503, Text: "Service Unavailable: CONNECTING", Wait: time.Second}
)

var gatewayPlays = map[string]simulator.Play{
	"no-account":  {Words: "400 PHONE_NOT_OCCUPIED", Refusals: []simulator.Refusal{notOccupied}, Never: true},
	"payment":     {Words: "400 PEER_FLOOD: the account wrote to too many strangers", Refusals: []simulator.Refusal{tooMany}, Never: true},
	"throttled":   {Words: "429 SLOWMODE_WAIT twice, then taken", Refusals: []simulator.Refusal{slowMode, slowMode}},
	"lost-answer": {Words: "taken, no answer; the same client_id gets it, message_sent tells it", Cut: true},
	"disorder":    {Words: "every update comes twice", Twice: true},
	"fails-later": {Words: "502 RPC_CALL_FAIL once, then taken", Refusals: []simulator.Refusal{callFailed}},
	"blocked-us":  {Words: "403 USER_IS_BLOCKED", Refusals: []simulator.Refusal{blocked}, Never: true},
	"repeated":    {Words: "the same", Twice: true},
	"late":        {Words: "nothing: it keeps the order"},
	"presses":     {Words: "nothing: people have no buttons"},
	"moves":       {Words: "nothing: an id never changes"},
	"reports-us":  {Words: "taken; then Telegram freezes the account for 6 s", Restricts: true},
	"deafens":     {Words: "nothing: every update is told until it is taken"},
}

// A login is what the gateway knows of an account. Calls of its API come at any time.
type login struct {
	bot

	mu     sync.Mutex // guards the fields below
	taken  map[string]taken
	frozen [2]time.Time // from when to when Telegram lets it do nothing
}

// taken is a message by its client_id.
type taken struct {
	content string // what it was: another with the same id is refused
	answer  any
}

// maxTaken bounds the messages that the gateway remembers.
const maxTaken = 10_000

func loginOf(a *simulator.Account) *login { return a.Own.(*login) }

// Account reads an account: its token, and the secret of its webhooks.
func (Gateway) Account(c domain.Connection, hook domain.Settings, dice *rand.Rand) simulator.Account {
	return simulator.Account{
		Name: string(c.ID), Token: c.Settings["token"], Secret: hook["secret_token"],
		Own: &login{bot: bot{id: 1e9 + dice.Int64N(6e9), updates: 1e6 + dice.Int64N(8e6)}, taken: map[string]taken{}},
	}
}

// isFrozen reports whether Telegram lets the account do nothing now.
func (l *login) isFrozen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return now.After(l.frozen[0]) && now.Before(l.frozen[1])
}

// earlier returns the message with the client_id; nil: there is none.
func (l *login) earlier(client string) *taken {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, known := l.taken[client]; known {
		return &t
	}
	return nil
}

// remember notes a message that was taken.
func (l *login) remember(client, content string, answer any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.taken) >= maxTaken {
		clear(l.taken)
	}
	l.taken[client] = taken{content, answer}
}

// contentOf says what a message is, to compare it with another.
func contentOf(method string, m simulator.Message) string {
	o := m.Own.(own)
	shared, _ := json.Marshal([]any{o.place, o.venue, o.contact}) // as they were read
	return fmt.Sprintf("%s %s %s %s", method, m.Peer, m.Text, shared)
}
