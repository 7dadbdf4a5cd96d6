package telegram

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Send posts a message to a chat. Telegram knows no key by which it would
// recognise a repeat: what may have been written is never written again. Only
// where Telegram refused because the group has another id now, nothing was sent
// and the message goes to that id.
func (c *Connector) Send(ctx context.Context, conn domain.Connection, m domain.Outgoing) domain.SendResult {
	if m.Type != domain.TypeText {
		return wire.NotSent("type", fmt.Sprintf("messages of type %s cannot be sent; only text can", m.Type))
	}
	answer, movedTo := c.call(ctx, conn, m)
	if movedTo == "" || movedTo == m.Peer {
		return answer
	}
	m.Peer = movedTo
	answer, _ = c.call(ctx, conn, m)
	answer.MovedTo = movedTo
	return answer
}

// call sends the message once. If Telegram refused it because the group moved,
// call returns where to.
func (c *Connector) call(ctx context.Context, conn domain.Connection, m domain.Outgoing) (a domain.SendResult, movedTo domain.PeerID) {
	hide := hider(conn.Settings, m.Text)
	req, err := post(ctx, conn.Settings, "sendMessage", outgoingOf(m))
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

// An outgoing is the body of the POST.
type outgoing struct {
	Chat     any      `json:"chat_id"` // a number, or the @name of a public chat
	Direct   int64    `json:"direct_messages_topic_id,omitempty"`
	Topic    int64    `json:"message_thread_id,omitempty"`
	Business string   `json:"business_connection_id,omitempty"`
	Text     string   `json:"text"`
	Reply    *replyTo `json:"reply_parameters,omitempty"`
}

type replyTo struct {
	Number  int64 `json:"message_id"`
	OrPlain bool  `json:"allow_sending_without_reply"`
}

// outgoingOf does not reply across ids: the numbers of a group mean nothing in
// the supergroup that it became.
func outgoingOf(m domain.Outgoing) outgoing {
	a := addressOf(m.Peer)
	o := outgoing{Chat: a.chat, Text: m.Text, Direct: a.topic, Business: a.business}
	id, noNumber := strconv.ParseInt(a.chat, 10, 64)
	if noNumber == nil {
		o.Chat = id
	}
	if a.topic == 0 {
		o.Topic, _ = strconv.ParseInt(m.Topic, 10, 64) // what is no number is no topic
	}
	slash := max(0, strings.LastIndex(string(m.ReplyTo), "/"))
	where, number := string(m.ReplyTo[:slash]), strings.TrimPrefix(string(m.ReplyTo[slash:]), "/")
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil && (where == a.messages || noNumber != nil) {
		o.Reply = &replyTo{Number: n, OrPlain: true}
	}
	return o
}
