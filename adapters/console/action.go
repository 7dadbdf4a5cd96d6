package console

import (
	"context"
	"encoding/json"
	"unicode/utf8"

	"recado/domain"
)

// emojis are the reactions that the page offers; every messenger takes each of them.
var emojis = []string{"👍", "❤", "🙏", "👏", "😁", "😢"}

// maxEmoji is the longest reaction, in bytes.
const maxEmoji = 64

// A shownAction is the last thing that an employee did to a message, while the
// messenger has not done it yet, or when it failed.
type shownAction struct {
	ID      domain.MessageID
	Type    domain.MessageType
	Failure *shownFailure // nil: it is queued
}

// action shows an action; nil: it was done.
func (d *desk) action(a *domain.Message) *shownAction {
	if a == nil || a.Status != domain.Queued && a.Status != domain.Failed {
		return nil
	}
	return &shownAction{a.ID, a.Type, showFailure(a.Failure)}
}

// actions lists what may be done to a message: what it takes, of what the connection can.
func (d *desk) actions(c *domain.Chat, m *domain.Message) (list []domain.MessageType) {
	if m.ProviderID == "" || m.Type == domain.TypeSystem {
		return nil // the messenger does not know it
	}
	for _, t := range domain.ActionTypes {
		if m.Takes(t) && c.Kind.Traits().CanSend(t) && (t != domain.TypeEdit || d.hasText(c.Kind, m.Type)) {
			list = append(list, t)
		}
	}
	return list
}

// act returns the handler of POST /chat/messages/{message}/reaction, /edit and /delete.
// It answers with the message as it is now.
func (c *Console) act(t domain.MessageType) handler {
	return func(ctx context.Context, v *visit) error {
		f := domain.ActionRequested{
			ID: domain.NewMessageID(c.NewID()), Target: domain.MessageID(v.r.PathValue("message")), Type: t,
			By: v.by.ID, Origin: v.by.Origin(), Text: v.r.PostFormValue("text"),
		}
		target, err := c.Store.Message(ctx, v.by.Company, f.Target)
		if err != nil {
			return err
		}
		if err := c.checkAction(ctx, v, target, f); err != nil {
			return err
		}
		r, err := c.commands.Apply(ctx, v.by, domain.Update{Connection: target.Connection, Fact: f})
		if err != nil {
			return c.explainType(v, err, t)
		}
		c.commands.FollowUp(r)
		d, err := c.desk(ctx, v)
		if err != nil {
			return err
		}
		list, err := c.messageNews(ctx, d, map[domain.MessageID]domain.MessageID{f.Target: f.ID})
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(v.w).Encode(news{Messages: list})
	}
}

// checkAction refuses what the page does not ask for, and a text that the message
// cannot have.
func (c *Console) checkAction(ctx context.Context, v *visit, target domain.Message, f domain.ActionRequested) error {
	switch f.Type {
	case domain.TypeReaction:
		if len(f.Text) > maxEmoji || !isText(f.Text) {
			return errInvalid
		}
	case domain.TypeEdit:
		if f.Text == "" || utf8.RuneCountInString(f.Text) > maxText || !isText(f.Text) {
			return errInvalid
		}
		chat, err := c.Store.Chat(ctx, v.by.Company, target.Chat)
		if err != nil {
			return err
		}
		return c.checkLimit(v, chat.Kind, domain.SendRequested{Type: target.Type, Text: f.Text}, nil)
	}
	return nil
}
