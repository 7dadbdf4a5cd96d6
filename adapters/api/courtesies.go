package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/adapters/slots"
	"recado/domain"
)

const (
	courtesiesAtOnce = 16              // calls of messengers; more are left out
	courtesiesOfOne  = 4               // over one connection: the others have room beside one that hangs
	courtesyTimeout  = 5 * time.Second // of one, with what it looks up
	courtesyEvery    = 3 * time.Second // of one kind in one chat; more are left out
	recentMessages   = 50              // among which the last incoming one is looked for
)

// Courtesies are small calls of messengers that nobody waits for: that somebody
// writes, that something was read. A call that fails is only logged.
type courtesies struct {
	calls *slots.Slots[domain.ConnectionID]

	mu    sync.Mutex // guards the field below
	shown map[shown]time.Time
}

// A shown courtesy of a chat.
type shown struct {
	chat   domain.ChatID
	typing bool
}

func newCourtesies() *courtesies {
	return &courtesies{calls: slots.New[domain.ConnectionID](courtesiesAtOnce, courtesiesOfOne), shown: map[shown]time.Time{}}
}

// begin reports whether a courtesy may be shown now. The caller calls end after it.
func (c *courtesies) begin(over domain.ConnectionID, s shown, now time.Time) (end func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.shown[s]) < courtesyEvery {
		return nil, false
	}
	if end, ok = c.calls.Take(over); !ok {
		return nil, false
	}
	for other, at := range c.shown {
		if now.Sub(at) >= courtesyEvery {
			delete(c.shown, other)
		}
	}
	c.shown[s] = now
	return end, true
}

type readInput struct {
	ID   domain.ChatID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	Body struct {
		_          struct{} `additionalProperties:"false"`
		ThroughSeq int64    `json:"through_seq" minimum:"0" maximum:"9007199254740991" doc:"The inbound_seq that the employee saw."`
	}
}

type courtesyOutput struct{}

func (a *API) registerCourtesies(h huma.API) {
	const promise = "Best effort: what the messenger lacks or refuses is left out, and so is what comes too often."
	register(a, h, huma.Operation{
		OperationID: "show-typing", Method: http.MethodPost, Path: "/v1/chats/{id}/typing",
		Summary: "Show the client a typing indicator", Description: promise,
		DefaultStatus: http.StatusAccepted, Errors: []int{http.StatusNotFound},
	}, requireRight(domain.WriteChats, a.showTyping))
	register(a, h, huma.Operation{
		OperationID: "mark-read", Method: http.MethodPost, Path: "/v1/chats/{id}/read",
		Summary: "Show the client that its messages were read", Description: promise + " It answers nothing: see no-reply-needed.",
		DefaultStatus: http.StatusAccepted, Errors: append([]int{http.StatusNotFound}, bodyErrors...),
	}, requireRight(domain.WriteChats, a.markRead))
}

// showTyping handles POST /v1/chats/{id}/typing.
func (a *API) showTyping(ctx context.Context, e domain.Employee, in *chatInput) (*courtesyOutput, error) {
	c, err := a.Store.Chat(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	a.show(c, true, c.InboundSeq)
	return &courtesyOutput{}, nil
}

// markRead handles POST /v1/chats/{id}/read.
func (a *API) markRead(ctx context.Context, e domain.Employee, in *readInput) (*courtesyOutput, error) {
	c, err := a.Store.Chat(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	a.show(c, false, in.Body.ThroughSeq)
	return &courtesyOutput{}, nil
}

// show calls the messenger behind the answer. A chat on the blacklist is shown nothing.
func (a *API) show(c domain.Chat, typing bool, throughSeq int64) {
	connector, ok := a.Connectors[c.Kind].(domain.Courteous)
	if !ok || c.Blocked() || c.PeerRefuses {
		return
	}
	end, ok := a.courtesies.begin(c.Connection, shown{c.ID, typing}, a.Now())
	if !ok {
		return
	}
	go func() {
		defer end()
		defer func() {
			if p := recover(); p != nil {
				a.Log.Error("a courtesy panicked", "chat", c.ID, "panic", fmt.Sprint(p))
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), courtesyTimeout)
		defer cancel()
		if err := a.call(ctx, connector, c, typing, throughSeq); err != nil {
			a.Log.Info("a courtesy failed", "connection", c.Connection, "chat", c.ID, "typing", typing, "err", err)
		}
	}()
}

func (a *API) call(ctx context.Context, connector domain.Courteous, c domain.Chat, typing bool, throughSeq int64) error {
	conn, err := a.Store.Connection(ctx, c.Connection)
	if err != nil || conn.Ended || conn.Status == domain.ConnectionSuspended {
		return err
	}
	messages, err := a.Store.Messages(ctx, c.Company, domain.MessageQuery{Chat: c.ID, Limit: recentMessages})
	if err != nil {
		return err
	}
	s := domain.Courtesy{Typing: typing, Peer: c.Address(), Topic: c.Topic}
	for _, m := range messages { // a notice has a name of ours, which the messenger does not know
		if m.InboundSeq > 0 && m.InboundSeq <= throughSeq && m.ProviderID != "" {
			s.Message = m.ProviderID
			break
		}
	}
	return connector.Show(ctx, conn, s)
}
