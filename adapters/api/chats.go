package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A chat in an answer.
type chat struct {
	ID            domain.ChatID       `json:"id"`
	Connection    domain.ConnectionID `json:"connection_id"`
	Kind          kind                `json:"kind"`
	Peer          domain.PeerID       `json:"peer_id" doc:"The peer's id in the messenger; for a phone, its digits."`
	Title         *string             `json:"title" doc:"The name of the peer or the group; null if unknown."`
	Phone         *string             `json:"phone" doc:"Null if unknown."`
	Username      *string             `json:"username" doc:"Null if unknown."`
	IsGroup       bool                `json:"is_group"`
	LastInboundAt moment              `json:"last_inbound_at" doc:"Chats are listed by it; null if the peer has never written."`
	InboundSeq    int64               `json:"inbound_seq" doc:"The number of incoming messages so far; pass it to no-reply-needed as through_seq."`
	Unanswered    int64               `json:"unanswered" doc:"The number of incoming messages without an answer."`
	WindowUntil   moment              `json:"window_until" doc:"When the window closes; then only templates can be sent. Null if there is no window."`
	Blocked       *blocked            `json:"blocked" doc:"Who added the chat to the blacklist, and when; null if it is not blacklisted."`
	MergedInto    *domain.ChatID      `json:"merged_into" doc:"The older chat with the same peer, which goes on; null unless the two turned out to be one. What is sent here goes there."`
	PeerRefuses   bool                `json:"peer_refuses" doc:"Whether the client blocked the company, or removed it from the group."`
	LastMessage   *lastMessage        `json:"last_message" doc:"The newest message; null if there is none yet."`
	May           may                 `json:"may" doc:"What the caller may currently do in this chat."`
}

type may struct {
	Send         bool `json:"send" doc:"Whether a text can be sent."`
	SendTemplate bool `json:"send_template"`
	Voice        bool `json:"voice" doc:"Whether a voice message can be sent."`
	Block        bool `json:"block"`
	Unblock      bool `json:"unblock"`
}

// A lastMessage is what a list of chats shows of the newest message.
type lastMessage struct {
	nullable
	ID        domain.MessageID `json:"id"`
	Direction direction        `json:"direction"`
	Type      messageType      `json:"type"`
	Text      string           `json:"text"`
	Status    *deliveryStatus  `json:"status" doc:"The delivery status of an outgoing message; null for an incoming one."`
	At        instant          `json:"at"`
}

type blocked struct {
	nullable
	By domain.EmployeeID `json:"by"`
	At instant           `json:"at"`
}

// chatPresenter returns the function that shows these chats to an employee. It asks
// the same gates as the employee's commands would.
func (a *API) chatPresenter(ctx context.Context, e domain.Employee, chats []domain.Chat) (func(domain.Chat) chat, error) {
	usage, err := a.Store.Usage(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	connections, err := a.Store.Connections(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	last, err := a.Store.LastMessages(ctx, e.Company, chats)
	if err != nil {
		return nil, err
	}
	return func(c domain.Chat) chat {
		intent := domain.IntentOf(e, &c, domain.TypeText, a.Now(), usage, connections)
		template, voice := intent, intent
		template.Type, voice.Type = domain.TypeTemplate, domain.TypeVoice
		shown := showChat(c)
		shown.LastMessage = showLastMessage(last[c.ID])
		shown.May = may{Send: intent.MaySend(), SendTemplate: template.MaySend(), Voice: voice.MaySend(), Block: intent.MayBlock(), Unblock: intent.MayBlock()}
		return shown
	}, nil
}

func showChat(c domain.Chat) chat {
	shown := chat{
		ID: c.ID, Connection: c.Connection, Kind: kind(c.Kind), Peer: c.Peer,
		Title: orNull(c.Title), Phone: orNull(c.Phone), Username: orNull(c.Username), IsGroup: c.IsGroup,
		LastInboundAt: momentOf(c.LastInboundAt), InboundSeq: c.InboundSeq, Unanswered: c.Unanswered,
		WindowUntil: momentOf(c.WindowUntil()), PeerRefuses: c.PeerRefuses,
	}
	if c.MergedInto != "" {
		shown.MergedInto = &c.MergedInto
	}
	if c.Blocked() {
		shown.Blocked = &blocked{By: c.BlockedBy, At: instantOf(c.BlockedAt)}
	}
	return shown
}

func showLastMessage(m domain.Message) *lastMessage {
	if m.ID == "" {
		return nil
	}
	return &lastMessage{
		ID: m.ID, Direction: direction(m.Direction), Type: messageType(m.Type), Text: m.Text,
		Status: orNull(deliveryStatus(m.Status)), At: instantOf(m.At),
	}
}

type (
	chatsInput struct {
		Connection domain.ConnectionID `query:"connection" maxLength:"128" pattern:"^[!-~]+$" doc:"Only chats of this connection."`
		Search     string              `query:"q" maxLength:"256" pattern:"^[^\\x00]*$" doc:"Only chats whose title, username, phone or peer_id has words that begin with these; case and accents do not matter. A number is found by its first or its last digits, in any spelling. If very many chats match, a part of them is listed: give more of the name."`
		Unanswered bool                `query:"unanswered" doc:"Only chats with incoming messages without an answer."`
		Blocked    bool                `query:"blocked" doc:"Only chats on the blacklist."`
		Limit      int                 `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor     string              `query:"cursor" maxLength:"512" pattern:"^[^\\x00]*$" doc:"The next_cursor of the previous page."`
	}
	chatsOutput struct{ Body page[chat] }

	chatInput struct {
		ID domain.ChatID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	chatOutput struct{ Body chat }
)

func (a *API) registerChats(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-chats", Method: http.MethodGet, Path: "/v1/chats",
		Summary: "List chats by last incoming message, newest first",
	}, requireRight(domain.ReadChats, a.listChats))
	register(a, h, huma.Operation{
		OperationID: "get-chat", Method: http.MethodGet, Path: "/v1/chats/{id}",
		Summary: "Get a chat", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ReadChats, a.getChat))
}

// listChats handles GET /v1/chats.
func (a *API) listChats(ctx context.Context, e domain.Employee, in *chatsInput) (*chatsOutput, error) {
	after, err := parseChatCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	chats, err := a.Store.Chats(ctx, e.Company, domain.ChatQuery{
		Connection: in.Connection, Unanswered: in.Unanswered, Blocked: in.Blocked, Search: in.Search, Limit: in.Limit + 1, After: after,
	})
	if err != nil {
		return nil, err
	}
	show, err := a.chatPresenter(ctx, e, chats)
	if err != nil {
		return nil, err
	}
	return &chatsOutput{pageOf(chats, in.Limit, show, chatCursor)}, nil
}

// getChat handles GET /v1/chats/{id}.
func (a *API) getChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	c, err := a.Store.Chat(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	return a.chatOutput(ctx, e, c)
}

// chatOutput shows one chat to the employee.
func (a *API) chatOutput(ctx context.Context, e domain.Employee, c domain.Chat) (*chatOutput, error) {
	show, err := a.chatPresenter(ctx, e, []domain.Chat{c})
	if err != nil {
		return nil, err
	}
	return &chatOutput{show(c)}, nil
}
