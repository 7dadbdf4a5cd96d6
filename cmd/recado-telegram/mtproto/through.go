package mtproto

import (
	"context"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/updates"
	"github.com/gotd/td/tg"
)

// Through stores a difference itself, and gives gotd's manager only the position behind it.
// The manager would route edits, reads and deletions that come with new messages through
// its sequence of pushed updates, see gaps, and drop them once the position has moved.
// https://github.com/gotd/td/issues/1853
//
// Where Telegram has no difference any more, the histories of the chats are stored instead.
type through struct {
	updates.API
	in      *intake
	history history
	tracked func(channel int64) bool // whether a channel has a position of its own
	count   *Counter                 // of differences
}

func (t through) UpdatesGetDifference(ctx context.Context, r *tg.UpdatesGetDifferenceRequest) (tg.UpdatesDifferenceClass, error) {
	d, err := t.API.UpdatesGetDifference(ctx, r)
	t.count.Add(kindOf(d, err))
	if err != nil {
		t.in.fence(err) // gotd would go on, and ask again a quarter of an hour later
		return nil, err
	}
	switch d := d.(type) {
	case *tg.UpdatesDifferenceTooLong:
		err := t.history.everywhere(ctx, r.Date)
		if err != nil {
			t.in.fence(err)
		}
		return d, err
	case *tg.UpdatesDifference:
		rest, err := t.take(ctx, r.Date, d.NewMessages, d.OtherUpdates, d.Users, d.Chats)
		d.NewMessages, d.OtherUpdates = nil, rest
		return d, err
	case *tg.UpdatesDifferenceSlice:
		rest, err := t.take(ctx, r.Date, d.NewMessages, d.OtherUpdates, d.Users, d.Chats)
		d.NewMessages, d.OtherUpdates = nil, rest
		return d, err
	}
	return d, nil
}

func (t through) UpdatesGetChannelDifference(
	ctx context.Context, r *tg.UpdatesGetChannelDifferenceRequest,
) (tg.UpdatesChannelDifferenceClass, error) {
	d, err := t.API.UpdatesGetChannelDifference(ctx, r)
	t.count.Add(kindOf(d, err))
	if err != nil {
		return nil, err
	}
	switch d := d.(type) {
	case *tg.UpdatesChannelDifferenceTooLong:
		if c, ok := r.Channel.(*tg.InputChannel); ok {
			err = t.history.channel(ctx, c.ChannelID, t.history.from)
		}
		if err != nil {
			t.in.fence(err)
			return nil, err
		}
	case *tg.UpdatesChannelDifference:
		all := append(asUpdates(d.NewMessages), d.OtherUpdates...)
		if err := t.in.commit(ctx, all, d.Users, d.Chats); err != nil {
			return nil, err
		}
		d.NewMessages, d.OtherUpdates = nil, nil
	}
	return d, nil
}

// kindOf names a difference for the metrics.
func kindOf(d any, err error) string {
	switch d.(type) {
	case *tg.UpdatesDifferenceEmpty, *tg.UpdatesChannelDifferenceEmpty:
		return "empty"
	case *tg.UpdatesDifferenceTooLong, *tg.UpdatesChannelDifferenceTooLong:
		return "too_long"
	}
	if err != nil {
		return "failed"
	}
	return "updates"
}

// take stores what is of the account: first what is new, then the rest in its order.
// What is of channels it returns, for their own positions. A channel that has none yet
// tells what came since the last difference by its history.
func (t through) take(
	ctx context.Context, since int, messages []tg.MessageClass, others []tg.UpdateClass, users []tg.UserClass, chats []tg.ChatClass,
) (ofChannels []tg.UpdateClass, err error) {
	all := asUpdates(messages)
	for _, u := range others {
		if isOfChannel(u) {
			ofChannels = append(ofChannels, u)
			continue
		}
		all = append(all, u)
	}
	if err := t.in.commit(ctx, all, users, chats); err != nil {
		return nil, err
	}
	for _, u := range ofChannels {
		if long, ok := u.(*tg.UpdateChannelTooLong); ok && !t.tracked(long.ChannelID) {
			if err := t.history.channel(ctx, long.ChannelID, since); err != nil {
				t.in.fence(err)
				return nil, err
			}
		}
	}
	eager(ofChannels)
	return ofChannels, nil
}

// eager lets gotd ask for the difference of a channel, however much came to it.
func eager(all []tg.UpdateClass) {
	for _, u := range all {
		if long, ok := u.(*tg.UpdateChannelTooLong); ok {
			long.Flags.Unset(0) // it has no position
		}
	}
}

// eagerly hands pushed updates to gotd's manager.
func eagerly(manager *updates.Manager) telegram.UpdateHandlerFunc {
	return func(ctx context.Context, u tg.UpdatesClass) error {
		switch u := u.(type) {
		case *tg.Updates:
			eager(u.Updates)
		case *tg.UpdatesCombined:
			eager(u.Updates)
		case *tg.UpdateShort:
			eager([]tg.UpdateClass{u.Update})
		}
		return manager.Handle(ctx, u)
	}
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
