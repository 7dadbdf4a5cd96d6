package wahaplay

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
)

// An event is a webhook of WAHA.
type event struct {
	ID          string            `json:"id"`
	Timestamp   int64             `json:"timestamp"` // milliseconds
	Event       string            `json:"event"`
	Session     string            `json:"session"`
	Metadata    map[string]string `json:"metadata"`
	Me          me                `json:"me"`
	Payload     any               `json:"payload"`
	Engine      string            `json:"engine"`
	Environment environment       `json:"environment"`
}

type me struct {
	ID       string `json:"id"`
	PushName string `json:"pushName"`
	Lid      string `json:"lid"`
}

type environment struct {
	Version  string `json:"version"`
	Engine   string `json:"engine"`
	Tier     string `json:"tier"`
	Platform string `json:"platform"`
}

// A message is WAHA's WAMessage.
type message struct {
	ID          string   `json:"id"`
	Timestamp   float64  `json:"timestamp"` // seconds
	From        string   `json:"from"`
	FromMe      bool     `json:"fromMe"`
	Source      string   `json:"source"`
	To          string   `json:"to"`
	Participant *string  `json:"participant"`
	Body        string   `json:"body"`
	HasMedia    bool     `json:"hasMedia"`
	Media       *media   `json:"media"`
	Ack         int      `json:"ack"`
	AckName     string   `json:"ackName"`
	VCards      []string `json:"vCards"`
	ReplyTo     *replyTo `json:"replyTo"`
	Data        any      `json:"_data,omitempty"`

	bare, chat string
	acks       []reached // of the company's
}

// reached is when a message has an ack.
type reached struct {
	at  time.Time
	ack int
}

// asOf is the message as WAHA has it at the moment.
func (m message) asOf(now time.Time) message {
	for _, r := range m.acks {
		if !r.at.After(now) && (r.ack > m.Ack || r.ack < 0) {
			m.Ack, m.AckName = r.ack, ackNames[r.ack]
		}
	}
	return m
}

type replyTo struct {
	ID       string `json:"id"`
	Body     string `json:"body"`
	HasMedia bool   `json:"hasMedia"`
}

// An ack tells how far a message came.
type ack struct {
	ID          string  `json:"id"`
	From        string  `json:"from"`
	To          string  `json:"to"`
	Participant *string `json:"participant"`
	FromMe      bool    `json:"fromMe"`
	Ack         int     `json:"ack"`
	AckName     string  `json:"ackName"`
}

var ackNames = map[int]string{-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}

// sessionStatus is the payload of session.status.
type sessionStatus struct {
	Name     string  `json:"name"`
	Status   string  `json:"status"`
	Statuses []point `json:"statuses"`
}

type point struct {
	Status    string `json:"status"`
	Timestamp int64  `json:"timestamp"` // milliseconds
}

// webhook signs an event. WAHA sends its webhooks in parallel, so that they have no order.
func webhook(a *simulator.Account, name string, payload any, at time.Time) *simulator.Webhook {
	s := sessionOf(a)
	s.mu.Lock()
	s.events++
	n := s.events
	s.mu.Unlock()
	body := simulator.Encode(event{
		ID: fmt.Sprintf("evt_%010x%016d", at.UnixMilli(), n), Timestamp: at.UnixMilli(), Event: name, Session: s.name,
		Metadata: map[string]string{"connection.id": a.Name}, Payload: payload, Engine: s.engine,
		Me: me{ID: chatOf(s.phone), PushName: a.Name, Lid: lidOf(s.phone)}, Environment: environmentOf(s),
	})
	mac := hmac.New(sha512.New, []byte(a.Secret))
	mac.Write(body)
	return &simulator.Webhook{Body: body, Header: http.Header{
		"X-Webhook-Hmac": {hex.EncodeToString(mac.Sum(nil))}, "X-Webhook-Hmac-Algorithm": {"sha512"},
		"X-Webhook-Timestamp": {strconv.FormatInt(at.UnixMilli(), 10)},
	}}
}

func environmentOf(s *session) environment {
	return environment{Version: "2026.7.1", Engine: s.engine, Tier: "CORE", Platform: "linux/x64"}
}

// newID makes an id as a phone does.
func newID(dice *rand.Rand) string {
	return fmt.Sprintf("3A%08X%010X", dice.Uint32(), dice.Uint64N(1<<40))
}

// named gives a message its name, and says where it is.
func (m *message) named(chat, bare string) {
	m.bare, m.chat = bare, chat
	m.ID = fmt.Sprintf("%t_%s_%s", m.FromMe, chat, bare)
	if m.Participant != nil && strings.HasSuffix(chat, "@g.us") {
		m.ID += "_" + *m.Participant
	}
}

func seconds(t time.Time) float64 { return float64(t.Unix()) }
