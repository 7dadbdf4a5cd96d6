package waba

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Send posts a message to the phone number of the connection. Meta knows no key
// by which it would recognise a repeat: what may have been written is never
// written again, neither here nor by net/http.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	token := strings.TrimSpace(string(conn.Settings[accessToken]))
	hide := wire.Hider(m.Text, token)
	if m.Type != domain.TypeText && (m.Type != domain.TypeTemplate || m.Template == nil) {
		return wire.NotSent("type", fmt.Sprintf("messages of type %s cannot be sent; only text and templates can", m.Type))
	}
	req, err := request(ctx, conn, token, m)
	if err != nil {
		return wire.NotSent("request", hide(err.Error()))
	}
	reply, err := c.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, hide)
	}
	return read(reply, m, hide)
}

// request makes the POST.
func request(ctx context.Context, conn domain.Connection, token string, m domain.Outgoing) (*http.Request, error) {
	if strings.ContainsFunc(token, unicode.IsControl) {
		return nil, errors.New("access_token holds a character that no header may hold")
	}
	body, err := json.Marshal(envelopeOf(m))
	if err != nil {
		return nil, err
	}
	base := cmp.Or(string(conn.Settings[baseURL]), defaultBaseURL)
	number := cmp.Or(string(conn.Settings[phoneNumberID]), conn.Account)
	to := strings.TrimRight(base, "/") + "/" + url.PathEscape(number) + "/messages"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// An outgoing is the body of the POST.
type outgoing struct {
	Product       string   `json:"messaging_product"`
	RecipientType string   `json:"recipient_type"`
	To            string   `json:"to,omitempty"`
	Recipient     string   `json:"recipient,omitempty"` // in place of To: who has no phone number
	Opaque        string   `json:"biz_opaque_callback_data"`
	Context       *replyTo `json:"context,omitempty"`
	Type          string   `json:"type"`

	Text     *text     `json:"text,omitempty"`     // either this
	Template *template `json:"template,omitempty"` // or this
}

type replyTo struct {
	ID domain.ProviderID `json:"message_id"`
}

type text struct {
	Body       string `json:"body"`
	PreviewURL bool   `json:"preview_url"`
}

type template struct {
	Name       string          `json:"name"`
	Language   language        `json:"language"`
	Components json.RawMessage `json:"components,omitempty"`
}

type language struct {
	Code   string `json:"code"`
	Policy string `json:"policy"`
}

func envelopeOf(m domain.Outgoing) outgoing {
	o := outgoing{Product: "whatsapp", RecipientType: "individual", Opaque: string(m.ID), Type: string(m.Type)}
	if t := m.Template; m.Type == domain.TypeTemplate {
		o.Template = &template{t.Name, language{t.Language, "deterministic"}, t.Components}
	} else {
		o.Text = &text{Body: m.Text}
	}
	switch {
	case m.IsGroup:
		o.RecipientType, o.To = "group", string(m.Peer)
	case isPhone(string(m.Peer)):
		o.To = "+" + string(m.Peer) // without it Meta may put our own country in front
	default:
		o.Recipient = string(m.Peer)
	}
	if m.ReplyTo != "" {
		o.Context = &replyTo{m.ReplyTo}
	}
	return o
}
