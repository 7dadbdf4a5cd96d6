package wabaplay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"recado/adapters/messenger/simulator"
)

// A value is the content of a webhook of Meta.
type value struct {
	Product  string    `json:"messaging_product"`
	Metadata number    `json:"metadata"`
	Contacts []contact `json:"contacts,omitempty"`
	Messages []inbound `json:"messages,omitempty"`
	Statuses []status  `json:"statuses,omitempty"`
}

type number struct {
	Display string `json:"display_phone_number"`
	ID      string `json:"phone_number_id"`
}

type contact struct {
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`
	WaID string `json:"wa_id"`
}

type inbound struct {
	Context   *quote `json:"context,omitempty"`
	From      string `json:"from"`
	ID        string `json:"id"`
	Timestamp string `json:"timestamp"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Type string `json:"type"`
}

type quote struct {
	From string `json:"from"`
	ID   string `json:"id"`
}

type status struct {
	ID           string        `json:"id"`
	Status       string        `json:"status"`
	Timestamp    string        `json:"timestamp"`
	Recipient    string        `json:"recipient_id"`
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
	Billable bool   `json:"billable"`
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

// Write makes the webhook of a text.
func (Player) Write(c *simulator.Chat, by simulator.Person, text string, dice *rand.Rand, now time.Time) (string, *simulator.Webhook) {
	m := inbound{From: by.ID, ID: wamid(by.ID, true, dice), Timestamp: unix(now), Type: "text"}
	m.Text.Body = text
	if c.Last.ID != "" && dice.IntN(4) == 0 {
		m.Context = &quote{From: phoneOf(c.Account), ID: c.Last.ID}
	}
	sender := contact{WaID: by.ID}
	sender.Profile.Name = by.Name()
	return m.ID, webhook(c.Account, value{Contacts: []contact{sender}, Messages: []inbound{m}})
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
		together = append(together, statusOf(c, r, id, m, now))
		if i+1 < len(reports) && reports[i+1].After == reports[i].After {
			continue
		}
		plans = append(plans, simulator.Planned{At: now.Add(r.After), Webhook: webhook(c.Account, value{Statuses: together})})
		together = nil
	}
	return id, plans
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

// priceOf is what Meta charges: for templates to a peer who has not written for a day.
func priceOf(c *simulator.Chat, m content, now time.Time) *pricing {
	switch {
	case !m.template:
		return &pricing{Model: "PMP", Category: "service", Type: "free_customer_service"}
	case now.Sub(c.WroteAt) < 24*time.Hour:
		return &pricing{Model: "PMP", Category: "utility", Type: "free_customer_service"}
	}
	return &pricing{Billable: true, Model: "PMP", Category: "utility", Type: "regular"}
}

// wamid makes the id of a message as WhatsApp does: it holds the peer's phone
// number and 20 or, of the company's messages, 18 hexadecimal digits.
func wamid(phone string, byPeer bool, dice *rand.Rand) string {
	digits := fmt.Sprintf("%016X%04X", dice.Uint64(), dice.Uint32N(1<<16))
	kind := byte(0x12)
	if !byPeer {
		digits, kind = digits[:18], 0x11
	}
	raw := append([]byte{0x1c, 0x18, byte(len(phone))}, phone...)
	raw = append(raw, 0x15, 0x02, 0x00, kind, 0x18, byte(len(digits)))
	raw = append(append(raw, digits...), 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// webhook makes a webhook and signs it as it travels.
func webhook(a *simulator.Account, v value) *simulator.Webhook {
	v.Product, v.Metadata = "whatsapp", number{Display: phoneOf(a), ID: a.Name}
	body := ascii(simulator.Encode(map[string]any{
		"object": "whatsapp_business_account",
		"entry": []any{map[string]any{
			"id":      "1" + phoneOf(a),
			"changes": []any{map[string]any{"field": "messages", "value": v}},
		}},
	}))
	return &simulator.Webhook{Body: body, Header: http.Header{
		"User-Agent":          {"facebookexternalua"},
		"X-Hub-Signature-256": {"sha256=" + sign(string(a.Secret), body)},
	}}
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// ascii escapes every character beyond ASCII, in lower case, as Meta does. What
// is beyond 16 bits becomes two escapes.
func ascii(body []byte) []byte {
	var out []byte
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		body = body[size:]
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
