package main

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/waha/wahaplay"
	"recado/adapters/porttest"
	"recado/domain"
)

const wahaKey = "a-key-of-acme"

// A phoneWorld is a Recado with one account that is also used on a phone, and the
// simulator that plays its gateway.
type phoneWorld struct {
	*world
	kind    domain.Kind
	line    string // the connection
	gateway *simulator.Simulator
}

func newPhoneWorld(t *testing.T, on string, player wahaplay.Player) *phoneWorld {
	t.Helper()
	w := newWorld(t, on)
	address := porttest.Address(t)
	settings := domain.Settings{
		"session": "default", "api_key": wahaKey, "hmac_key": wahaKey, "base_url": domain.Secret("http://" + address + "/waha"), "pace": "20/s",
	}
	file := written(t, fmt.Sprintf(`
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions: [{id: acme-phones, kind: whatsapp_business, tariff: estandar, paid_until: 2099-01-01}]
    connections: [{id: wa-1, kind: whatsapp_business, session: default, api_key: %q, hmac_key: %q, base_url: "http://%s/waha", pace: 20/s}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
`, wahaKey, wahaKey, address, anaKey))
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		if text, err := w.run(args...); err != nil {
			t.Fatalf("recado %s: %v: %s", args[0], err, text)
		}
	}
	p := &phoneWorld{w, domain.WhatsAppBusiness, "wa-1", simulator.New(simulator.Config{
		Seed: 7, Recado: "http://" + w.public, Steady: true, Players: []simulator.Player{player},
		Connections: []simulator.Connection{{
			Connection:  domain.Connection{ID: "wa-1", Kind: domain.WhatsAppBusiness, Hook: "wa-1", Account: "default", Settings: settings},
			HookSecrets: settings,
		}},
	})}
	serveSimulator(t, address, p.gateway)
	w.start()
	return p
}

// tells posts an event of WAHA.
func (w *phoneWorld) tells(event, payload string) {
	w.t.Helper()
	body := fmt.Appendf(nil, `{"event":%q,"timestamp":%d,"session":"default","payload":%s}`, event, time.Now().UnixMilli(), payload)
	mac := hmac.New(sha512.New, []byte(wahaKey))
	mac.Write(body)
	if status := w.postWith("/webhooks/whatsapp_business/wa-1", "X-Webhook-Hmac", hex.EncodeToString(mac.Sum(nil)), body); status != http.StatusOK {
		w.t.Fatalf("%s was answered with %d", event, status)
	}
}

type phoneChat struct {
	ID         string
	Peer       string `json:"peer_id"`
	IsGroup    bool   `json:"is_group"`
	Unanswered int64
	MergedInto *string `json:"merged_into"`
	Blocked    *struct{}
}

type phoneMessage struct {
	ID        string
	Direction string
	Origin    string
	Type      string
	Text      string
	Status    *string
	Provider  *string `json:"provider_id"`
	ReplyTo   *string `json:"reply_to"`
	EditedAt  *string `json:"edited_at"`
	DeletedAt *string `json:"deleted_at"`
	Author    *struct{ ID, Name string }
	Reactions []struct{ Emoji string }
	Media     *struct{ ID, State string }
	Failure   *struct {
		Code  string
		Text  string
		Cause struct{ Source, Code, Title string }
	}
}

// chat returns the chat with a peer that goes on; nil: there is none.
func (w *phoneWorld) chat(peer string) *phoneChat {
	var page struct{ Data []phoneChat }
	if _, err := w.call(anaKey, http.MethodGet, "/v1/chats?limit=200&connection="+w.line, nil, &page); err != nil {
		return nil
	}
	for _, c := range page.Data {
		if c.Peer == peer && c.MergedInto == nil {
			return &c
		}
	}
	return nil
}

// sees waits for a message of the chat with the peer.
func (w *phoneWorld) sees(what, peer string, is func(phoneMessage) bool) (found phoneMessage) {
	w.t.Helper()
	eventually(w.t, what, 30*time.Second, func() bool {
		c := w.chat(peer)
		if c == nil {
			return false
		}
		var page struct{ Data []phoneMessage }
		if _, err := w.call(anaKey, http.MethodGet, "/v1/chats/"+c.ID+"/messages?limit=200", nil, &page); err != nil {
			return false
		}
		for _, m := range page.Data {
			if is(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// sends sends a text as an employee.
func (w *phoneWorld) sends(peer, text string) {
	w.t.Helper()
	status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]string{"connection_id": w.line, "peer_id": peer, "type": "text", "text": text}, nil)
	if err != nil || status != http.StatusAccepted {
		w.t.Fatalf("sending to %s: %d, %v", peer, status, err)
	}
}

// becomes waits until a text to the peer has the status.
func (w *phoneWorld) becomes(peer, text, status string) phoneMessage {
	w.t.Helper()
	return w.sees(text+" is "+status, peer, func(m phoneMessage) bool { return m.Text == text && m.Status != nil && *m.Status == status })
}

func TestAWhatsAppAccountByQR(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := newPhoneWorld(t, on, wahaplay.Player{})
			carmen, luz := w.gateway.Client("Carmen"), w.gateway.Client("Luz")
			w.hear(carmen, "¿Tienen hora hoy?")
			w.sees("the client's message", "34622310457", func(m phoneMessage) bool { return m.Text == "¿Tienen hora hoy?" && m.Direction == "inbound" })

			// One person, first by a hidden number, then by the phone: one chat, block included.
			w.hear(luz, "Soy Luz")
			hidden := "9346441200115@lid"
			w.sees("the hidden client's message", hidden, func(m phoneMessage) bool { return m.Text == "Soy Luz" })
			if status, err := w.call(anaKey, http.MethodPost, "/v1/chats/"+w.chat(hidden).ID+"/block", nil, nil); err != nil || status != http.StatusOK {
				t.Errorf("blocking: %d, %v", status, err)
			}
			w.tells("message.any", fmt.Sprintf(`{"id":"false_%s_3AFE05","from":%q,"fromMe":false,"body":"Nadie lo lee","_data":{"Info":{"SenderAlt":"34644120011@s.whatsapp.net"}}}`, hidden, hidden))
			w.tells("message.any", `{"id":"false_34644120011@c.us_3AFE06","from":"34644120011@c.us","fromMe":false,"body":"Tampoco"}`)
			eventually(t, "the block holds under the phone number", 20*time.Second, func() bool {
				status, err := w.call(anaKey, http.MethodPost, "/v1/messages",
					map[string]string{"connection_id": "wa-1", "peer_id": "34644120011", "type": "text", "text": "Hola"}, nil)
				return err == nil && status == http.StatusConflict
			})

			// A file without an answer is found in its chat.
			w.sendsFile("34644120003")

			// What cannot be sent fails with its text; what has no answer is found by its id.
			w.sends("34633000000", "¿Hay alguien?")
			if m := w.becomes("34633000000", "¿Hay alguien?", "failed"); m.Failure.Code != string(domain.AccountNotFound) {
				t.Errorf("to a number without an account: %+v", m.Failure)
			}
			w.sends("34644120003", "Sin respuesta")
			w.becomes("34644120003", "Sin respuesta", "read")
			w.sends("34633000005", "Falla luego")
			w.becomes("34633000005", "Falla luego", "failed")

			// Acks come in any order, and some twice.
			w.sends("34644120004", "En desorden")
			w.becomes("34644120004", "En desorden", "read")

			// Some are taken and never delivered: they stay as far as they came.
			w.sends("34633000006", "Sin acuse")
			w.becomes("34633000006", "Sin acuse", "sent")

			// The account has to be linked anew: what is sent waits, and goes on by itself.
			w.sends("34633000012", "Aviso")
			w.connectionIs("disconnected")
			w.sends("34633000022", "Espera")
			w.connectionIs("ok")
			w.becomes("34633000022", "Espera", "read")

			// The session takes messages and sends none: it is suspended until it works anew.
			for i, peer := range []string{"34633000005", "34633000005", "34633000005", "34633100005", "34633100005"} {
				w.sends(peer, fmt.Sprint("Vuelve ", i))
			}
			w.connectionIs("suspended")
			w.works()
			w.connectionIs("ok")
			w.sends("34633000032", "De nuevo")
			w.becomes("34633000032", "De nuevo", "read")

			// WhatsApp lets the account write to nobody new for a while. Answers go on.
			w.sends("34633000001", "¿Nos conocemos?")
			w.becomes("34633000001", "¿Nos conocemos?", "failed")
			w.sends("34633000042", "¿Y nosotros?")
			why := w.becomes("34633000042", "¿Y nosotros?", "failed").Failure.Cause
			_, until, _ := strings.Cut(why.Title, "until ")
			ends, err := time.Parse(time.RFC3339, until)
			if err != nil || why.Source != "recado" || why.Code != "strangers" {
				t.Errorf("the message to another stranger failed for %+v", why)
			}
			w.sends("34622310457", "Seguimos aquí")
			w.becomes("34622310457", "Seguimos aquí", "read")
			eventually(t, "the time is over", time.Minute, func() bool { return time.Since(ends) > time.Second })
			w.sends("34633000042", "Hola de nuevo")
			w.becomes("34633000042", "Hola de nuevo", "read")
		})
	}
}

// hear lets a client write to the account.
func (w *phoneWorld) hear(c simulator.Client, text string) {
	w.t.Helper()
	if _, err := c.WritesTo(w.line, text); err != nil {
		w.t.Fatal(err)
	}
}

// connectionIs waits until the connection has the status.
func (w *phoneWorld) connectionIs(want string) {
	w.t.Helper()
	eventually(w.t, "the connection is "+want, 30*time.Second, func() bool {
		var page struct{ Data []struct{ Status string } }
		_, err := w.call(anaKey, http.MethodGet, "/v1/connections", nil, &page)
		return err == nil && len(page.Data) == 1 && page.Data[0].Status == want
	})
}

// works posts that the session works, now.
func (w *phoneWorld) works() {
	w.t.Helper()
	w.tells("session.status", fmt.Sprintf(`{"name":"default","status":"WORKING","statuses":[{"status":"WORKING","timestamp":%d}]}`, time.Now().UnixMilli()))
}

// texts lists what the peer wrote.
func (w *phoneWorld) texts(peer string) (texts []string) {
	w.t.Helper()
	for _, m := range w.messages(peer) {
		if m.Direction == "inbound" {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// reads reports whether the peer read the text.
func (w *phoneWorld) reads(peer, text string) bool {
	w.t.Helper()
	return slices.ContainsFunc(w.messages(peer), func(m phoneMessage) bool {
		return m.Text == text && m.Status != nil && *m.Status == "read"
	})
}

// messages lists those of the chat with the peer.
func (w *phoneWorld) messages(peer string) []phoneMessage {
	w.t.Helper()
	c := w.chat(peer)
	if c == nil {
		return nil
	}
	var page struct{ Data []phoneMessage }
	if _, err := w.call(anaKey, http.MethodGet, "/v1/chats/"+c.ID+"/messages?limit=200", nil, &page); err != nil {
		w.t.Fatal(err)
	}
	return page.Data
}
