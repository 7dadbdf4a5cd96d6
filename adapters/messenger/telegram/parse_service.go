package telegram

import (
	"encoding/json"
	"maps"
	"slices"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// notClients lists the fields by which Telegram tells what happened to a chat
// or between it and the bot, with the reason why none is a client's message.
var notClients = notices(map[string][]string{
	"who is in the chat": {"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed"},
	"how the chat looks": {
		"new_chat_title", "new_chat_photo", "delete_chat_photo", "chat_background_set", "pinned_message", "message_auto_delete_timer_changed",
	},
	"a chat begins or moves": {
		"group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id", "migrate_from_chat_id",
		"community_chat_added", "community_chat_removed", "community_chat_joined",
	},
	"a permission that was given, without a word": {"connected_website", "write_access_allowed"},
	"topics of a forum": {
		"forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden",
		"general_forum_topic_unhidden",
	},
	"calls of a group": {"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited"},
	"what the company, or a channel, asks for and gives": {
		"boost_added", "giveaway_created", "giveaway_completed", "paid_message_price_changed", "direct_message_price_changed",
		"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
		"managed_bot_created",
	},
	"Telegram noticed it, nobody wrote": {"proximity_alert_triggered"},
})

// beside lists the fields of a message that are no content.
var beside = notices(map[string][]string{"": {
	"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot",
	"sender_tag", "date", "guest_query_id", "business_connection_id", "chat", "forward_origin", "is_topic_message",
	"is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id",
	"reply_to_poll_option_id", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
	"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities", "ephemeral_message_id",
	"receiver_user", "link_preview_options", "suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
	"has_media_spoiler", "reply_markup", "forward_from", "forward_from_chat", "forward_from_message_id", "forward_signature",
	"forward_sender_name", "forward_date",
}})

func notices(byReason map[string][]string) map[string]string {
	reasons := map[string]string{}
	for reason, fields := range byReason {
		for _, field := range fields {
			reasons[field] = reason
		}
	}
	return reasons
}

// unknown reads a message that has nothing known in it: a notice, or a kind
// that is newer than this program.
func (m *message) unknown(raw json.RawMessage) (c content, wrote bool) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // it is an object, as it was read before
	for name, value := range fields {
		if _, notice := notClients[name]; notice && present(value) {
			return content{}, false
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, known := beside[name]; known || name == "caption" || !present(fields[name]) {
			continue
		}
		return unsupported(name, append([]string{m.Caption}, wire.Words(fields[name])...)...), true
	}
	if m.Caption != "" {
		return content{Type: domain.TypeText, Text: withLinks(m.Caption, m.CaptionEntities)}, true
	}
	return unsupported("unknown"), true
}
