package simulator

import (
	"math/rand/v2"
	"strings"
	"time"
)

// A Habit is an odd way of a messenger, or of a peer.
type Habit struct {
	Name   string
	Ending string  // of the phone numbers and Telegram ids that always meet it
	Likely float64 // how often anybody else meets it, of 1

	WhatsApp, Telegram string // what it is there, in words

	whatsapp, telegram play
}

// A play is what happens to a message. Its zero value is nothing odd.
type play struct {
	// Of what Recado sends.
	refusals []refusal // answers to one try after another, before one is taken
	never    bool      // the refusals have no end
	cut      bool      // taken, and the connection closed without an answer
	reports  []report  // or nil: the usual ones

	// Of what the client writes.
	twice bool
	late  time.Duration
}

// A refusal is an error of the messenger.
type refusal struct {
	status        int
	code          int // of Meta; Telegram's is the status
	text, details string
	wait          time.Duration // the messenger's own delay; zero: it gives none
}

// A report is a status that Meta tells of a message.
type report struct {
	status string
	after  time.Duration // since the message was taken
	error  refusal       // with failed
}

// usual is what becomes of a message where nothing goes wrong.
var usual = []report{
	{status: "sent", after: 300 * time.Millisecond},
	{status: "delivered", after: 900 * time.Millisecond},
	{status: "read", after: 2500 * time.Millisecond},
}

var (
	undeliverable = refusal{400, 131026, "Message undeliverable", "Message Undeliverable.", 0}
	unpaid        = refusal{400, 131042, "Business eligibility payment issue", "Message failed to send because there were one or more errors related to your payment method.", 0}
	tooMany       = refusal{429, 130429, "Rate limit hit", "Cloud API message throughput has been reached.", time.Second}
	tooManyToOne  = refusal{400, 131056, "(Business Account, Consumer Account) pair rate limit hit", "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.", 0}

	chatNotFound = refusal{status: 400, text: "Bad Request: chat not found"}
	deactivated  = refusal{status: 403, text: "Forbidden: user is deactivated"}
	blockedBot   = refusal{status: 403, text: "Forbidden: bot was blocked by the user"}
	slowDown     = refusal{status: 429, text: "Too Many Requests: retry after 1", wait: time.Second}
	restarting   = refusal{status: 500, text: "Internal Server Error: restart"}
)

var habits = []Habit{
	{
		Name: "no-account", Ending: "0000",
		WhatsApp: "error 131026: the number has no account", Telegram: "400 chat not found",
		whatsapp: play{refusals: []refusal{undeliverable}, never: true},
		telegram: play{refusals: []refusal{chatNotFound}, never: true},
	},
	{
		Name: "payment", Ending: "0001",
		WhatsApp: "error 131042: the company's payment method", Telegram: "403 user is deactivated",
		whatsapp: play{refusals: []refusal{unpaid}, never: true},
		telegram: play{refusals: []refusal{deactivated}, never: true},
	},
	{
		Name: "throttled", Ending: "0002", Likely: 0.01,
		WhatsApp: "errors 130429 and 131056, then taken", Telegram: "429 with retry_after twice, then taken",
		whatsapp: play{refusals: []refusal{tooMany, tooManyToOne}},
		telegram: play{refusals: []refusal{slowDown, slowDown}},
	},
	{
		Name: "lost-answer", Ending: "0003", Likely: 0.005,
		WhatsApp: "taken, no answer; statuses are the evidence", Telegram: "taken, no answer, no evidence",
		whatsapp: play{cut: true, reports: []report{
			{status: "sent", after: 3 * time.Second},
			{status: "delivered", after: 4 * time.Second},
			{status: "read", after: 8 * time.Second},
		}},
		telegram: play{cut: true},
	},
	{
		Name: "disorder", Ending: "0004", Likely: 0.03,
		WhatsApp: "statuses out of order, repeated and late", Telegram: "every update comes twice",
		whatsapp: play{reports: []report{
			{status: "delivered"}, // may overtake the answer
			{status: "read", after: time.Second},
			{status: "sent", after: 2 * time.Second},
			{status: "read", after: 3 * time.Second},
			{status: "delivered", after: 8 * time.Second},
			{status: "sent", after: 8 * time.Second},
		}},
		telegram: play{twice: true},
	},
	{
		Name: "fails-later", Ending: "0005", Likely: 0.005,
		WhatsApp: "taken, then failed with 131026", Telegram: "500 once, then taken",
		whatsapp: play{reports: []report{{status: "failed", after: 2 * time.Second, error: undeliverable}}},
		telegram: play{refusals: []refusal{restarting}},
	},
	{
		Name: "blocked-us", Ending: "0006",
		WhatsApp: "sent and never delivered", Telegram: "403 bot was blocked by the user",
		whatsapp: play{reports: usual[:1]},
		telegram: play{refusals: []refusal{blockedBot}, never: true},
	},
	{
		Name: "repeated", Ending: "0007", Likely: 0.03,
		WhatsApp: "webhooks of what they write come twice", Telegram: "the same",
		whatsapp: play{twice: true},
		telegram: play{twice: true},
	},
	{
		Name: "late", Ending: "0008", Likely: 0.01,
		WhatsApp: "webhooks of what they write come behind newer ones", Telegram: "nothing: it keeps the order",
		whatsapp: play{late: 6 * time.Second},
	},
}

// Habits lists the habits, those that have an ending by their endings.
func Habits() []Habit { return append([]Habit(nil), habits...) }

// nothing is the habit of who has none.
var nothing = &Habit{}

// habitOf returns the habit that a message meets.
func habitOf(peer string, dice *rand.Rand, steady bool) *Habit {
	for i := range habits {
		if strings.HasSuffix(peer, habits[i].Ending) {
			return &habits[i]
		}
	}
	if steady {
		return nothing
	}
	point := dice.Float64()
	for i := range habits {
		if point -= habits[i].Likely; point < 0 {
			return &habits[i]
		}
	}
	return nothing
}

// hears tells whether who meets the habit reads what Recado sends.
func (p play) hears() bool {
	return p.reports == nil || p.reports[len(p.reports)-1].status != "failed" && len(p.reports) > 1
}
