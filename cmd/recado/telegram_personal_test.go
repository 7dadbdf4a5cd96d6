package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram/telegramplay"
	"recado/adapters/porttest"
	"recado/domain"
)

const gatewaySecret = "a-secret_of_acme-1"

// newPersonalWorld starts a Recado with one personal account of Telegram.
func newPersonalWorld(t *testing.T, on string) *phoneWorld {
	t.Helper()
	w, address := newWorld(t, on), porttest.Address(t)
	settings := domain.Settings{
		"token": gatewaySecret, "secret_token": gatewaySecret, "base_url": domain.Secret("http://" + address + "/gateway"), "pace": "20/s",
	}
	file := written(t, fmt.Sprintf(`
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions: [{id: acme-people, kind: telegram_personal, tariff: estandar, paid_until: 2099-01-01}]
    connections: [{id: tg-1, kind: telegram_personal, token: %q, secret_token: %q, base_url: "http://%s/gateway", pace: 20/s}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
`, gatewaySecret, gatewaySecret, address, anaKey))
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		text, err := w.run(args...)
		if err != nil {
			t.Fatalf("recado %s: %v: %s", args[0], err, text)
		}
		if args[0] == "apply" && !strings.Contains(text, "! connection tg-1 is unofficial") {
			t.Errorf("apply does not say the risk: %s", text)
		}
	}
	p := &phoneWorld{w, domain.TelegramPersonal, "tg-1", simulator.New(simulator.Config{
		Seed: 7, Recado: "http://" + w.public, Steady: true, Players: []simulator.Player{telegramplay.Gateway{}},
		Connections: []simulator.Connection{{
			Connection:  domain.Connection{ID: "tg-1", Kind: domain.TelegramPersonal, Hook: "tg-1", Settings: settings},
			HookSecrets: settings,
		}},
	})}
	serveSimulator(t, address, p.gateway)
	w.start()
	return p
}

// updates posts an update as Telegram does, or a gateway to it.
func (w *phoneWorld) updates(kind, format string, args ...any) {
	w.t.Helper()
	body := fmt.Appendf(nil, `{"update_id":1,%q:%s}`, kind, fmt.Sprintf(format, args...))
	if status := w.postWith(fmt.Sprintf("/webhooks/%s/%s", w.kind, w.line), tokenHeader, gatewaySecret, body); status != http.StatusOK {
		w.t.Fatalf("%s was answered with %d", kind, status)
	}
}

// acts does something with a message as an employee.
func (w *phoneWorld) acts(method, message, action string, body any) {
	w.t.Helper()
	status, err := w.call(anaKey, method, "/v1/messages/"+message+action, body, nil)
	if err != nil || status != http.StatusAccepted {
		w.t.Errorf("%s %s: %d, %v", method, action, status, err)
	}
}

func TestAPersonalTelegramAccount(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := newPersonalWorld(t, on)
			const lucía, chat = "8655120391", `{"id":8655120391,"first_name":"Lucía","type":"private"}`
			now := time.Now().Unix()

			// The owner writes on the phone, and what they wrote is read.
			w.updates("message", `{"message_id":2000000001,"outgoing":true,"from":{"id":7,"is_bot":false,"first_name":"ACME"},"chat":%s,"date":%d,"text":"Le llamo."}`, chat, now)
			w.updates("read_outbox", `{"chat":%s,"max_id":2000000001,"message_ids":[2000000001],"date":%d}`, chat, now)
			w.sees("the echo, read", lucía, func(m phoneMessage) bool {
				return m.Text == "Le llamo." && m.Origin == "phone" && m.Status != nil && *m.Status == "read"
			})

			// A phone number is looked up; the chat goes on under the number of the user.
			w.sends("+34655340517", "Hello, Kim")
			w.sees("the message to a phone number", "+34655340517", func(m phoneMessage) bool { return m.Status != nil && *m.Status == "read" })
			if _, err := w.gateway.Client("Kim").WritesTo("tg-1", "Hi there"); err != nil {
				t.Fatal(err)
			}
			w.sees("the answer in the same chat", "+34655340517", func(m phoneMessage) bool { return m.Text == "Hi there" })

			// What cannot be sent fails with its text; what has no answer is sent once.
			w.sends("+34633000000", "¿Hay alguien?")
			if m := w.becomes("+34633000000", "¿Hay alguien?", "failed"); m.Failure.Code != string(domain.AccountNotFound) {
				t.Errorf("to a number without an account: %+v", m.Failure)
			}
			w.sends("8655120003", "Sin respuesta")
			w.becomes("8655120003", "Sin respuesta", "read")
			w.sends("8655120005", "Falla una vez")
			w.becomes("8655120005", "Falla una vez", "read")
			w.sends("8655120006", "No quiere")
			w.becomes("8655120006", "No quiere", "failed")

			// A login is missing: what is sent waits. Telegram freezes the account: it is
			// suspended until the gateway says that it works.
			w.updates("account", `{"status":"logged_out","date":%d}`, now)
			w.connectionIs("disconnected")
			w.sends("8655120022", "Espera")
			w.updates("account", `{"status":"working","date":%d}`, now+1)
			w.becomes("8655120022", "Espera", "read")
			w.sends("8655120012", "Aviso")
			w.connectionIs("suspended")
			w.connectionIs("ok")
		})
	}
}

// sendsFile sends a document as an employee, and waits until it is read.
func (w *phoneWorld) sendsFile(peer string) {
	w.t.Helper()
	w.sendsMedia(peer, "file", w.upload(anaKey, "instrucciones.txt"), "Lo prometido")
	w.becomes(peer, "Lo prometido", "read")
}

// sendsMedia sends an uploaded file as an employee.
func (w *phoneWorld) sendsMedia(peer, kind, id, caption string) {
	w.t.Helper()
	body := map[string]any{"connection_id": w.line, "peer_id": peer, "type": kind, "media": map[string]string{"id": id}}
	if caption != "" {
		body["text"] = caption
	}
	status, err := w.call(anaKey, http.MethodPost, "/v1/messages", body, nil)
	if err != nil || status != http.StatusAccepted {
		w.t.Fatalf("sending a file: %d, %v", status, err)
	}
}
