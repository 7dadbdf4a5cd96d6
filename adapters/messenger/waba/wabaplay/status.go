package wabaplay

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"time"

	"recado/adapters/messenger/simulator"
)

type status struct {
	ID           string        `json:"id"`
	Status       string        `json:"status"`
	Timestamp    string        `json:"timestamp"`
	Recipient    string        `json:"recipient_id"`
	ToType       string        `json:"recipient_type,omitempty"` // group
	Participant  string        `json:"recipient_participant_id,omitempty"`
	Opaque       string        `json:"biz_opaque_callback_data,omitempty"`
	Conversation *conversation `json:"conversation,omitempty"`
	Pricing      *pricing      `json:"pricing,omitempty"`
	Errors       []statusError `json:"errors,omitempty"`
}

type conversation struct {
	ID      string            `json:"id"`
	Expires string            `json:"expiration_timestamp,omitempty"`
	Origin  map[string]string `json:"origin"`
}

type pricing struct {
	Billable *bool  `json:"billable,omitempty"` // until October 2026
	Model    string `json:"pricing_model"`
	Category string `json:"category"`
	Type     string `json:"type"`
}

type statusError struct {
	Code    int               `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Data    map[string]string `json:"error_data"`
	Link    string            `json:"href"`
}

// Accept names a message of Recado and plans its statuses. Now and then Meta
// reports two at once.
func (Player) Accept(c *simulator.Chat, m simulator.Message, p simulator.Play, dice *rand.Rand, now time.Time) (any, []simulator.Planned) {
	id := wamid(c.Peer, false, dice)
	c.Last = simulator.Spoken{ID: id, Text: m.Text}
	reports := p.Reports
	if reports == nil {
		reports = slices.Clone(usual)
		if dice.IntN(8) == 0 {
			reports[1].After = reports[2].After
		}
	}
	pace := 0.75 + dice.Float64()/2
	var plans []simulator.Planned
	var together []status
	for i, r := range reports {
		r.After = time.Duration(pace * float64(r.After))
		together = append(together, statusesOf(c, r, id, m, now)...)
		if i+1 < len(reports) && reports[i+1].After == reports[i].After {
			continue
		}
		plans = append(plans, simulator.Planned{At: now.Add(r.After), Webhook: webhook(c.Account, value{Statuses: together})})
		together = nil
	}
	if p.Restricts {
		plans = append(plans, restriction(c.Account, now)...)
	}
	return id, plans
}

// statusesOf makes the statuses of a message of Recado: one, or one for each
// member of a group.
func statusesOf(c *simulator.Chat, r simulator.Report, id string, m simulator.Message, taken time.Time) []status {
	one := statusOf(c, r, id, m, taken)
	if c.Group == nil {
		return []status{one}
	}
	var all []status
	for _, member := range c.People {
		s := one
		s.ToType, s.Participant = "group", member.ID
		all = append(all, s)
	}
	return all
}

// statusOf makes a status of a message of Recado.
func statusOf(c *simulator.Chat, r simulator.Report, id string, m simulator.Message, taken time.Time) status {
	own := m.Own.(content)
	s := status{ID: id, Status: r.Status, Timestamp: unix(taken.Add(r.After)), Recipient: c.Peer, Opaque: own.opaque}
	switch r.Status {
	case "failed":
		s.Errors = []statusError{{
			Code: r.Error.Code, Title: r.Error.Text, Message: r.Error.Text,
			Data: map[string]string{"details": r.Error.Details},
			Link: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
		}}
	case "sent":
		s.Conversation = &conversation{Expires: unix(taken.Add(24 * time.Hour))}
		fallthrough
	case "delivered":
		if s.Conversation == nil {
			s.Conversation = &conversation{}
		}
		sum := sha256.Sum256([]byte(c.Account.Name + c.Peer + taken.UTC().Format(time.DateOnly)))
		s.Conversation.ID = hex.EncodeToString(sum[:16])
		s.Pricing = priceOf(c, own, taken)
		s.Conversation.Origin = map[string]string{"type": s.Pricing.Category}
	}
	return s
}

// everythingCosts is when Meta began to charge what is sent within the 24 hours, too.
var everythingCosts = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// priceOf is what Meta charges. Until October 2026 that were only templates to a
// peer who had not written for a day.
func priceOf(c *simulator.Chat, m content, now time.Time) *pricing {
	p := &pricing{Model: "PMP", Category: "utility", Type: "regular"}
	if !m.template {
		p.Category = "service"
	}
	if now.Before(everythingCosts) {
		open := now.Sub(c.WroteAt) < 24*time.Hour
		charged := m.template && !open
		if p.Billable = &charged; !charged {
			p.Type = "free_customer_service"
		}
	}
	if c.Group != nil {
		p.Category = "group_" + p.Category
	}
	return p
}
