package wahaplay

import (
	"math/rand/v2"
	"time"

	"recado/adapters/messenger/simulator"
)

// Write makes the webhook of what a person writes. WhatsApp shows some people under
// a hidden number now and then; WAHA mostly says which phone number it is.
func (Player) Write(
	c *simulator.Chat, by simulator.Person, text string, p simulator.Play, dice *rand.Rand, now time.Time,
) (id string, hooks []*simulator.Webhook) {
	s := sessionOf(c.Account)
	m := message{
		Timestamp: seconds(now), Source: "app", To: chatOf(s.phone), Body: text, Ack: 1, AckName: ackNames[1], VCards: []string{},
	}
	who, other := chatOf(by.ID), ""
	if hides(by.ID) || dice.IntN(3) == 0 {
		who = lidOf(by.ID)
		if s.see(who, now) || !hides(by.ID) {
			other = by.ID + "@s.whatsapp.net"
		}
	}
	chat := who
	m.From = who
	if c.Group != nil {
		chat, m.From, m.Participant = c.Group.ID, c.Group.ID, &who
	}
	if c.Last.ID != "" && dice.IntN(4) == 0 {
		m.ReplyTo = &replyTo{ID: c.Last.ID, Body: c.Last.Text}
	}
	bare := newID(dice)
	m.named(chat, bare)
	if c.Sends != nil {
		m.attach(c.Sends)
		s.download(m)
	}
	m.Data = dataOf(s, m, who, other, by)
	s.keep(m)
	if p.Deafens {
		s.deafen(now)
	}
	if s.isDeaf(now) {
		return bare, nil
	}
	return bare, []*simulator.Webhook{webhook(c.Account, "message.any", m, now)}
}

// dataOf is what the engine itself says of a message.
func dataOf(s *session, m message, who, other string, by simulator.Person) any {
	body, sort, mediaType := map[string]any{"conversation": m.Body}, "text", ""
	if m.Media != nil {
		body, sort = m.Media.raw(), "media"
		mediaType = map[string]string{"imageMessage": "image", "audioMessage": "ptt"}[m.Media.kind]
	}
	if s.engine == "GOWS" {
		return map[string]any{
			"Info": map[string]any{
				"Chat": m.chat, "Sender": who, "SenderAlt": other, "RecipientAlt": "", "IsFromMe": m.FromMe, "IsGroup": m.Participant != nil,
				"ID": m.bare, "PushName": by.Name(), "Type": sort, "MediaType": mediaType,
			},
			"Message": body,
		}
	}
	key := map[string]any{"remoteJid": m.chat, "fromMe": m.FromMe, "id": m.bare}
	if other != "" {
		field := "senderPn"
		if m.Participant != nil {
			field = "participantPn"
		}
		key[field] = other
	}
	return map[string]any{"key": key, "messageTimestamp": m.Timestamp, "pushName": by.Name(), "message": body}
}
