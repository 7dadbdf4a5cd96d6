package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"recado/domain"
)

// A happening is the part of an event that the page reads: what it is about. The
// page shows what is stored, not what the event says.
type happening struct {
	Type domain.EventType `json:"type"`
	Chat struct {
		ID domain.ChatID `json:"id"`
	} `json:"chat"`
	Data struct {
		Message struct {
			ID domain.MessageID `json:"id"`
		} `json:"message"`
		MessageID domain.MessageID `json:"message_id"`
		TargetID  domain.MessageID `json:"target_id"` // of an action
		ActionID  domain.MessageID `json:"action_id"` // that changed the message
	} `json:"data"`
}

// message returns the message that has changed, and the action that changed it or is
// to change it; either may be empty.
func (h *happening) message() (id, action domain.MessageID) {
	if h.Data.TargetID != "" {
		return h.Data.TargetID, h.Data.MessageID
	}
	return cmp.Or(h.Data.Message.ID, h.Data.MessageID), h.Data.ActionID
}

// readNews reads what events are about: the chats, and the messages of the open one.
func (c *Console) readNews(ctx context.Context, d *desk, events []domain.FeedEvent, open domain.ChatID) (news, error) {
	chats, messages, arrived := map[domain.ChatID]bool{}, map[domain.MessageID]domain.MessageID{}, map[domain.MessageID]bool{}
	for _, e := range events {
		var h happening
		if err := json.Unmarshal(e.Body, &h); err != nil {
			return news{}, err
		}
		if h.Chat.ID == "" {
			continue
		}
		chats[h.Chat.ID] = true
		if id, action := h.message(); id != "" && h.Chat.ID == open {
			messages[id] = cmp.Or(action, messages[id])
			arrived[id] = arrived[id] || h.Type == domain.EventMessageCreated
		}
	}
	var list []domain.Chat
	for id := range chats {
		chat, err := c.Store.Chat(ctx, d.by.Company, id)
		if errors.Is(err, domain.ErrNotFound) {
			continue // it was erased since then
		}
		if err != nil {
			return news{}, err
		}
		list = append(list, chat)
	}
	n, err := c.chatNews(ctx, d, list, open)
	if err != nil {
		return news{}, err
	}
	n.Messages, err = c.messageNews(ctx, d, messages)
	for i := range n.Messages {
		if m := &n.Messages[i]; !arrived[m.ID] {
			m.Say = "" // it was read out when it arrived
		}
	}
	return n, err
}

// chatNews shows chats as the list does, and the head of the open one.
func (c *Console) chatNews(ctx context.Context, d *desk, chats []domain.Chat, open domain.ChatID) (n news, err error) {
	last, err := c.Store.LastMessages(ctx, d.by.Company, chats)
	if err != nil {
		return n, err
	}
	for i := range chats {
		chat := &chats[i]
		row := d.row(chat, last[chat.ID])
		row.Open = chat.ID == open
		html, err := d.execute("row", row)
		if err != nil {
			return n, err
		}
		n.Chats = append(n.Chats, chatNews{chat.ID, row.Place, row.Connection, row.Unanswered > 0, row.Blocked, string(html)})
		if row.Open {
			html, err := d.execute("head", d.head(chat))
			if err != nil {
				return n, err
			}
			n.Head = string(html)
		}
	}
	return n, nil
}

// messageNews shows messages in their order, each with the last action on it; an empty
// id stands for none.
func (c *Console) messageNews(ctx context.Context, d *desk, actions map[domain.MessageID]domain.MessageID) (list []messageNews, err error) {
	for id, action := range actions {
		m, err := c.Store.Message(ctx, d.by.Company, id)
		if errors.Is(err, domain.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		chat, err := c.Store.Chat(ctx, d.by.Company, m.Chat)
		if err != nil {
			return nil, err
		}
		var last *domain.Message
		if action != "" {
			found, err := c.Store.Message(ctx, d.by.Company, action)
			if err != nil {
				return nil, err
			}
			last = &found
		}
		b, err := c.readBubble(ctx, d, &chat, m, last)
		if err != nil {
			return nil, err
		}
		html, err := d.execute("bubble", map[string]any{"M": b})
		if err != nil {
			return nil, err
		}
		shown := messageNews{ID: id, Chat: chat.ID, place: b.Place, HTML: string(html), Action: action}
		if !b.Mine {
			shown.Say = d.titleOf(&chat) + ": " + firstLine(b.Label+" "+b.Text)
		}
		list = append(list, shown)
	}
	slices.SortFunc(list, func(x, y messageNews) int { return strings.Compare(x.place, y.place) })
	return list, nil
}
