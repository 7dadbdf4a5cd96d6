package wabaplay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
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

// webhook makes the webhook of messages and statuses.
func webhook(a *simulator.Account, v value) *simulator.Webhook {
	v.Product, v.Metadata = "whatsapp", number{Display: phoneOf(a), ID: a.Name}
	return signed(a, entry{Changes: []change{{"messages", v}}})
}

// An entry concerns one WhatsApp Business Account, here of one number.
type entry struct {
	ID      string   `json:"id"`
	Time    int64    `json:"time,omitempty"` // Meta leaves it out beside messages
	Changes []change `json:"changes"`
}

type change struct {
	Field string `json:"field"`
	Value any    `json:"value"`
}

// signed makes the webhook of an entry and signs it as it travels.
func signed(a *simulator.Account, e entry) *simulator.Webhook {
	e.ID = "1" + phoneOf(a)
	body := ascii(simulator.Encode(map[string]any{"object": "whatsapp_business_account", "entry": []entry{e}}))
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
