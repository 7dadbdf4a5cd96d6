package telegram

import (
	"encoding/json"
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A press is of a button under a message of the bot.
type press struct {
	ID      string
	From    *user
	Data    string
	Game    string `json:"game_short_name"`
	Message struct {
		ID     wire.Integer `json:"message_id"`
		Chat   chat
		Markup struct {
			Rows [][]struct {
				Text string
				Data string `json:"callback_data"`
			} `json:"inline_keyboard"`
		} `json:"reply_markup"`
		Business string `json:"business_connection_id"`
	}
}

// pressed: a press is a message of who pressed. It has no time of its own.
func (p *press) pressed(json.RawMessage) (piece, error) {
	switch {
	case p.Message.Chat.ID == 0: // under a message that someone sent by way of the bot
		return piece{}, nil
	case p.ID == "" || len(p.ID) > 100 || p.ID != wire.Clean(p.ID):
		return piece{}, errors.New("it has no id")
	}
	under := message{ID: p.Message.ID, Chat: p.Message.Chat, From: p.From, Business: p.Message.Business}
	if err := under.check(); err != nil {
		return piece{}, err
	}
	if !chatTypes[p.Message.Chat.Type].supported {
		return piece{}, nil
	}
	b := domain.Button{ID: p.Data, Title: p.title()}
	if b.ID == "" {
		b.ID = p.Game
	}
	text := b.Title
	if text == "" {
		text = wire.Labelled("button", b.ID)
	}
	arrived := domain.MessageArrived{
		Peer: under.peer(), IsGroup: under.isGroup(), Contact: under.contact(), Direction: domain.Inbound,
		ProviderID: domain.ProviderID(string(under.peer()) + "/q" + p.ID), Type: domain.TypeButton, Text: wire.Clean(text),
		Content: &domain.Content{Button: &b}, Author: under.author(), Press: p.ID,
	}
	if id, err := under.name(); err == nil {
		arrived.ReplyTo = id
	}
	return piece{fact: arrived}, nil
}

// title is what stands on the button; empty: the messenger does not show it.
func (p *press) title() string {
	for _, row := range p.Message.Markup.Rows {
		for _, b := range row {
			if b.Data == p.Data && p.Data != "" {
				return b.Text
			}
		}
	}
	return ""
}
