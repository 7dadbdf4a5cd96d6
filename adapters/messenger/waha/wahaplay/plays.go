package wahaplay

import (
	"net/http"
	"time"

	"recado/adapters/messenger/simulator"
)

// failed is an exception of the engine.
func failed(words string) simulator.Refusal {
	return simulator.Refusal{Status: http.StatusInternalServerError, Text: words}
}

var (
	strangers = failed("server returned error 463")
	starting  = simulator.Refusal{Status: http.StatusUnprocessableEntity, Text: "STARTING"}
)

// usual is what becomes of a message where nothing goes wrong: acks by their numbers.
var usual = []simulator.Report{
	{Status: "0"},
	{Status: "1", After: 300 * time.Millisecond},
	{Status: "2", After: 900 * time.Millisecond},
	{Status: "3", After: 2500 * time.Millisecond},
}

var plays = map[string]simulator.Play{
	"no-account":  {Words: "check-exists says that there is no account; what is sent all the same is taken and never delivered", Unread: true, Reports: usual[:1]},
	"payment":     {Words: "500 with 463: WhatsApp lets the account write to nobody new", Refusals: []simulator.Refusal{strangers}, Never: true},
	"throttled":   {Words: "422 twice, because the session starts, then taken", Refusals: []simulator.Refusal{starting, starting}},
	"lost-answer": {Words: "taken, no answer; get message has it", Cut: true},
	"disorder": {Words: "acks out of order, repeated and late", Reports: []simulator.Report{
		{Status: "2"}, // may overtake the answer
		{Status: "3", After: time.Second},
		{Status: "1", After: 2 * time.Second},
		{Status: "3", After: 3 * time.Second},
		{Status: "2", After: 8 * time.Second},
	}},
	"fails-later": {Words: "taken, then ack -1", Unread: true, Reports: []simulator.Report{{Status: "0"}, {Status: "-1", After: 2 * time.Second}}},
	"blocked-us":  {Words: "sent and never delivered", Unread: true, Reports: usual[:2]},
	"repeated":    {Words: "webhooks of what they write come twice", Twice: true},
	"late":        {Words: "webhooks of what they write come behind newer ones", Late: 6 * time.Second},
	"presses":     {Words: "nothing: there are no buttons"},
	"moves":       {Words: "they write under a hidden number (@lid); which phone number it is, WAHA knows 20 s later"},
	"reports-us":  {Words: "taken; then the session asks for its QR code to be scanned, for 10 s", Restricts: true},
	"deafens":     {Words: "what they write is the first of 12 s that no webhook tells of; get messages has it", Deafens: true},
}

// hides reports whether the peer always meets the habit moves.
func hides(phone string) bool { return hasEnding(phone, "0011") }

// unregistered reports whether the number has no account.
func unregistered(phone string) bool { return hasEnding(phone, "0000") }

func hasEnding(phone, ending string) bool {
	return len(phone) >= len(ending) && phone[len(phone)-len(ending):] == ending
}
