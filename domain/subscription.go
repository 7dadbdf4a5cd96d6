package domain

import "time"

// A SubscriptionState tells what a subscription pays for on a day.
type SubscriptionState string

// The states of a subscription.
const (
	SubscriptionPaid    SubscriptionState = "paid"
	SubscriptionTrial   SubscriptionState = "trial"   // everything but the blacklist
	SubscriptionOverdue SubscriptionState = "overdue" // nothing is sent; what comes in goes on
)

// SubscriptionStates lists every SubscriptionState.
var SubscriptionStates = []SubscriptionState{SubscriptionPaid, SubscriptionTrial, SubscriptionOverdue}

// Unlimited is a limit that nothing reaches.
const Unlimited = -1

// terms are what a tariff includes.
type terms struct {
	dialogs   int64 // outgoing dialogs a month, unless the subscription says otherwise
	voice     bool
	blacklist bool
}

// tariffs has a line for every Tariff. A tariff that is not here includes nothing.
var tariffs = map[Tariff]terms{
	Inicial:  {dialogs: 50},
	Estandar: {dialogs: Unlimited, voice: true, blacklist: true},
	Avanzada: {dialogs: Unlimited, voice: true, blacklist: true},
}

// State tells what the subscription pays for at the moment. A date counts to its
// end in the company's zone. Who has no subscription, nil, pays for nothing.
func (s *Subscription) State(now time.Time, zone *time.Location) SubscriptionState {
	if s == nil {
		return SubscriptionOverdue
	}
	switch today := now.In(zone).Format(time.DateOnly); {
	case today <= s.PaidUntil:
		return SubscriptionPaid
	case today <= s.TrialUntil:
		return SubscriptionTrial
	}
	return SubscriptionOverdue
}

// Limit is how many outgoing dialogs a month may have, or Unlimited.
func (s *Subscription) Limit() int64 {
	switch {
	case s == nil:
		return 0
	case s.DialogLimit >= 0:
		return s.DialogLimit
	}
	return tariffs[s.Tariff].dialogs
}

// anyOutgoing reports whether every dialog counts in which we wrote.
func (s *Subscription) anyOutgoing() bool { return s != nil && s.CountMode == CountAnyOutgoing }

// includes returns what the tariff includes.
func (s *Subscription) includes() terms {
	if s == nil {
		return terms{}
	}
	return tariffs[s.Tariff]
}

// A Usage is a subscription with what it used of its limits.
type Usage struct {
	Subscription
	Zone    *time.Location // the company's
	Period  string         // the month in that zone: 2026-01
	Dialogs int64          // outgoing ones in that month

	PaidReserved  int64 // WABA dialogs that wait for a price
	PaidCommitted int64 // and those that were charged
}

// PaidAvailable is how many paid WABA dialogs may still be opened.
func (u Usage) PaidAvailable() int64 { return max(0, u.WABADialogs-u.PaidReserved-u.PaidCommitted) }
