package wabaplay

import (
	"time"

	"recado/adapters/messenger/simulator"
)

var (
	undeliverable = simulator.Refusal{Status: 400, Code: 131026, Text: "Message undeliverable", Details: "Message Undeliverable."}
	unpaid        = simulator.Refusal{Status: 400, Code: 131042, Text: "Business eligibility payment issue", Details: "Message failed to send because there were one or more errors related to your payment method."}
	tooMany       = simulator.Refusal{Status: 429, Code: 130429, Text: "Rate limit hit", Details: "Cloud API message throughput has been reached.", Wait: time.Second}
	tooManyToOne  = simulator.Refusal{Status: 400, Code: 131056, Text: "(Business Account, Consumer Account) pair rate limit hit", Details: "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time."}
)

// usual is what becomes of a message where nothing goes wrong.
var usual = []simulator.Report{
	{Status: "sent", After: 300 * time.Millisecond},
	{Status: "delivered", After: 900 * time.Millisecond},
	{Status: "read", After: 2500 * time.Millisecond},
}

var plays = map[string]simulator.Play{
	"no-account": {Words: "error 131026: the number has no account", Refusals: []simulator.Refusal{undeliverable}, Never: true},
	"payment":    {Words: "error 131042: the company's payment method", Refusals: []simulator.Refusal{unpaid}, Never: true},
	"throttled":  {Words: "errors 130429 and 131056, then taken", Refusals: []simulator.Refusal{tooMany, tooManyToOne}},
	"lost-answer": {Words: "taken, no answer; statuses are the evidence", Cut: true, Reports: []simulator.Report{
		{Status: "sent", After: 3 * time.Second},
		{Status: "delivered", After: 4 * time.Second},
		{Status: "read", After: 8 * time.Second},
	}},
	"disorder": {Words: "statuses out of order, repeated and late", Reports: []simulator.Report{
		{Status: "delivered"}, // may overtake the answer
		{Status: "read", After: time.Second},
		{Status: "sent", After: 2 * time.Second},
		{Status: "read", After: 3 * time.Second},
		{Status: "delivered", After: 8 * time.Second},
		{Status: "sent", After: 8 * time.Second},
	}},
	"fails-later": {Words: "taken, then failed with 131026", Unread: true, Reports: []simulator.Report{
		{Status: "failed", After: 2 * time.Second, Error: undeliverable},
	}},
	"blocked-us": {Words: "sent and never delivered", Unread: true, Reports: usual[:1]},
	"repeated":   {Words: "webhooks of what they write come twice", Twice: true},
	"late":       {Words: "webhooks of what they write come behind newer ones", Late: 6 * time.Second},
	"presses":    {Words: "each message of theirs is the press of a button", Presses: true},
	"moves":      {Words: "after their first message they have the number that ends with 0019 (user_changed_number)", MovesTo: "0019"},
	"reports-us": {Words: "taken; then the account is restricted for 10 s (account_update)", Restricts: true},
	"deafens":    {Words: "nothing: every webhook is sent until it is taken"},
}
