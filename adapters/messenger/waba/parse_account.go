package waba

import (
	"slices"
	"strings"

	"recado/domain"
)

// An accountEvent is what an event of account_update means.
type accountEvent struct {
	level   domain.SignalLevel
	suspend domain.Reason   // why nothing can be sent from now on; empty: it can
	lifts   []domain.Reason // what it is the end of
}

// The reasons for which Meta itself stops an account, and those for which it
// takes away our access.
var (
	stopped  = []domain.Reason{domain.ReasonLocked, domain.ReasonRestricted}
	excluded = []domain.Reason{domain.ReasonUnauthorized, domain.ReasonPermission}
)

// accountEvents lists those events that are more than news.
var accountEvents = map[string]accountEvent{
	"ACCOUNT_VIOLATION":       {level: domain.LevelWarning},
	"ACCOUNT_DELETED":         {level: domain.LevelCritical, suspend: domain.ReasonUnauthorized},
	"ACCOUNT_OFFBOARDED":      {level: domain.LevelCritical, suspend: domain.ReasonUnauthorized},
	"PARTNER_REMOVED":         {level: domain.LevelCritical, suspend: domain.ReasonUnauthorized},
	"PARTNER_APP_UNINSTALLED": {level: domain.LevelCritical, suspend: domain.ReasonUnauthorized},
	"ACCOUNT_RECONNECTED":     {level: domain.LevelInfo, lifts: excluded},
	"PARTNER_ADDED":           {level: domain.LevelInfo, lifts: excluded},
	"PARTNER_APP_INSTALLED":   {level: domain.LevelInfo, lifts: excluded},
}

// banStates lists what the state of a ban means.
var banStates = map[string]accountEvent{
	"DISABLE":              {level: domain.LevelCritical, suspend: domain.ReasonLocked},
	"SCHEDULE_FOR_DISABLE": {level: domain.LevelCritical},
	"REINSTATE":            {level: domain.LevelInfo, lifts: stopped},
}

var (
	restricted   = accountEvent{level: domain.LevelCritical, suspend: domain.ReasonRestricted}
	unrestricted = accountEvent{level: domain.LevelInfo, lifts: stopped}
	warned       = accountEvent{level: domain.LevelWarning}
)

func (s signal) account() domain.ConnectionSignaled {
	var details []string
	for _, r := range s.Restrictions {
		details = append(details, strings.TrimSpace(r.Type+" until "+firstOf(string(r.Ends), "further notice")))
	}
	details = append(details, s.Ban.State, string(s.Ban.Date), s.Violation.Type)
	return s.event(firstOf(s.Event, s.Ban.State), s.accountEvent(), details...)
}

func (s signal) accountEvent() accountEvent {
	if state, ok := banStates[s.Ban.State]; ok {
		return state
	}
	if s.Event == "ACCOUNT_RESTRICTION" {
		return s.restriction()
	}
	if event, ok := accountEvents[s.Event]; ok {
		return event
	}
	return accountEvent{level: domain.LevelInfo}
}

// restriction tells one that stops messages from one of other things. A list that
// is there and empty says that there is none any more.
func (s signal) restriction() accountEvent {
	switch {
	case s.Restrictions == nil:
		return restricted
	case len(s.Restrictions) == 0:
		return unrestricted
	}
	for _, r := range s.Restrictions {
		if strings.HasSuffix(r.Type, "_MESSAGING") {
			return restricted
		}
	}
	return warned
}

func (s signal) review() domain.ConnectionSignaled {
	switch s.Decision {
	case "APPROVED":
		return s.event("review "+s.Decision, unrestricted)
	case "REJECTED":
		return s.event("review "+s.Decision, accountEvent{level: domain.LevelCritical, suspend: domain.ReasonRestricted})
	}
	return s.event("review "+s.Decision, accountEvent{level: domain.LevelInfo})
}

func (s signal) alert() domain.ConnectionSignaled {
	a := s.signalAlert
	if s.Alert != nil {
		a = *s.Alert
	}
	level := levelOf(a.Severity, "WARNING", "HIGH", "MEDIUM")
	if a.Severity == "CRITICAL" {
		level = domain.LevelCritical
	}
	if slices.Contains([]string{"NONE", "RESOLVED", "INACTIVE"}, a.Status) {
		level = domain.LevelInfo
	}
	return s.says(domain.SignalAccount, level, a.Type, a.Status, a.Description)
}

// event makes a fact of what the event means.
func (s signal) event(title string, e accountEvent, details ...string) domain.ConnectionSignaled {
	said := s.says(domain.SignalAccount, e.level, title, details...)
	said.Lifts = e.lifts
	if e.suspend != "" {
		said.Suspend = &domain.Failure{Reason: e.suspend, Cause: domain.Cause{
			Source: source, Code: s.field, Title: title, Details: said.Signal.Details,
		}}
	}
	return said
}
