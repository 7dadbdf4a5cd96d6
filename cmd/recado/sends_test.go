package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An employee answers a client with a document, reacts to what the client wrote, and
// edits and deletes what the company wrote, where the messenger has it.
func TestAnEmployeeSendsADocumentAndChangesWhatWasSaid(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, on)
			t.Run("WhatsApp", func(t *testing.T) { i.overWABA(t) })
			t.Run("Telegram", func(t *testing.T) { i.overBot(t) })
		})
	}
}

const invoice = "%PDF-1.4\n% the invoice of the client\n"

func (i *installation) overWABA(t *testing.T) {
	i.step(step{WABA: textBody("106540352242922", "34600110022", "hola")})
	chat, question := i.conversation(t, "34600110022")
	i.messenger.answer(200, []byte(`{"messages":[{"id":"wamid.document"}]}`))
	document := i.sendInvoice(t, chat)
	bodies := i.messenger.sentBodies()
	if got := fmt.Sprint(bodies[len(bodies)-1]["document"]); got != "map[caption:Su factura filename:factura.pdf id:4711]" {
		t.Errorf("Meta got the document %s", got)
	}

	i.sendsByAddress(t, chat)
	i.messenger.answer(200, []byte(`{"messages":[{"id":"wamid.reaction"}]}`))
	i.accepted(t, http.MethodPost, "/v1/messages/"+question+"/reaction", map[string]any{"emoji": "👍"})
	i.becomes(t, question, func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["reactions"]), "👍") })
	i.hears(t, "message.reaction", question)

	var refusal struct{ Code, Detail string }
	status, err := i.call(anaKey, http.MethodPatch, "/v1/messages/"+document, map[string]any{"text": "Otra"}, &refusal)
	if err != nil || status != 422 || refusal.Code != "unsupported_type" || !strings.Contains(refusal.Detail, "telegram_bot") {
		t.Errorf("an edit = %d %+v, %v", status, refusal, err)
	}
}

// sendsByAddress sends a document that lies somewhere else; not one that lies where the
// installation alone can reach it.
func (i *installation) sendsByAddress(t *testing.T, chat string) {
	t.Helper()
	host := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, invoice) })
	i.messenger.answer(200, []byte(`{"messages":[{"id":"wamid.address"}]}`))
	message := i.accepted(t, http.MethodPost, "/v1/messages", map[string]any{
		"chat_id": chat, "type": "file", "media": map[string]any{"url": host + "/2026/factura.pdf"},
	})
	i.becomes(t, message, func(m map[string]any) bool { return m["status"] == "sent" })
	bodies := i.messenger.sentBodies()
	if got := fmt.Sprint(bodies[len(bodies)-1]["document"]); got != "map[filename:factura.pdf id:4711]" {
		t.Errorf("Meta got the document %s", got)
	}
	var refusal struct{ Code, Detail string }
	status, err := i.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
		"chat_id": chat, "type": "file", "media": map[string]any{"url": "http://169.254.169.254/latest/meta-data/"},
	}, &refusal)
	if err != nil || status != 422 || refusal.Code != "media_not_fetched" || !strings.Contains(refusal.Detail, "not allowed") {
		t.Errorf("the metadata of a cloud = %d %+v, %v", status, refusal, err)
	}
}

func (i *installation) overBot(t *testing.T) {
	i.step(step{Bot: []byte(`{"update_id":7001,"message":{"message_id":5,"from":{"id":487120391,"is_bot":false,"first_name":"Marta"},
		"chat":{"id":487120391,"type":"private","first_name":"Marta"},"date":1767348000,"text":"hola"}}`)})
	chat, question := i.conversation(t, "487120391")
	i.messenger.answer(200, []byte(`{"ok":true,"result":{"message_id":6,"date":1767348000,"chat":{"id":487120391,"type":"private"},
		"caption":"Su factura","document":{"file_id":"BQAD","file_unique_id":"x"}}}`))
	document := i.sendInvoice(t, chat)

	i.accepted(t, http.MethodPost, "/v1/messages/"+question+"/reaction", map[string]any{"emoji": "👍"})
	i.becomes(t, question, func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["reactions"]), "👍") })
	i.accepted(t, http.MethodPatch, "/v1/messages/"+document, map[string]any{"text": "Su factura, corregida"})
	i.becomes(t, document, func(m map[string]any) bool { return m["text"] == "Su factura, corregida" && m["edited_at"] != nil })
	i.accepted(t, http.MethodDelete, "/v1/messages/"+document, nil)
	i.becomes(t, document, func(m map[string]any) bool { return m["deleted_at"] != nil })
	i.hears(t, "message.edited", document)
	i.hears(t, "message.deleted", document)
	if list := pages[map[string]any](i.world, anaKey, "/v1/chats/"+chat+"/messages?limit=200"); len(list) != 2 {
		t.Errorf("the chat lists %v, want the question and the document", list)
	}
}

// conversation finds the chat of a peer and its last message.
func (i *installation) conversation(t *testing.T, peer string) (chat, message string) {
	t.Helper()
	for _, c := range pages[map[string]any](i.world, anaKey, "/v1/chats?limit=200") {
		if c["peer_id"] == peer {
			chat, _ = c["id"].(string)
			last, _ := c["last_message"].(map[string]any)
			message, _ = last["id"].(string)
			return chat, message
		}
	}
	t.Fatalf("there is no chat with %s", peer)
	return "", ""
}

// sendInvoice uploads the document, sends it and waits until the messenger took it.
func (i *installation) sendInvoice(t *testing.T, chat string) (message string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, "http://"+i.public+"/v1/media?name=factura.pdf", strings.NewReader(invoice))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	request.Header.Set("Content-Type", "application/pdf")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var uploaded struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&uploaded); err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("the upload is answered %d, %v", answer.StatusCode, err)
	}
	message = i.accepted(t, http.MethodPost, "/v1/messages", map[string]any{
		"chat_id": chat, "type": "file", "text": "Su factura", "media": map[string]any{"id": uploaded.ID},
	})
	i.becomes(t, message, func(m map[string]any) bool { return m["status"] == "sent" })
	return message
}

// accepted makes a call that is answered 202 with a message.
func (i *installation) accepted(t *testing.T, method, path string, body any) (id string) {
	t.Helper()
	var message map[string]any
	status, err := i.call(anaKey, method, path, body, &message)
	if err != nil || status != http.StatusAccepted {
		t.Fatalf("%s %s = %d %v, %v", method, path, status, message, err)
	}
	id, _ = message["id"].(string)
	return id
}

// becomes waits until a message is so.
func (i *installation) becomes(t *testing.T, id string, so func(map[string]any) bool) {
	t.Helper()
	var last map[string]any
	defer func() {
		if t.Failed() {
			t.Logf("the message is %v", last)
		}
	}()
	eventually(t, "the message changes", 20*time.Second, func() bool {
		last = i.view(http.MethodGet, "/v1/messages/"+id, nil)
		return so(last)
	})
}

// hears waits until the CRM hears an event of a message.
func (i *installation) hears(t *testing.T, event, message string) {
	t.Helper()
	eventually(t, "the CRM hears "+event, 20*time.Second, func() bool { return i.crm.heardOf(event, message) })
}

// heardOf reports whether an event of the message was told.
func (r *recorder) heardOf(event, message string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, body := range r.bodies {
		if strings.Contains(body, `"type":"`+event+`"`) && strings.Contains(body, `"message_id":"`+message+`"`) {
			return true
		}
	}
	return false
}
