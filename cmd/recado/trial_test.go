package main

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
	"recado/adapters/porttest"
)

// Who follows deploy/trial.yaml has a CRM that hears of clients and answers them.
func TestTheTrialOfACRMWorks(t *testing.T) {
	text, err := os.ReadFile("../../deploy/trial.yaml")
	if err != nil {
		t.Fatal(err)
	}
	crm, messengers := newCRM(t), porttest.Address(t)
	head, body, _ := strings.Cut(string(text), "\nhooks:")
	file := strings.NewReplacer("127.0.0.1:8090", messengers, "http://127.0.0.1:9000/recado", crm.url+"/acme").Replace("hooks:" + body)
	_, secret, _ := strings.Cut(file, "secret: whsec_")
	secret, _, _ = strings.Cut(secret, ",")
	file = strings.ReplaceAll(file, "whsec_"+secret, crmSecret) // which the CRM of tests has
	w := newWorld(t, "embedded")
	if allowed := "RECADO_CALLBACK_ALLOW_NETWORKS=" + w.env["RECADO_CALLBACK_ALLOW_NETWORKS"]; !strings.Contains(head, allowed) {
		t.Errorf("it does not say %s", allowed)
	}
	if out, err := w.run("apply", "-f", written(t, file)); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	registry, err := declaration.Read("trial.yaml", []byte(file), environ(nil), connectors(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	config, err := (&simulateCmd{Recado: "http://" + w.public, Seed: 7, Steady: true}).config(registry)
	if err != nil {
		t.Fatal(err)
	}
	played := simulator.New(config)
	serveSimulator(t, messengers, played)
	w.start()
	for client, account := range map[string]string{"Lucía": "106540352242922", "Marta": "trial-bot"} {
		if _, err := played.Client(client).WritesTo(account, "Hola"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the CRM hears of both", 20*time.Second, func() bool { return crm.texts()["Hola"] == 2 })
	for _, chat := range pages[struct{ ID string }](w, "trial-key-of-crm", "/v1/chats") {
		message := map[string]any{"chat_id": chat.ID, "type": "text", "text": "¿En qué podemos ayudarle?"}
		if status, err := w.call("trial-key-of-crm", http.MethodPost, "/v1/messages", message, nil); err != nil || status != http.StatusAccepted {
			t.Errorf("the CRM's answer is answered %d, %v", status, err)
		}
	}
}
