package domaintest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"recado/domain"
)

// A View is the state of a store without what differs between two stores with the
// same updates: ids, numbers, and times of the stores' own clocks.
type View struct {
	Chats    map[domain.PeerKey]domain.Chat
	Messages map[string]domain.Message // by client_ref, else by provider id
	Aliases  map[domain.PeerKey]domain.PeerID
}

// Snapshot makes a View. Aliases may be nil where a store does not show them.
func Snapshot(chats []domain.Chat, messages []domain.Message, aliases map[domain.PeerKey]domain.ChatID) View {
	v := View{map[domain.PeerKey]domain.Chat{}, map[string]domain.Message{}, map[domain.PeerKey]domain.PeerID{}}
	peers := map[domain.ChatID]domain.PeerID{}
	for _, c := range chats {
		peers[c.ID] = c.Peer
		c.ID, c.Seq, c.InboundSeq, c.AnsweredSeq, c.CreatedAt = "", 0, 0, 0, time.Time{}
		c.BlockedAt = happened(c.BlockedAt)
		c.Dialogs = counted(c.Dialogs)
		c.PaidDialog.OpenedAt = happened(c.PaidDialog.OpenedAt)
		v.Chats[domain.PeerKey{Connection: c.Connection, Peer: c.Peer}] = c
	}
	for _, m := range messages {
		name := string(m.Connection) + " " + string(m.ProviderID)
		if m.ClientRef != "" {
			name = m.ClientRef
			m.At, m.FailedAt = happened(m.At), happened(m.FailedAt)
		}
		m.ID, m.Chat, m.Seq, m.InboundSeq = "", domain.ChatID(peers[m.Chat]), 0, 0
		m.AttemptAt, m.NextAt, m.UnknownAt = happened(m.AttemptAt), happened(m.NextAt), happened(m.UnknownAt)
		v.Messages[name] = m
	}
	for key, chat := range aliases {
		v.Aliases[key] = peers[chat]
	}
	return v
}

// counted reduces each dialog to whether it counts: the times in it are of a store's
// own clock.
func counted(dialogs []domain.Dialog) []domain.Dialog {
	var list []domain.Dialog
	for _, d := range dialogs {
		if d.Outgoing() {
			d.OutgoingAt = []time.Time{Begin}
		}
		list = append(list, d)
	}
	return list
}

// happened reduces a time of a store's own clock to whether it is set.
func happened(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return Begin
}

// Diff describes how two views differ; it is empty if they do not.
func Diff(one, other View) string { return cmp.Diff(one, other, cmpopts.EquateEmpty()) }
