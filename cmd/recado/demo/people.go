package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"recado/adapters/messenger/simulator"
)

// people are the employees of the sample companies and the robots of their CRMs.
type people struct {
	recado     string // the public address
	internal   string
	show       *screen
	messengers *simulator.Simulator
}

var httpClient = &http.Client{Timeout: 10 * time.Second}

// call calls the API with an employee's key and decodes the answer into out.
func (p *people) call(ctx context.Context, key, method, path string, in, out any) (int, error) {
	body := io.Reader(http.NoBody)
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	return p.callWith(ctx, key, method, path, "application/json", body, out)
}

// callWith calls the API with a body of any type.
func (p *people) callWith(ctx context.Context, key, method, path, mime string, body io.Reader, out any) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, p.recado+path, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer demo-key-of-"+key)
	request.Header.Set("Content-Type", mime)
	answer, err := httpClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	return answer.StatusCode, json.NewDecoder(answer.Body).Decode(out)
}

// ready waits until the program answers at both of its addresses: it listens at one
// after the other.
func (p *people) ready(ctx context.Context) error {
	for _, url := range []string{p.internal + "/readyz", p.recado + "/v1/chats"} {
		for !answers(ctx, url) {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// answers reports whether there is an answer, whatever it says.
func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	answer, err := httpClient.Do(request)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil
}

// earlierRuns says how many chats earlier runs left.
func (p *people) earlierRuns(ctx context.Context) string {
	chats := 0
	for _, key := range []string{"ana-clinica", "eva-tienda", "rosa-panaderia"} {
		var page struct{ Data []struct{} }
		if _, err := p.call(ctx, key, http.MethodGet, "/v1/chats?limit=200", nil, &page); err == nil {
			chats += len(page.Data)
		}
	}
	if chats == 0 {
		return "It starts with no chats."
	}
	return fmt.Sprintf("It continues with the %d chats of earlier runs.", chats)
}

// reply is the CRM's robot, which replies to two of three clients.
func (p *people) reply(company string, e event) {
	if e.Chat.Seq%3 == 0 {
		return // left to an employee
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if pause(ctx, 1500*time.Millisecond) != nil {
		return
	}
	p.send(ctx, "CRM", "crm-"+company, e.Connection.ID, e.Chat.Peer, "Gracias, enseguida le atendemos.")
}

// send sends a text as an employee, and shows a refusal.
func (p *people) send(ctx context.Context, who, key, connection, peer, text string) {
	p.show.line(who, "→ %s: %s", peer, text)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages",
		map[string]string{"connection_id": connection, "peer_id": peer, "type": "text", "text": text}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// template sends a template as an employee: all that WABA allows outside the
// 24 hours after a client wrote.
func (p *people) template(ctx context.Context, who, key, connection, peer, name string) {
	p.show.line(who, "→ %s: (template %s)", peer, name)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": connection, "peer_id": peer, "type": "template", "template": map[string]string{"name": name, "language": "es"},
	}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// balance shows how many paid WABA dialogs are left.
func (p *people) balance(ctx context.Context, who, key string) {
	var page struct {
		Data []struct {
			ID      string
			Balance struct{ Available, Reserved, Committed int64 } `json:"waba_balance"`
		}
	}
	if _, err := p.call(ctx, key, http.MethodGet, "/v1/subscriptions", nil, &page); err != nil {
		return
	}
	for _, s := range page.Data {
		if b := s.Balance; b.Available+b.Reserved+b.Committed > 0 {
			p.show.line(who, "%s: %d paid dialogs left, %d reserved until Meta's price is known, %d charged", s.ID, b.Available, b.Reserved, b.Committed)
		}
	}
}

// voice tries to send a voice message.
func (p *people) voice(ctx context.Context, who, key, connection, peer string) {
	p.show.line(who, "→ %s: (voice)", peer)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages",
		map[string]string{"connection_id": connection, "peer_id": peer, "type": "voice"}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// refused shows why a call failed, if it did.
func (p *people) refused(ctx context.Context, who string, status int, code, detail string, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		p.show.line(who, "  no answer: %v", err)
	case status >= 400:
		p.show.line(who, "  refused with %d %s: %s", status, code, detail)
	}
}

// chat returns the id of the chat with a peer. It waits for a chat that a webhook is
// about to open, and returns nothing if none opens within 20 s.
func (p *people) chat(ctx context.Context, key, peer string) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		id := p.openChat(ctx, key, peer)
		if id != "" || pause(ctx, 100*time.Millisecond) != nil {
			return id
		}
	}
}

// openChat returns the id of the chat that there is with a peer, or nothing.
func (p *people) openChat(ctx context.Context, key, peer string) string {
	var page struct {
		Data []struct {
			ID   string `json:"id"`
			Peer string `json:"peer_id"`
		}
	}
	if _, err := p.call(ctx, key, http.MethodGet, "/v1/chats?limit=200", nil, &page); err != nil {
		return ""
	}
	for _, c := range page.Data {
		if c.Peer == peer {
			return c.ID
		}
	}
	return ""
}

// settled waits until the newest message to a peer was sent or failed.
func (p *people) settled(ctx context.Context, key, peer string) {
	chat := p.chat(ctx, key, peer)
	for status := "queued"; status == "queued" && pause(ctx, 50*time.Millisecond) == nil; {
		var page struct{ Data []struct{ Status string } }
		if _, err := p.call(ctx, key, http.MethodGet, "/v1/chats/"+chat+"/messages?limit=1", nil, &page); err == nil && len(page.Data) > 0 {
			status = page.Data[0].Status
		}
	}
}

// command blocks or unblocks a chat.
func (p *people) command(ctx context.Context, who, key, peer, command string) {
	chat := p.chat(ctx, key, peer)
	if chat == "" {
		return
	}
	p.show.line(who, "%ss the chat with %s", command, peer)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/chats/"+chat+"/"+command, nil, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// writes makes a client write now.
func (p *people) writes(client, account, text string) {
	if _, err := p.messengers.Client(client).WritesTo(account, text); err != nil {
		p.show.line("Demo", "%v", err)
	}
}

// dropped shows how many messages the blacklist dropped so far. The count is all
// that is stored of them.
func (p *people) dropped(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.internal+"/metrics", http.NoBody)
	if err != nil {
		return
	}
	answer, err := httpClient.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	const metric = `recado_updates_total{kind="waba",outcome="dropped"} `
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if count, ok := strings.CutPrefix(lines.Text(), metric); ok {
			p.show.line("Recado", "messages of blocked peers dropped so far: %s. The messenger got its 200, the CRM no callback; nothing was stored", count)
		}
	}
}

// pause waits for d, or until the context ends, which is an error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
