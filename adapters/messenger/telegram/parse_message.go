package telegram

import (
	"encoding/json"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A message is what we read of the Bot API's Message.
type message struct {
	ID       int64 `json:"message_id"`
	Thread   int64 `json:"message_thread_id"`
	InTopic  bool  `json:"is_topic_message"`
	Chat     chat
	Date     seconds
	EditDate seconds `json:"edit_date"`
	ReplyTo  struct {
		ID int64 `json:"message_id"`
	} `json:"reply_to_message"`
	MigrateTo   int64 `json:"migrate_to_chat_id"`
	MigrateFrom int64 `json:"migrate_from_chat_id"`

	body
	service bool // it is about the chat; nobody wrote it
}

// services are the fields by which Telegram reports what happened to a chat or
// between it and the bot.
var services = []string{
	"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo",
	"delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
	"message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
	"successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift", "unique_gift", "gift_upgrade_sent",
	"connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
	"chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed",
	"forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
	"general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed",
	"managed_bot_created", "paid_message_price_changed", "poll_option_added", "poll_option_deleted",
	"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
	"suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
	"video_chat_participants_invited", "web_app_data",
}

// UnmarshalJSON reads the message and looks for what makes it a service message.
func (m *message) UnmarshalJSON(raw []byte) error {
	type plain message
	if err := json.Unmarshal(raw, (*plain)(m)); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	m.service = slices.ContainsFunc(services, func(name string) bool { return present(fields[name]) })
	return nil
}

// arrived: somebody wrote, or the group moved.
func (m message) arrived() (piece, error) {
	if err := m.Chat.check(); err != nil {
		return piece{}, err
	}
	at := m.Date.time()
	switch {
	case m.MigrateTo != 0:
		return piece{domain.PeerMigrated{Peer: m.Chat.peer(), To: peerID(m.MigrateTo)}, at}, nil
	case m.MigrateFrom != 0:
		return piece{domain.PeerMigrated{Peer: peerID(m.MigrateFrom), To: m.Chat.peer()}, at}, nil
	case m.service || !chatTypes[m.Chat.Type].supported:
		return piece{}, nil
	}
	id, err := m.Chat.name(m.ID)
	if err != nil {
		return piece{}, err
	}
	c := m.content()
	return piece{domain.MessageArrived{
		Peer: m.Chat.peer(), IsGroup: chatTypes[m.Chat.Type].group, Contact: m.Chat.contact(), Direction: domain.Inbound,
		ProviderID: id, Type: c.Type, Text: wire.Clean(c.Text), Media: c.Media, ReplyTo: m.replyTo(),
	}, at}, nil
}

func (m message) edited() (piece, error) {
	if err := m.Chat.check(); err != nil {
		return piece{}, err
	}
	if m.service || !chatTypes[m.Chat.Type].supported {
		return piece{}, nil
	}
	id, err := m.Chat.name(m.ID)
	if err != nil {
		return piece{}, err
	}
	return piece{domain.MessageEdited{
		ProviderID: id, Peer: m.Chat.peer(), ByPeer: true, Text: wire.Clean(m.content().Text),
	}, m.EditDate.time()}, nil
}

// replyTo names the message replied to; empty: none. In a topic of a forum
// every message replies to the one that opened the topic.
func (m message) replyTo() domain.ProviderID {
	if m.InTopic && m.ReplyTo.ID == m.Thread {
		return ""
	}
	id, err := m.Chat.name(m.ReplyTo.ID)
	if err != nil {
		return ""
	}
	return id
}

// contact is what the chat says about the peer: a person, or the group.
func (c chat) contact() domain.Contact {
	name := c.Title
	if name == "" {
		name = strings.TrimSpace(c.FirstName + " " + c.LastName)
	}
	return domain.Contact{Name: wire.Clean(name), Username: wire.Clean(c.Username)}
}
