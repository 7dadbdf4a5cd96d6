package mtproto

import (
	"context"
	"strconv"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// change calls Telegram about a message of a chat.
func (a *Account) change(ctx context.Context, chat int64, call func(*telegram.Client, store.Peer) error) *Error {
	client, err := a.api()
	if err != nil {
		return ErrorOf(err)
	}
	return a.noted(ctx, a.reach(ctx, client, strconv.FormatInt(chat, 10), func(peer store.Peer) error { return unanswered(call(client, peer)) }))
}

// Edit gives a message another text, or another caption.
func (a *Account) Edit(ctx context.Context, chat int64, message int, text string) *Error {
	return a.change(ctx, chat, func(client *telegram.Client, peer store.Peer) error {
		m := &tg.MessagesEditMessageRequest{Peer: inputPeer(peer), ID: message}
		m.SetMessage(text)
		_, err := client.API().MessagesEditMessage(ctx, m)
		return err
	})
}

// Delete deletes a message for everyone.
func (a *Account) Delete(ctx context.Context, chat int64, message int) *Error {
	return a.change(ctx, chat, func(client *telegram.Client, peer store.Peer) (err error) {
		if peer.Chat <= channelBase {
			_, err = client.API().ChannelsDeleteMessages(ctx, &tg.ChannelsDeleteMessagesRequest{
				Channel: &tg.InputChannel{ChannelID: channelBase - peer.Chat, AccessHash: peer.Hash}, ID: []int{message},
			})
			return err
		}
		_, err = client.API().MessagesDeleteMessages(ctx, &tg.MessagesDeleteMessagesRequest{Revoke: true, ID: []int{message}})
		return err
	})
}

// React puts an emoji under a message; empty: takes it back.
func (a *Account) React(ctx context.Context, chat int64, message int, emoji string) *Error {
	return a.change(ctx, chat, func(client *telegram.Client, peer store.Peer) error {
		m := &tg.MessagesSendReactionRequest{Peer: inputPeer(peer), MsgID: message}
		symbols := []tg.ReactionClass{}
		if emoji != "" {
			symbols = append(symbols, &tg.ReactionEmoji{Emoticon: emoji})
		}
		m.SetReaction(symbols)
		_, err := client.API().MessagesSendReaction(ctx, m)
		return err
	})
}
