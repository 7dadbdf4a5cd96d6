package storetest

import (
	"time"

	"recado/domain"
)

// The model of the stateful test: what the rules of the product say, in the
// simplest words, of one company. It shares no code with the rules.

// A modelChat is what is known of a chat.
type modelChat struct {
	id         domain.ChatID
	connection domain.ConnectionID
	peer       domain.PeerID
	waba       bool
	blocked    bool
	inbound    []time.Time // of each incoming message
	answered   int         // so many of them are
	messages   []*modelMessage
	paid       modelPaid
}

// A modelMessage is one of ours.
type modelMessage struct {
	id       domain.MessageID
	provider domain.ProviderID
	at       time.Time
	status   string
	reason   domain.Reason // with failed
	answers  int           // incoming messages that it answers
	given    bool          // its outgoing dialog was given back
	tries    int
	unknown  time.Time // since when nothing is known of its last try
}

// A modelPaid is the paid WABA dialog of a chat.
type modelPaid struct {
	opened time.Time
	until  time.Time // charged; zero: only reserved
	holds  map[*modelMessage]bool
}

func (p modelPaid) reserved() bool { return len(p.holds) > 0 && p.until.IsZero() }

// A modelSubscription is what a company pays for.
type modelSubscription struct {
	id        domain.SubscriptionID
	tariff    domain.Tariff
	state     string // paid, trial, overdue
	limit     int64
	bought    int64
	committed int64
}

// firstIn is the first incoming message of a month.
func (c *modelChat) firstIn(month string) (first time.Time) {
	for _, at := range c.inbound {
		if monthOf(at) == month && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// outgoing: in that month a message of ours, that was not given back, is earlier
// than any of theirs (rules 28 and 31).
func (c *modelChat) outgoing(month string) bool {
	first := c.firstIn(month)
	for _, m := range c.messages {
		if monthOf(m.at) == month && !m.given && (first.IsZero() || m.at.Before(first)) {
			return true
		}
	}
	return false
}

func monthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// window: WABA takes anything for 24 hours after the last incoming message.
func (c *modelChat) window(now time.Time) bool {
	if !c.waba {
		return true
	}
	for _, at := range c.inbound {
		if now.Before(at.Add(24 * time.Hour)) {
			return true
		}
	}
	return false
}

// send tells what rule 26 says of a message; refusal: no message is made.
func (co *modelCompany) send(c *modelChat, rights domain.Rights, typ domain.MessageType, now time.Time) (refusal string, fails domain.Reason) {
	s := co.subscription(c)
	template := typ == domain.TypeTemplate
	switch {
	case !rights.May(domain.WriteChats):
		return "forbidden", ""
	case c.blocked:
		return "chat_blocked", ""
	case s.state == "overdue":
		return "", domain.ReasonUnpaid
	case typ == domain.TypeVoice && s.tariff == domain.Inicial:
		return "voice_not_available_on_tariff", ""
	case !template && !c.window(now):
		return "", domain.ReasonWindowClosed
	case s.limit >= 0 && co.used(s, now) >= s.limit && !c.outgoing(monthOf(now)) && c.firstIn(monthOf(now)).IsZero():
		return "", domain.ReasonDialogLimit
	case template && c.buys(now) && s.committed+co.reserved(s) >= s.bought:
		return "", domain.ReasonNoPaidDialogs
	case template && !c.waba:
		return "unsupported_type", ""
	case typ == domain.TypeVoice: // it has no file
		return "media_not_accepted", ""
	}
	return "", ""
}

// buys: a template outside the window, and no paid dialog covers it (rule 35).
func (c *modelChat) buys(now time.Time) bool {
	return c.waba && !c.window(now) && !c.paid.reserved() && !now.Before(c.paid.until)
}

// block tells what rule 6 says.
func (co *modelCompany) block(c *modelChat, rights domain.Rights) (refusal string) {
	s := co.subscription(c)
	switch {
	case !rights.May(domain.BlacklistChats):
		return "forbidden"
	case s.state != "paid":
		return "subscription_not_paid"
	case s.tariff == domain.Inicial:
		return "tariff_not_allowed"
	}
	return ""
}

// used counts the outgoing dialogs of a subscription in the month.
func (co *modelCompany) used(s *modelSubscription, now time.Time) (n int64) {
	for _, c := range co.chats {
		if co.subscription(c) == s && c.outgoing(monthOf(now)) {
			n++
		}
	}
	return n
}

func (co *modelCompany) reserved(s *modelSubscription) (n int64) {
	for _, c := range co.chats {
		if co.subscription(c) == s && c.paid.reserved() {
			n++
		}
	}
	return n
}

// unanswered is what rule 16 counts.
func (c *modelChat) unanswered() int { return len(c.inbound) - c.answered }

// ranks orders the statuses of rule 18.
var ranks = map[string]int{"queued": 0, "sent": 1, "delivered": 2, "read": 3}

// reach moves a message, never back (rules 18 and 19).
func (c *modelChat) reach(m *modelMessage, status string) {
	lifted := m.status == "failed" && m.reason == domain.ReasonOutcomeUnknown
	if m.status == "failed" && !lifted || !lifted && ranks[status] <= ranks[m.status] {
		return
	}
	m.status, m.reason, m.unknown = status, "", time.Time{}
	c.answered = max(c.answered, m.answers)
}

// fail ends a message. Refused: before the messenger took it.
func (c *modelChat) fail(m *modelMessage, why domain.Reason, refused bool) {
	lifted := m.status == "failed" && m.reason == domain.ReasonOutcomeUnknown
	if m.status != "queued" && m.status != "sent" && !lifted {
		return
	}
	m.status, m.reason, m.unknown = "failed", why, time.Time{}
	m.given = m.given || refused || why == domain.ReasonNoAccount
	if why != domain.ReasonOutcomeUnknown {
		delete(c.paid.holds, m)
	}
}

// price settles what a message may cost (rule 36).
func (s *modelSubscription) price(c *modelChat, m *modelMessage, p domain.Pricing, at time.Time) {
	if _, held := c.paid.holds[m]; !held {
		return
	}
	switch p {
	case domain.PricingFree:
		delete(c.paid.holds, m)
	case domain.PricingCharged:
		if c.paid.until.IsZero() {
			s.committed++
		}
		if until := at.Add(24 * time.Hour); c.paid.until.IsZero() || until.Before(c.paid.until) {
			c.paid.until = until
		}
	}
}

// A modelCompany is a company with its two connections.
type modelCompany struct {
	id       domain.CompanyID
	phone    modelSubscription
	cloud    modelSubscription
	chats    []*modelChat
	shut     map[domain.ConnectionID]bool // suspended
	messages int
}

func (co *modelCompany) subscription(c *modelChat) *modelSubscription {
	if c.waba {
		return &co.cloud
	}
	return &co.phone
}
