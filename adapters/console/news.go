package console

import (
	"context"
	"encoding/json"
	"errors"

	"recado/domain"
)

// A happening is the part of an event that the page reads: what it is about. The
// page shows what is stored, not what the event says.
type happening struct {
	Chat struct {
		ID domain.ChatID `json:"id"`
	} `json:"chat"`
	Data struct {
		Message struct {
			ID domain.MessageID `json:"id"`
		} `json:"message"`
		MessageID domain.MessageID `json:"message_id"`
	} `json:"data"`
}

// readNews reads what events are about: the chats, and the messages of the open one.
func (c *Console) readNews(ctx context.Context, d *desk, events []domain.FeedEvent, open domain.ChatID) (news, error) {
	chats, messages := map[domain.ChatID]bool{}, map[domain.MessageID]bool{}
	for _, e := range events {
		var h happening
		if err := json.Unmarshal(e.Body, &h); err != nil {
			return news{}, err
		}
		if h.Chat.ID == "" {
			continue
		}
		chats[h.Chat.ID] = true
		for _, id := range []domain.MessageID{h.Data.Message.ID, h.Data.MessageID} {
			if id != "" && h.Chat.ID == open {
				messages[id] = true
			}
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

// messageNews shows messages of one chat.
func (c *Console) messageNews(ctx context.Context, d *desk, ids map[domain.MessageID]bool) (list []messageNews, err error) {
	for id := range ids {
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
		if m.Target != "" {
			continue
		}
		if err := c.readFiles(ctx, d, []domain.Message{m}); err != nil {
			return nil, err
		}
		b := d.bubble(&chat, &m, nil)
		html, err := d.execute("bubble", map[string]any{"M": b})
		if err != nil {
			return nil, err
		}
		shown := messageNews{ID: id, HTML: string(html)}
		if !b.Mine {
			shown.Say = d.titleOf(&chat) + ": " + firstLine(b.Label+" "+b.Text)
		}
		list = append(list, shown)
	}
	return list, nil
}
