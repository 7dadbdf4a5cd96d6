package telegram

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Send posts a message to a chat. Telegram knows no key by which it would
// recognise a repeat of a bot: what may have been written is never written again. Only
// where Telegram refused because the group has another id now, nothing was sent
// and the message goes to that id.
func (a api) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	if refusal := a.check(m); refusal != nil {
		return *refusal
	}
	answer, movedTo := a.call(ctx, conn, m)
	if movedTo == "" || movedTo == m.Peer || m.Target != "" { // the numbers of a group mean nothing at its new id
		return answer
	}
	m.Peer = movedTo
	answer, _ = a.call(ctx, conn, m)
	answer.MovedTo = movedTo
	return answer
}

// check returns the result of a message that cannot be sent; nil: it can be.
func (a api) check(m domain.Outgoing) *domain.SendResult {
	if refusal := wire.CheckOutgoing(a.kind, m); refusal != nil {
		return refusal
	}
	if m.Type == domain.TypeReaction && addressOf(m.Peer).business != "" {
		r := wire.NotSent("type", "Telegram takes no reactions over a business connection")
		return &r
	}
	return nil
}

// call sends the message once. If Telegram refused it because the group moved,
// call returns where to.
func (a api) call(ctx context.Context, conn domain.Connection, m domain.Outgoing) (result domain.SendResult, movedTo domain.PeerID) {
	if slices.Contains(domain.FileTypes, m.Type) {
		return a.callFile(ctx, conn, m)
	}
	method, body := bodyOf(m)
	return a.callJSON(ctx, conn, m, method, body)
}

// callJSON calls a method for the message, without a file.
func (a api) callJSON(
	ctx context.Context, conn domain.Connection, m domain.Outgoing, method string, body outgoing,
) (result domain.SendResult, movedTo domain.PeerID) {
	hide := hider(conn.Settings, m.Text)
	req, err := a.post(ctx, conn.Settings, method, a.named(body, m))
	if err != nil {
		return wire.NotSent("request", hide(err.Error())), ""
	}
	reply, err := a.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, hide), ""
	}
	return a.result(reply, m, hide)
}

// named adds the id of a new message, where the messenger takes one.
func (a api) named(body outgoing, m domain.Outgoing) outgoing {
	if a.clientIDs && m.Target == "" {
		body.Client = string(m.ID)
	}
	return body
}

// hider hides the text and the secrets. The token is a part of the URL, and so
// of what others say about it.
func hider(settings domain.Settings, text string) func(string) string {
	secret := tokenOf(settings)
	return wire.Hider(text, secret, url.PathEscape(secret), string(settings[secretToken]), string(settings[previousSecretToken]))
}

func tokenOf(settings domain.Settings) string { return strings.TrimSpace(string(settings[token])) }
