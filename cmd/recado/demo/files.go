package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// sends makes a client send a file now.
func (p *people) sends(client, account string, file *simulator.File, caption string) {
	if _, err := p.messengers.Client(client).Sends(account, file, caption); err != nil {
		p.show.line("Demo", "%v", err)
	}
}

// document uploads a text and sends it as a file, as an employee.
func (p *people) document(ctx context.Context, who, key, connection, peer, name, text string) {
	var uploaded struct {
		domain.PublicMedia
		Code, Detail string
	}
	status, err := p.callWith(ctx, key, http.MethodPost, "/v1/media?name="+url.QueryEscape(name), "text/plain", strings.NewReader(text), &uploaded)
	if err != nil || status != http.StatusCreated {
		p.refused(ctx, who, status, uploaded.Code, uploaded.Detail, err)
		return
	}
	p.show.line(who, "→ %s: (file %s) %s", peer, name, fileWords(uploaded.PublicMedia))
	var answer struct{ Code, Detail string }
	status, err = p.call(ctx, key, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": connection, "peer_id": peer, "type": "file", "media": map[string]any{"id": uploaded.ID},
	}, &answer)
	p.refused(ctx, who, status, answer.Code, answer.Detail, err)
}

// fileWords says what a file is, and where to open it; empty: there is none.
func fileWords(m domain.PublicMedia) string {
	if m.ID == "" {
		return ""
	}
	return fmt.Sprintf("%s, %d bytes: GET /v1/media/%s", m.MIME, m.Size, m.ID)
}
