package wahaplay

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"recado/adapters/messenger/simulator"
)

// content is what the player needs of a message beside its text.
type content struct {
	id      string // Recado's own
	replyTo string
	media   *media // or nil
}

// Accept answers with the message that WAHA makes of Recado's, tells of it in an echo
// that may overtake the answer, and plans its acks.
func (Player) Accept(c *simulator.Chat, m simulator.Message, p simulator.Play, dice *rand.Rand, now time.Time) (any, []simulator.Planned) {
	s := sessionOf(c.Account)
	own := m.Own.(content)
	if own.id == "" {
		own.id = newID(dice)
	}
	chat := chatOf(c.Peer)
	made := message{
		Timestamp: seconds(now), From: chatOf(s.phone), FromMe: true, Source: "api", To: chat, Body: m.Text,
		Ack: 0, AckName: ackNames[0], VCards: []string{},
	}
	made.named(chat, own.id)
	if own.media != nil {
		made.HasMedia, made.Media = true, own.media
		made.Data = map[string]any{"Message": own.media.raw()}
	}
	reports := p.Reports
	if reports == nil {
		reports = usual
	}
	plans := tell(nil, c.Account, "message.any", made, now)
	pace := 0.75 + dice.Float64()/2
	for _, r := range reports {
		at := now.Add(time.Duration(pace * float64(r.After)))
		n, _ := strconv.Atoi(r.Status) // as in plays
		made.acks = append(made.acks, reached{at, n})
		for _, a := range acksOf(c, n, made) {
			name := "message.ack"
			if c.Group != nil {
				name = "message.ack.group"
			}
			plans = tell(plans, c.Account, name, a, at)
		}
	}
	s.keep(made)
	c.Last = simulator.Spoken{ID: own.id, Text: m.Text}
	if p.Restricts {
		plans = append(plans, fall(c.Account, now)...)
	}
	return made, plans
}

// tell plans the webhook of an event, unless the session is deaf at the moment.
func tell(plans []simulator.Planned, a *simulator.Account, event string, payload any, at time.Time) []simulator.Planned {
	if sessionOf(a).isDeaf(at) {
		return plans
	}
	return append(plans, simulator.Planned{At: at, Webhook: webhook(a, event, payload, at)})
}

// acksOf makes the acks of a message of Recado: one, or one for each member of a
// group. Of a person with a hidden number they are about that number.
func acksOf(c *simulator.Chat, n int, m message) []ack {
	one := ack{ID: m.ID, From: m.To, To: m.From, FromMe: true, Ack: n, AckName: ackNames[n]}
	switch {
	case c.Group != nil && n >= 2:
		var all []ack
		for _, member := range c.People {
			who := chatOf(member.ID)
			a := one
			a.ID, a.Participant = m.ID+"_"+who, &who
			all = append(all, a)
		}
		return all
	case hides(c.Peer):
		one.From = lidOf(c.Peer)
		one.ID = fmt.Sprintf("true_%s_%s", one.From, m.bare)
	}
	return []ack{one}
}

// A session falls soon after a message for which its peer reports it.
const (
	fallsAfter = 4 * time.Second
	risesAfter = 14 * time.Second
)

// fall plans the webhooks of a session that asks for its QR code, and works again.
func fall(a *simulator.Account, now time.Time) []simulator.Planned {
	begins, ends := now.Add(fallsAfter), now.Add(risesAfter)
	s := sessionOf(a)
	time.AfterFunc(fallsAfter, func() { s.fall(ends) })
	report := func(status string, at time.Time) simulator.Planned {
		payload := sessionStatus{Name: s.name, Status: status, Statuses: []point{{status, at.UnixMilli()}}}
		return simulator.Planned{At: at, Webhook: webhook(a, "session.status", payload, at)}
	}
	return []simulator.Planned{report("SCAN_QR_CODE", begins), report("SCAN_QR_CODE", begins), report("WORKING", ends)}
}
