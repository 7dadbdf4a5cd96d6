package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
	"recado/adapters/porttest"
)

// newClientsWorld starts a Recado with a connection of each kind and a CRM, and the
// simulator that plays their messengers.
func newClientsWorld(t *testing.T, on, crm string) (*world, *simulator.Simulator) {
	t.Helper()
	w, address := newWorld(t, on), porttest.Address(t)
	file := fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %q, verify_token: %q}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 100}
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-phones, kind: whatsapp_business, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-people, kind: telegram_personal, tariff: estandar, paid_until: 2099-01-01}
    connections:
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token-of-acme, base_url: "http://%s/meta/v23.0"}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqT", secret_token: %q, base_url: "http://%s/telegram"}
      - {id: wa-1, kind: whatsapp_business, session: default, api_key: %q, hmac_key: %q, base_url: "http://%s/waha", pace: 20/s}
      - {id: tg-1, kind: telegram_personal, token: %q, secret_token: %q, base_url: "http://%s/gateway", pace: 20/s}
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
    endpoints: [{id: crm, url: %q, secret: %q, events: ["*"]}]
`, appSecret, verifyToken, address, gatewaySecret, address, wahaKey, wahaKey, address, gatewaySecret, gatewaySecret, address, anaKey, crm+"/acme", crmSecret)
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
	l, err := listen("the simulator", address, s.Handler(), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; l.close(slog.New(slog.DiscardHandler), time.Second) })
}
