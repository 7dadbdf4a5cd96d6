package waba

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// signals lists the fields of changes that speak of the account, and what each
// value means. Meta sends them for a WhatsApp Business Account, and with a phone
// number where they concern one of its numbers.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
var signals = map[string]func(signal) domain.ConnectionSignaled{
	"account_update":                     signal.account,
	"account_alerts":                     signal.alert,
	"account_review_update":              signal.review,
	"phone_number_quality_update":        signal.quality,
	"phone_number_name_update":           signal.name,
	"business_capability_update":         signal.limit,
	"message_template_status_update":     signal.templateStatus,
	"message_template_quality_update":    signal.templateQuality,
	"template_category_update":           signal.templateCategory,
	"message_template_components_update": signal.templateComponents,
	"security":                           signal.security,
}

// A signal is the value of such a change. Each field has some of these.
type signal struct {
	field string
	raw   json.RawMessage

	Event       string
	Phone       wire.Text `json:"display_phone_number"`
	PhoneNumber wire.Text `json:"phone_number"`
	Decision    string
	Rejected    string `json:"rejection_reason"`
	Reason      string
	Requested   string    `json:"requested_verified_name"`
	Limit       wire.Text `json:"current_limit"`
	OldLimit    wire.Text `json:"old_limit"`
	Violation   struct {
		Type string `json:"violation_type"`
	} `json:"violation_info"`
	Ban struct {
		State string    `json:"waba_ban_state"`
		Date  wire.Text `json:"waba_ban_date"`
	} `json:"ban_info"`
	Restrictions []struct {
		Type string    `json:"restriction_type"`
		Ends wire.Text `json:"expiration"`
	} `json:"restriction_info"`
	Alert       *signalAlert `json:"alert_info"`
	signalAlert              // older: the alert is not set apart
	Template    string       `json:"message_template_name"`
	Language    string       `json:"message_template_language"`
	Quality     string       `json:"new_quality_score"`
	OldQuality  string       `json:"previous_quality_score"`
	Category    string       `json:"new_category"`
	OldCategory string       `json:"previous_category"`
	Correct     string       `json:"correct_category"`
	Requester   wire.Text    `json:"requester"`
}

type signalAlert struct {
	Severity    string `json:"alert_severity"`
	Status      string `json:"alert_status"`
	Type        string `json:"alert_type"`
	Description string `json:"alert_description"`
}

// signal reads a change of the account.
func (p *parsed) signal(raw []byte, field string, value json.RawMessage) {
	s := signal{field: field, raw: value}
	if err := wire.Decode(value, &s); err != nil || len(value) == 0 {
		p.bad("", p.wrapChange(raw), fmt.Errorf("%s: it has no value that can be read", field))
		return
	}
	said := signals[field](s)
	said.Signal.Title = wire.Brief(firstOf(said.Signal.Title, field))
	said.Signal.Details = wire.Brief(said.Signal.Details)
	account := ""
	var m struct{ Metadata metadata }
	if wire.Decode(value, &m) == nil && m.Metadata.PhoneNumberID != "" {
		account, _ = m.Metadata.account()
	}
	change := slices.Clone(raw)
	entry := p.entered
	p.Updates = append(p.Updates, domain.Update{
		Account: account, Business: p.business, Number: digits(firstOf(string(s.Phone), string(s.PhoneNumber))),
		Fact: said, At: p.at, Item: func() []byte { return entry.wrapChange(change) },
	})
}

// says makes a fact that changes nothing.
func (s signal) says(kind domain.SignalKind, level domain.SignalLevel, title string, details ...string) domain.ConnectionSignaled {
	return domain.ConnectionSignaled{Signal: domain.Signal{
		Kind: kind, Level: level, Title: title, Details: joined(append(details, string(firstOf(string(s.Phone), string(s.PhoneNumber))))...),
	}}
}

// levelOf is the level of those words that say something is wrong, else info.
func levelOf(word string, warnings ...string) domain.SignalLevel {
	if slices.Contains(warnings, strings.ToUpper(word)) {
		return domain.LevelWarning
	}
	return domain.LevelInfo
}

func (s signal) quality() domain.ConnectionSignaled {
	limit := string(s.Limit)
	if s.OldLimit != "" {
		limit = string(s.OldLimit) + " → " + limit
	}
	return s.says(domain.SignalQuality, levelOf(s.Event, "FLAGGED", "DOWNGRADE"), s.Event, limit)
}

func (s signal) name() domain.ConnectionSignaled {
	return s.says(domain.SignalName, levelOf(s.Decision, "REJECTED", "DECLINED"), s.Decision, s.Requested, s.Rejected)
}

func (s signal) security() domain.ConnectionSignaled {
	return s.says(domain.SignalSecurity, domain.LevelWarning, s.Event, string(s.Requester))
}

// limit reports how many people may be written to; Meta gave the figure several names.
func (s signal) limit() domain.ConnectionSignaled {
	var figures map[string]any
	_ = wire.Decode(s.raw, &figures) // what can be read is enough
	var details []string
	for name, figure := range figures {
		switch figure.(type) {
		case float64, string:
			details = append(details, fmt.Sprintf("%s %v", name, figure))
		}
	}
	slices.Sort(details)
	return s.says(domain.SignalLimit, domain.LevelInfo, "messaging limit", details...)
}

func (s signal) template(level domain.SignalLevel, title string, details ...string) domain.ConnectionSignaled {
	return s.says(domain.SignalTemplate, level, title, append([]string{s.Template, s.Language}, details...)...)
}

func (s signal) templateStatus() domain.ConnectionSignaled {
	level := levelOf(s.Event, "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "PENDING_DELETION", "LIMIT_EXCEEDED", "DELETED")
	return s.template(level, s.Event, strings.TrimPrefix(s.Reason, "NONE"))
}

func (s signal) templateQuality() domain.ConnectionSignaled {
	return s.template(levelOf(s.Quality, "RED", "YELLOW"), "quality "+s.Quality, s.OldQuality)
}

func (s signal) templateCategory() domain.ConnectionSignaled {
	return s.template(domain.LevelWarning, "category "+firstOf(s.Category, s.Correct), s.OldCategory)
}

func (s signal) templateComponents() domain.ConnectionSignaled {
	return s.template(domain.LevelInfo, "components changed")
}
