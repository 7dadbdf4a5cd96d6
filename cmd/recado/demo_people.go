package main

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

// demoPeople are the employees of the sample companies, and their CRM's robot.
type demoPeople struct {
	recado     string // the public address
	internal   string
	show       *demoScreen
	messengers *simulator.Simulator
}

var demoClient = &http.Client{Timeout: 10 * time.Second}

// call asks the API as somebody and decodes the answer into out.
func (p *demoPeople) call(ctx context.Context, key, method, path string, in, out any) (int, error) {
	body := io.Reader(http.NoBody)
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, p.recado+path, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer demo-key-of-"+key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := demoClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	return answer.StatusCode, json.NewDecoder(answer.Body).Decode(out)
}

// ready waits until the program answers.
func (p *demoPeople) ready(ctx context.Context) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.internal+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		if answer, err := demoClient.Do(request); err == nil {
			return answer.Body.Close()
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// before tells what an earlier run left.
func (p *demoPeople) before(ctx context.Context) string {
	chats := 0
	for _, key := range []string{"ana-clinica", "eva-tienda", "rosa-panaderia"} {
		var page struct{ Data []struct{} }
		if _, err := p.call(ctx, key, http.MethodGet, "/v1/chats?limit=200", nil, &page); err == nil {
			chats += len(page.Data)
		}
	}
	if chats == 0 {
		return "It begins with nothing."
	}
	return fmt.Sprintf("It goes on with the %d chats of the last time.", chats)
}

// answer is the CRM's robot: it answers clients who wait.
func (p *demoPeople) answer(company string, e demoEvent) {
	if e.Chat.Seq%3 == 0 {
		return // an employee may do so
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if pause(ctx, 1500*time.Millisecond) != nil {
		return
	}
	p.send(ctx, "CRM", "crm-"+company, e.Connection.ID, e.Chat.Peer, "Gracias, enseguida le atendemos.")
}

// send sends a text as somebody, and shows what is refused at once.
func (p *demoPeople) send(ctx context.Context, who, key, connection, peer, text string) {
	p.show.line(who, "→ %s: %s", peer, text)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages",
		map[string]string{"connection_id": connection, "peer_id": peer, "type": "text", "text": text}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// template sends a template as somebody: outside the free window WABA takes
// nothing else.
func (p *demoPeople) template(ctx context.Context, who, key, connection, peer, name string) {
	p.show.line(who, "→ %s: (template %s)", peer, name)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": connection, "peer_id": peer, "type": "template", "template": map[string]string{"name": name, "language": "es"},
	}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// balance shows what is left of the paid WABA dialogs.
func (p *demoPeople) balance(ctx context.Context, who, key string) {
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
			p.show.line(who, "%s: %d paid dialogs left, %d wait for Meta's price, %d were charged", s.ID, b.Available, b.Reserved, b.Committed)
		}
	}
}

// voice asks for a voice message.
func (p *demoPeople) voice(ctx context.Context, who, key, connection, peer string) {
	p.show.line(who, "→ %s: (voice)", peer)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/messages",
		map[string]string{"connection_id": connection, "peer_id": peer, "type": "voice"}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

func (p *demoPeople) refused(ctx context.Context, who string, status int, code, detail string, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		p.show.line(who, "  no answer: %v", err)
	case status >= 400:
		p.show.line(who, "  refused with %d %s: %s", status, code, detail)
	}
}

// chat finds the chat of a peer.
func (p *demoPeople) chat(ctx context.Context, key, peer string) string {
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

// command blocks or unblocks a chat.
func (p *demoPeople) command(ctx context.Context, who, key, peer, command string) {
	chat := p.chat(ctx, key, peer)
	if chat == "" {
		return
	}
	p.show.line(who, "%ss the chat with %s", command, peer)
	var answer struct{ Code, Detail string }
	status, err := p.call(ctx, key, http.MethodPost, "/v1/chats/"+chat+"/"+command, nil, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// writes lets a client write now.
func (p *demoPeople) writes(client, account, text string) {
	if _, err := p.messengers.Client(client).WritesTo(account, text); err != nil {
		p.show.line("Demo", "%v", err)
	}
}

// dropped shows how many messages the blacklist dropped so far: nothing else of
// them is kept.
func (p *demoPeople) dropped(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.internal+"/metrics", http.NoBody)
	if err != nil {
		return
	}
	answer, err := demoClient.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	const metric = `recado_updates_total{kind="waba",outcome="dropped"} `
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if count, ok := strings.CutPrefix(lines.Text(), metric); ok {
			p.show.line("Recado", "messages of blocked peers dropped so far: %s. The messenger got its 200, the CRM hears nothing, no text is kept", count)
		}
	}
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
