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
// recognise a repeat: what may have been written is never written again. Only
// where Telegram refused because the group has another id now, nothing was sent
// and the message goes to that id.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	if refusal := check(m); refusal != nil {
		return *refusal
	}
	answer, movedTo := c.call(ctx, conn, m)
	if movedTo == "" || movedTo == m.Peer || m.Target != "" { // the numbers of a group mean nothing at its new id
		return answer
	}
	m.Peer = movedTo
	answer, _ = c.call(ctx, conn, m)
	answer.MovedTo = movedTo
	return answer
}

// check returns the result of a message that cannot be sent; nil: it can be.
func check(m domain.Outgoing) *domain.SendResult {
	if refusal := wire.CheckOutgoing(domain.TelegramBot, m); refusal != nil {
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
func (c *Connector) call(ctx context.Context, conn domain.Connection, m domain.Outgoing) (a domain.SendResult, movedTo domain.PeerID) {
	if slices.Contains(domain.FileTypes, m.Type) {
		return c.callFile(ctx, conn, m)
	}
	method, body := bodyOf(m)
	return c.callJSON(ctx, conn, m, method, body)
}

// callJSON calls a method for the message, without a file.
func (c *Connector) callJSON(
	ctx context.Context, conn domain.Connection, m domain.Outgoing, method string, body outgoing,
) (a domain.SendResult, movedTo domain.PeerID) {
	hide := hider(conn.Settings, m.Text)
	req, err := post(ctx, conn.Settings, method, body)
	if err != nil {
		return wire.NotSent("request", hide(err.Error())), ""
	}
	reply, err := c.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, hide), ""
	}
	return read(reply, m, hide)
}

// hider hides the text and the secrets. The token is a part of the URL, and so
// of what others say about it.
func hider(settings domain.Settings, text string) func(string) string {
	bot := tokenOf(settings)
	return wire.Hider(text, bot, url.PathEscape(bot), string(settings[secretToken]), string(settings[previousSecretToken]))
}

func tokenOf(settings domain.Settings) string { return strings.TrimSpace(string(settings[token])) }
