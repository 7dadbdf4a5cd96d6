package mtproto

import (
	"context"

	"github.com/gotd/td/telegram/updates"
	"github.com/gotd/td/tg"
)

// Through stores a difference itself, and gives gotd's manager only the position behind it.
// The manager would route edits, reads and deletions that come with new messages through
// its sequence of pushed updates, see gaps, and drop them once the position has moved.
// https://github.com/gotd/td/issues/1853
type through struct {
	updates.API
	in *intake
}

func (t through) UpdatesGetDifference(ctx context.Context, r *tg.UpdatesGetDifferenceRequest) (tg.UpdatesDifferenceClass, error) {
	d, err := t.API.UpdatesGetDifference(ctx, r)
	if err != nil {
		t.in.fence(err) // gotd would go on, and ask again a quarter of an hour later
		return nil, err
	}
	switch d := d.(type) {
	case *tg.UpdatesDifference:
		rest, err := t.take(ctx, d.NewMessages, d.OtherUpdates, d.Users, d.Chats)
		d.NewMessages, d.OtherUpdates = nil, rest
		return d, err
	case *tg.UpdatesDifferenceSlice:
		rest, err := t.take(ctx, d.NewMessages, d.OtherUpdates, d.Users, d.Chats)
		d.NewMessages, d.OtherUpdates = nil, rest
		return d, err
	}
	return d, nil
}

func (t through) UpdatesGetChannelDifference(
	ctx context.Context, r *tg.UpdatesGetChannelDifferenceRequest,
) (tg.UpdatesChannelDifferenceClass, error) {
	d, err := t.API.UpdatesGetChannelDifference(ctx, r)
	if err != nil {
		return nil, err
	}
	if d, ok := d.(*tg.UpdatesChannelDifference); ok {
		all := append(asUpdates(d.NewMessages), d.OtherUpdates...)
		if err := t.in.commit(ctx, all, d.Users, d.Chats); err != nil {
			return nil, err
		}
		d.NewMessages, d.OtherUpdates = nil, nil
	}
	return d, nil
}

// take stores what is of the account: first what is new, then the rest in its order.
// What is of channels it returns, for their own positions.
func (t through) take(
	ctx context.Context, messages []tg.MessageClass, others []tg.UpdateClass, users []tg.UserClass, chats []tg.ChatClass,
) (ofChannels []tg.UpdateClass, err error) {
	all := asUpdates(messages)
	for _, u := range others {
		if isOfChannel(u) {
			ofChannels = append(ofChannels, u)
			continue
		}
		all = append(all, u)
	}
	return ofChannels, t.in.commit(ctx, all, users, chats)
}

func asUpdates(messages []tg.MessageClass) []tg.UpdateClass {
	all := make([]tg.UpdateClass, 0, len(messages))
	for _, m := range messages {
		all = append(all, &tg.UpdateNewMessage{Message: m})
	}
	return all
}

// isOfChannel reports whether an update counts in the log of a channel.
func isOfChannel(u tg.UpdateClass) bool {
	switch u.(type) {
	case *tg.UpdateNewChannelMessage, *tg.UpdateEditChannelMessage, *tg.UpdateDeleteChannelMessages, *tg.UpdateChannelTooLong,
		*tg.UpdateChannelWebPage, *tg.UpdatePinnedChannelMessages:
		return true
	}
	return false
}
