package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A chat as it is shown.
type chat struct {
	ID            domain.ChatID       `json:"id"`
	Connection    domain.ConnectionID `json:"connection_id"`
	Kind          kind                `json:"kind"`
	Peer          domain.PeerID       `json:"peer_id" doc:"The peer as its messenger names it; digits for phones."`
	Title         string              `json:"title" doc:"The name of the peer or the group; empty: the messenger told none."`
	Phone         string              `json:"phone" doc:"Empty: the messenger told none."`
	Username      string              `json:"username" doc:"Empty: the messenger told none."`
	IsGroup       bool                `json:"is_group"`
	LastInboundAt moment              `json:"last_inbound_at" doc:"The order of the list; null: the peer never wrote."`
	InboundSeq    int64               `json:"inbound_seq" doc:"Incoming messages so far: what no-reply-needed takes as through_seq."`
	Unanswered    int64               `json:"unanswered" doc:"Incoming messages that nobody answered."`
	WindowUntil   moment              `json:"window_until" doc:"Until then WABA takes any message; afterwards only templates. Null: it was never open, or the messenger has no such window."`
	Blocked       *blocked            `json:"blocked" doc:"Who put the chat on the blacklist, and when; null: it is not there."`
	May           may                 `json:"may" doc:"What would not be refused to who asks, as things are now."`
}

type may struct {
	Send         bool `json:"send" doc:"A text."`
	SendTemplate bool `json:"send_template"`
	Block        bool `json:"block"`
	Unblock      bool `json:"unblock"`
}

type blocked struct {
	nullable
	By domain.EmployeeID `json:"by"`
	At instant           `json:"at"`
}

// showing returns what shows chats to an employee: by the gates that his
// commands will meet.
func (a *API) showing(ctx context.Context, e domain.Employee) (func(domain.Chat) chat, error) {
	usage, err := a.Store.Usage(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	return func(c domain.Chat) chat {
		attempt := domain.Intent{Rights: e.Granted(), Chat: &c, Zone: time.UTC, Now: a.Now(), Type: domain.TypeText}
		for _, u := range usage {
			if u.Kind == c.Kind {
				attempt.Subscription, attempt.Zone, attempt.OutgoingDialogsUsed, attempt.PaidDialogsUsed = &u.Subscription, u.Zone, u.Dialogs, u.PaidReserved+u.PaidCommitted
			}
		}
		template := attempt
		template.Type = domain.TypeTemplate
		shown := showChat(c)
		shown.May = may{Send: attempt.MaySend(), SendTemplate: template.MaySend(), Block: attempt.MayBlock(), Unblock: attempt.MayBlock()}
		return shown
	}, nil
}

func showChat(c domain.Chat) chat {
	shown := chat{
		ID: c.ID, Connection: c.Connection, Kind: kind(c.Kind), Peer: c.Peer,
		Title: c.Title, Phone: c.Phone, Username: c.Username, IsGroup: c.IsGroup,
		LastInboundAt: momentOf(c.LastInboundAt), InboundSeq: c.InboundSeq, Unanswered: c.Unanswered,
		WindowUntil: momentOf(c.WindowUntil()),
	}
	if c.Blocked() {
		shown.Blocked = &blocked{By: c.BlockedBy, At: instantOf(c.BlockedAt)}
	}
	return shown
}

type (
	chatsInput struct {
		Connection domain.ConnectionID `query:"connection" maxLength:"128" pattern:"^[!-~]+$" doc:"Only chats of this connection."`
		Limit      int                 `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor     string              `query:"cursor" maxLength:"512" doc:"next_cursor of the page before."`
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
		Summary: "Chats by their last incoming message, newest first",
	}, holding(domain.ReadChats, a.listChats))
	register(a, h, huma.Operation{
		OperationID: "get-chat", Method: http.MethodGet, Path: "/v1/chats/{id}",
		Summary: "A chat", Errors: []int{http.StatusNotFound},
	}, holding(domain.ReadChats, a.getChat))
}

func (a *API) listChats(ctx context.Context, e domain.Employee, in *chatsInput) (*chatsOutput, error) {
	after, err := chatPlace(in.Cursor)
	if err != nil {
		return nil, err
	}
	chats, err := a.Store.Chats(ctx, e.Company, domain.ChatQuery{Connection: in.Connection, Limit: in.Limit + 1, After: after})
	if err != nil {
		return nil, err
	}
	show, err := a.showing(ctx, e)
	if err != nil {
		return nil, err
	}
	return &chatsOutput{pageOf(chats, in.Limit, show, chatCursor)}, nil
}

func (a *API) getChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	c, err := a.Store.Chat(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	return a.chatOutput(ctx, e, c)
}

func (a *API) chatOutput(ctx context.Context, e domain.Employee, c domain.Chat) (*chatOutput, error) {
	show, err := a.showing(ctx, e)
	if err != nil {
		return nil, err
	}
	return &chatOutput{show(c)}, nil
}
