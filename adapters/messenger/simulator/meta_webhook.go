package simulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// A metaValue is what a webhook of Meta tells.
type metaValue struct {
	Product  string        `json:"messaging_product"`
	Metadata metaNumber    `json:"metadata"`
	Contacts []metaContact `json:"contacts,omitempty"`
	Messages []metaMessage `json:"messages,omitempty"`
	Statuses []metaStatus  `json:"statuses,omitempty"`
}

type metaNumber struct {
	Display string `json:"display_phone_number"`
	ID      string `json:"phone_number_id"`
}

type metaContact struct {
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`
	WaID string `json:"wa_id"`
}

type metaMessage struct {
	Context   *metaContext `json:"context,omitempty"`
	From      string       `json:"from"`
	ID        string       `json:"id"`
	Timestamp string       `json:"timestamp"`
	Text      struct {
		Body string `json:"body"`
	} `json:"text"`
	Type string `json:"type"`
}

type metaContext struct {
	From string `json:"from"`
	ID   string `json:"id"`
}

type metaStatus struct {
	ID           string            `json:"id"`
	Status       string            `json:"status"`
	Timestamp    string            `json:"timestamp"`
	Recipient    string            `json:"recipient_id"`
	Opaque       string            `json:"biz_opaque_callback_data,omitempty"`
	Conversation *metaConversation `json:"conversation,omitempty"`
	Pricing      *metaPricing      `json:"pricing,omitempty"`
	Errors       []metaStatusError `json:"errors,omitempty"`
}

type metaConversation struct {
	ID      string            `json:"id"`
	Expires string            `json:"expiration_timestamp,omitempty"`
	Origin  map[string]string `json:"origin"`
}

type metaPricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"pricing_model"`
	Category string `json:"category"`
	Type     string `json:"type"`
}

type metaStatusError struct {
	Code    int               `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Data    map[string]string `json:"error_data"`
	Link    string            `json:"href"`
}

// metaMessage makes the webhook of a text. The caller holds mu.
func (c *chat) metaMessage(by person, text string, dice *rand.Rand, now time.Time) (id string, w *webhook) {
	m := metaMessage{From: by.phone, ID: wamid(by.phone, true, dice), Timestamp: unix(now), Type: "text"}
	m.Text.Body = text
	if c.last.id != "" && dice.IntN(4) == 0 {
		m.Context = &metaContext{From: c.account.phone, ID: c.last.id}
	}
	contact := metaContact{WaID: by.phone}
	contact.Profile.Name = by.name()
	return m.ID, c.account.metaWebhook(metaValue{Contacts: []metaContact{contact}, Messages: []metaMessage{m}})
}

// metaStatus makes a status of a message of Recado.
func (c *chat) metaStatus(r report, id string, m message, taken time.Time) metaStatus {
	at := taken.Add(r.after)
	s := metaStatus{ID: id, Status: r.status, Timestamp: unix(at), Recipient: c.peer, Opaque: m.opaque}
	switch r.status {
	case "failed":
		s.Errors = []metaStatusError{{
			Code: r.error.code, Title: r.error.text, Message: r.error.text,
			Data: map[string]string{"details": r.error.details},
			Link: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
		}}
	case "sent":
		s.Conversation = &metaConversation{Expires: unix(taken.Add(24 * time.Hour))}
		fallthrough
	case "delivered":
		if s.Conversation == nil {
			s.Conversation = &metaConversation{}
		}
		sum := sha256.Sum256([]byte(c.account.name + c.peer + taken.UTC().Format(time.DateOnly)))
		s.Conversation.ID = hex.EncodeToString(sum[:16])
		s.Pricing = c.metaPrice(m, taken)
		s.Conversation.Origin = map[string]string{"type": s.Pricing.Category}
	}
	return s
}

// metaPrice is what Meta charges: for templates to who has not written for a day.
func (c *chat) metaPrice(m message, now time.Time) *metaPricing {
	switch {
	case !m.template:
		return &metaPricing{Model: "PMP", Category: "service", Type: "free_customer_service"}
	case now.Sub(c.wroteAt) < 24*time.Hour:
		return &metaPricing{Model: "PMP", Category: "utility", Type: "free_customer_service"}
	}
	return &metaPricing{Billable: true, Model: "PMP", Category: "utility", Type: "regular"}
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// metaWebhook makes a webhook and signs it as it travels.
func (a *account) metaWebhook(v metaValue) *webhook {
	v.Product, v.Metadata = "whatsapp", metaNumber{Display: a.phone, ID: a.name}
	body := ascii(encode(map[string]any{
		"object": "whatsapp_business_account",
		"entry": []any{map[string]any{
			"id":      "1" + a.phone,
			"changes": []any{map[string]any{"field": "messages", "value": v}},
		}},
	}))
	return &webhook{body: body, header: http.Header{
		"User-Agent":          {"facebookexternalua"},
		"X-Hub-Signature-256": {"sha256=" + sign(string(a.secret), body)},
	}}
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// encode writes JSON, with < > & as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // all that is encoded here is text and numbers
	}
	return bytes.TrimRight(b.Bytes(), "\n")
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
