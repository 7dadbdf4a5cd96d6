package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
)

// What a client sends an employee downloads, equal to the byte: a photo and a voice
// message, over each kind of connection.
func TestAnEmployeeDownloadsWhatAClientSent(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, messengers := newClientsWorld(t, on)
			for client, account := range map[string]string{"Lucía": "106540352242922", "Marta": "bot-1", "Kim": "tg-1", "Iker": "wa-1"} {
				for _, file := range []*simulator.File{simulator.Photo, simulator.Voice} {
					if _, err := messengers.Client(client).Sends(account, file, ""); err != nil {
						t.Fatal(err)
					}
				}
			}
			eventually(t, "the eight files can be downloaded", time.Minute, func() bool {
				return w.stored(simulator.Photo) == 4 && w.stored(simulator.Voice) == 4
			})
		})
	}
}

// stored counts the messages of acme whose file can be downloaded and is this one.
func (w *world) stored(file *simulator.File) (count int) {
	for _, chat := range pages[map[string]any](w, anaKey, "/v1/chats?limit=200") {
		for _, m := range pages[map[string]any](w, anaKey, fmt.Sprint("/v1/chats/", chat["id"], "/messages?limit=200")) {
			media, _ := m["media"].(map[string]any)
			if media["state"] == "kept" && w.download(fmt.Sprint(media["id"])) == sha256.Sum256(file.Data) {
				count++
			}
		}
	}
	return count
}

// newClientsWorld starts a Recado with a connection of each kind, and the simulator that
// plays their messengers.
func newClientsWorld(t *testing.T, on string) (*world, *simulator.Simulator) {
	t.Helper()
	w, address := newWorld(t, on), freeAddress(t)
	file := fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %q, verify_token: %q}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-phones, kind: whatsapp_business, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-people, kind: telegram_personal, tariff: estandar, paid_until: 2099-01-01}
    connections:
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token-of-acme, base_url: "http://%s/meta/v23.0"}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqT", secret_token: secret-of_acme, base_url: "http://%s/telegram"}
      - {id: wa-1, kind: whatsapp_business, session: default, api_key: a-key-of-acme, hmac_key: a-key-of-acme, base_url: "http://%s/waha"}
      - {id: tg-1, kind: telegram_personal, token: a-token_of_acme-1, secret_token: secret-of_acme, base_url: "http://%s/gateway"}
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
`, appSecret, verifyToken, address, address, address, address, anaKey)
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", written(t, file)}} {
		if text, err := w.run(args...); err != nil {
			t.Fatalf("recado %s: %v: %s", args[0], err, text)
		}
	}
	registry, err := declaration.Read("acme.yaml", []byte(file), environ(nil), connectors(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	config, err := (&simulateCmd{Recado: "http://" + w.public, Seed: 7, Steady: true}).config(registry)
	if err != nil {
		t.Fatal(err)
	}
	messengers := simulator.New(config)
	serveSimulator(t, address, messengers)
	w.start()
	return w, messengers
}

// serveSimulator runs a simulator at the address until the test ends.
func serveSimulator(t *testing.T, address string, s *simulator.Simulator) {
	t.Helper()
	l, err := listen(address, s.Handler(), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; l.close(slog.New(slog.DiscardHandler), time.Second) })
}
