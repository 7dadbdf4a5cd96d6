package domain

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A crm is a simulated CRM. Its times are offsets from the start of the simulation.
type crm struct {
	answer func(crmCall) crmAnswer
	took   time.Duration                        // of a call, unless its answer says otherwise
	open   func(at time.Duration) time.Duration // the next time at which it takes calls
	rate   float64                              // events a second that it can take, in 16 calls at once
}

type crmCall struct {
	at       time.Duration
	event    int
	inFlight int // with this one
}

type crmAnswer struct {
	result     CallResult
	retryAfter time.Duration
	took       time.Duration // zero: as usual
}

const callTime = 20 * time.Millisecond

// answering is a CRM that is always open.
func answering(answer func(crmCall) crmAnswer) crm {
	return crm{
		answer: answer, took: callTime, rate: CallbacksAtOnce / callTime.Seconds(),
		open: func(at time.Duration) time.Duration { return at },
	}
}

func wellCRM() crm {
	return answering(func(crmCall) crmAnswer { return crmAnswer{result: CallSucceeded} })
}
func downCRM() crm { return answering(func(crmCall) crmAnswer { return crmAnswer{} }) }

func hangingCRM() crm {
	return answering(func(crmCall) crmAnswer { return crmAnswer{took: 15 * time.Second} })
}

func throttlingCRM(retryAfter time.Duration) crm {
	return answering(func(crmCall) crmAnswer { return crmAnswer{result: CallThrottled, retryAfter: retryAfter} })
}

func slowCRM(took time.Duration) crm {
	c := wellCRM()
	c.took, c.rate = took, CallbacksAtOnce/took.Seconds()
	return c
}

// limitedCRM takes so many events a second; a bucket holds those of one second.
func limitedCRM(perSecond float64, retryAfter time.Duration) crm {
	tokens, last := perSecond, time.Duration(0)
	c := answering(func(call crmCall) crmAnswer {
		tokens, last = min(perSecond, tokens+(call.at-last).Seconds()*perSecond), call.at
		if tokens < 1 {
			return crmAnswer{result: CallThrottled, retryAfter: retryAfter}
		}
		tokens--
		return crmAnswer{result: CallSucceeded}
	})
	c.rate = perSecond
	return c
}

// quotaCRM takes n events in each window, and says how long the window lasts yet.
func quotaCRM(n int, window time.Duration) crm {
	used, current := 0, time.Duration(-1)
	c := answering(func(call crmCall) crmAnswer {
		if w := call.at.Truncate(window); w != current {
			used, current = 0, w
		}
		if used++; used > n {
			return crmAnswer{result: CallThrottled, retryAfter: (current + window - call.at).Round(time.Second) + time.Second}
		}
		return crmAnswer{result: CallSucceeded}
	})
	c.rate = float64(n) / window.Seconds()
	return c
}

// narrowCRM takes n calls at once.
func narrowCRM(n int, took time.Duration) crm {
	c := answering(func(call crmCall) crmAnswer {
		if call.inFlight > n {
			return crmAnswer{result: CallThrottled, retryAfter: time.Second, took: callTime}
		}
		return crmAnswer{result: CallSucceeded}
	})
	c.took, c.rate = took, float64(n)/took.Seconds()
	return c
}

// weakCRM falls over for ten seconds when it is called more often than perSecond.
func weakCRM(perSecond int) crm {
	var calls []time.Duration
	up := time.Duration(0)
	c := answering(func(call crmCall) crmAnswer {
		calls = slices.DeleteFunc(calls, func(at time.Duration) bool { return call.at-at > time.Second })
		calls = append(calls, call.at)
		if len(calls) > perSecond && call.at >= up {
			up = call.at + 10*time.Second
		}
		if call.at < up {
			return crmAnswer{}
		}
		return crmAnswer{result: CallSucceeded}
	})
	c.rate = float64(perSecond)
	return c
}

// unreliableCRM fails a share of the calls.
func unreliableCRM(share float64) crm {
	dice := rand.New(rand.NewPCG(1, 2))
	return answering(func(crmCall) crmAnswer {
		if dice.Float64() < share {
			return crmAnswer{}
		}
		return crmAnswer{result: CallSucceeded}
	})
}

func refusingCRM(events ...int) crm {
	return answering(func(call crmCall) crmAnswer {
		if slices.Contains(events, call.event) {
			return crmAnswer{}
		}
		return crmAnswer{result: CallSucceeded}
	})
}

// within is a CRM that is bad from one time to another, and good otherwise.
func within(from, to time.Duration, bad, good crm) crm {
	c := good
	c.open = func(at time.Duration) time.Duration {
		if from <= at && at < to {
			return to
		}
		return at
	}
	c.answer = either(c.open, bad, good)
	return c
}

// flapping is down for the last part of each period.
func flapping(period, downFor time.Duration) crm {
	c := wellCRM()
	c.open = func(at time.Duration) time.Duration {
		if at%period >= period-downFor {
			return at.Truncate(period) + period
		}
		return at
	}
	c.answer = either(c.open, downCRM(), c)
	return c
}

func either(open func(time.Duration) time.Duration, bad, good crm) func(crmCall) crmAnswer {
	return func(call crmCall) crmAnswer {
		if open(call.at) == call.at {
			return good.answer(call)
		}
		a := bad.answer(call)
		if a.took == 0 {
			a.took = bad.took
		}
		return a
	}
}

// ideal is when each event could have been told by a lane that knows the CRM.
func (c crm) ideal(events []arrival) []time.Duration {
	heard := make([]time.Duration, len(events))
	free := time.Duration(0)
	for i, e := range events {
		start := c.open(max(e.at, free))
		heard[i] = start + c.took
		free = start + time.Duration(float64(time.Second)/c.rate)
	}
	return heard
}
