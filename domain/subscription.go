package domain

import "time"

// A Subscription pays for the connections of a company of one kind.
type Subscription struct {
	ID          SubscriptionID
	Company     CompanyID
	Kind        Kind
	Tariff      Tariff
	PaidUntil   string // a date in the company's zone, that day included; empty: not paid
	TrialUntil  string // likewise
	DialogLimit int64  // outgoing dialogs a month; -1: as the tariff says
	CountMode   CountMode
	WABADialogs int64 // paid dialogs bought in all
}

// A CountMode says which dialogs count as outgoing.
type CountMode string

// The modes of counting.
const (
	CountOursFirst   CountMode = "ours_first"   // those in which the company wrote first; also the default, an empty mode
	CountAnyOutgoing CountMode = "any_outgoing" // those in which the company wrote at all
)

// CountModes lists every CountMode.
var CountModes = []CountMode{CountOursFirst, CountAnyOutgoing}

// A Tariff decides the price of a subscription and what it includes.
type Tariff string

// The tariffs.
const (
	Inicial  Tariff = "inicial"
	Estandar Tariff = "estandar"
	Avanzada Tariff = "avanzada"
)

// Tariffs lists every Tariff.
var Tariffs = []Tariff{Inicial, Estandar, Avanzada}

// A SubscriptionState says what a subscription pays for on a day.
type SubscriptionState string

// The states of a subscription.
const (
	SubscriptionPaid    SubscriptionState = "paid"
	SubscriptionTrial   SubscriptionState = "trial"   // everything but the blacklist
	SubscriptionOverdue SubscriptionState = "overdue" // nothing is sent; incoming messages are still received
)

// SubscriptionStates lists every SubscriptionState.
var SubscriptionStates = []SubscriptionState{SubscriptionPaid, SubscriptionTrial, SubscriptionOverdue}

// Unlimited stands for no limit.
const Unlimited = -1

// terms are what a tariff includes.
type terms struct {
	dialogs   int64 // outgoing dialogs a month, unless the subscription says otherwise
	voice     bool
	blacklist bool
}

// tariffs has a row for every Tariff. An unknown tariff includes nothing.
var tariffs = map[Tariff]terms{
	Inicial:  {dialogs: 50},
	Estandar: {dialogs: Unlimited, voice: true, blacklist: true},
	Avanzada: {dialogs: Unlimited, voice: true, blacklist: true},
}

// State returns what the subscription pays for at a moment. A date counts to its
// end in the company's zone. A nil subscription is overdue.
func (s *Subscription) State(now time.Time, zone *time.Location) SubscriptionState {
	if s == nil {
		return SubscriptionOverdue
	}
	switch today := dateOf(now, zone); {
	case today <= s.PaidUntil:
		return SubscriptionPaid
	case today <= s.TrialUntil:
		return SubscriptionTrial
	}
	return SubscriptionOverdue
}

// Limit returns how many outgoing dialogs a month may have, or Unlimited.
func (s *Subscription) Limit() int64 {
	switch {
	case s == nil:
		return 0
	case s.DialogLimit >= 0:
		return s.DialogLimit
	}
	return tariffs[s.Tariff].dialogs
}

// anyOutgoing reports whether every dialog counts in which the company wrote.
func (s *Subscription) anyOutgoing() bool { return s != nil && s.CountMode == CountAnyOutgoing }

// includes returns the terms of the tariff.
func (s *Subscription) includes() terms {
	if s == nil {
		return terms{}
	}
	return tariffs[s.Tariff]
}

// A Usage is a subscription with how much of its limits is used.
type Usage struct {
	Subscription
	Zone    *time.Location // the company's
	Period  string         // the month in that zone: 2026-01
	Dialogs int64          // outgoing dialogs in that month

	PaidReserved  int64 // paid WABA dialogs that wait for a price
	PaidCommitted int64 // paid WABA dialogs that were charged

	Priced []PriceCount // messages of that month, by what they were billed as
}

// PaidAvailable returns how many paid WABA dialogs may still be opened.
func (u Usage) PaidAvailable() int64 { return max(0, u.WABADialogs-u.PaidReserved-u.PaidCommitted) }
