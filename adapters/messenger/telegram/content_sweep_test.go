package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// notYet lists fields of a message that come out wrong today.
var notYet = []string{}

// besides lists the fields of a message that are not what it says.
var besides = []string{
	"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot",
	"sender_tag", "date", "guest_query_id", "business_connection_id", "chat", "forward_origin", "is_topic_message",
	"is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id",
	"reply_to_poll_option_id", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
	"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities",
	"link_preview_options", "suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
	"has_media_spoiler", "reply_markup",
}

// Each kind of content that the Bot API knows, with its required fields only
// and with all of them, becomes a message with a text or a file and with every
// word of its own, or stands in the table of what is no client's message.
func TestEveryKindOfContentIsAMessage(t *testing.T) {
	s := published(t)
	c := telegram.New(http.DefaultClient)
	notices := telegram.NotClients()
	seen := map[string]bool{}
	for _, f := range s.Types["Message"].Fields {
		if slices.Contains(besides, f.Name) {
			continue
		}
		seen[f.Name] = true
		for _, full := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/full=%t", f.Name, full), func(t *testing.T) {
				value := s.sample(f.Types[0], f.Name, full, 0)
				body, err := json.Marshal(map[string]any{"update_id": 1, "message": map[string]any{
					"message_id": 7, "date": 1767348000, "chat": map[string]any{"id": 5, "type": "private"}, f.Name: value,
				}})
				if err != nil {
					t.Fatal(err)
				}
				wrong := wrongMessage(c.Parse(body), f.Name, value, notices[f.Name])
				if (wrong != "") != slices.Contains(notYet, f.Name) {
					t.Errorf("%s: %q\n%s", body, wrong, "not yet: "+strings.Join(notYet, ", "))
				}
			})
		}
	}
	for name, reason := range notices {
		later := strings.HasPrefix(name, "community_")
		if reason == "" || !seen[name] && !later {
			t.Errorf("%s is no field of a message, or has no reason", name)
		}
	}
}

// wrongMessage tells what is wrong with a message of one kind of content.
func wrongMessage(p domain.Parsed, field string, value any, notice string) string {
	if len(p.Bad) > 0 {
		return "parked: " + p.Bad[0].Error
	}
	var m domain.MessageArrived
	arrived := false
	for _, u := range p.Updates {
		if m, arrived = u.Fact.(domain.MessageArrived); arrived {
			break
		}
	}
	switch {
	case arrived && notice != "":
		return "shown, although " + notice
	case !arrived && notice == "":
		return "lost"
	case !arrived:
		return ""
	case m.Text == "" && m.Media == nil:
		return "an empty bubble"
	case m.Type == domain.TypeUnsupported && (m.Content == nil || m.Content.Kind != field):
		return "unsupported without its kind"
	}
	if audio, ok := value.(map[string]any); ok && field == "audio" && audio["file_name"] != nil {
		delete(audio, "title") // the file's own name wins
	}
	told, _ := json.Marshal(m)
	for _, word := range wordsOf(value) {
		if !strings.Contains(string(told), word) {
			return word + " is lost"
		}
	}
	return ""
}

// sample makes a value of a published type. Its texts say where they stand.
func (s schema) sample(typ, field string, full bool, depth int) any {
	if item, isArray := strings.CutPrefix(typ, "Array of "); isArray {
		if depth > 5 {
			return []any{}
		}
		return []any{s.sample(item, field, full, depth)}
	}
	switch typ {
	case "Integer":
		return 5
	case "Float":
		return 1.5
	case "Boolean", "True":
		return true
	case "String":
		return "w_" + field
	case "RichText":
		return "w_" + field
	}
	d := s.Types[typ]
	if len(d.Subtypes) > 0 {
		return s.sample(d.Subtypes[0], field, full, depth+1)
	}
	object := map[string]any{}
	for _, f := range d.Fields {
		if !f.Required && (!full || depth > 3) {
			continue
		}
		object[f.Name] = s.sample(f.Types[0], f.Name, full, depth+1)
	}
	return object
}

// read lists the fields whose words an employee reads.
var read = []string{
	"text", "caption", "title", "question", "description", "emoji", "address", "phone_number", "first_name", "last_name", "username", "name",
	"button_text", "invoice_payload", "currency", "prize_description", "option_text", "base_name", "summary", "expression",
}

// elsewhere lists what is inside of content and yet no word of it.
var elsewhere = []string{
	"sticker", "photo", "animation", "media", "thumbnail", "user", "chat", "chats", "winners", "completed_by_user", "completed_by_chat",
	"added_by_user", "added_by_chat", "publisher_chat", "model", "symbol", "backdrop", "explanation_media", "background", "colors", "entities",
	"title_entities", "text_entities", "question_entities", "description_entities", "explanation_entities", "video", "audio", "document", "voice",
	"video_note", "cover", "qualities", "checklist_message", "data_hash", "credentials", "files", "front_side", "reverse_side", "selfie", "translation",
	"poll_message",
}

// wordsOf lists the texts that must come through.
func wordsOf(value any) []string {
	var words []string
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if text, isText := inner.(string); isText && slices.Contains(read, name) {
				words = append(words, text)
			} else if !slices.Contains(elsewhere, name) {
				words = append(words, wordsOf(inner)...)
			}
		}
	case []any:
		for _, inner := range v {
			words = append(words, wordsOf(inner)...)
		}
	}
	return words
}

// Each kind of block of a rich message gives its words.
func TestEveryRichBlockKeepsItsWords(t *testing.T) {
	s := published(t)
	c := telegram.New(http.DefaultClient)
	for _, kind := range s.Types["RichBlock"].Subtypes {
		if kind == "RichBlockAnchor" { // a place that links lead to, without words
			continue
		}
		t.Run(kind, func(t *testing.T) {
			block := s.sample(kind, "block", true, 1)
			body, _ := json.Marshal(map[string]any{"update_id": 1, "message": map[string]any{
				"message_id": 7, "date": 1767348000, "chat": map[string]any{"id": 5, "type": "private"},
				"rich_message": map[string]any{"blocks": []any{block}},
			}})
			if wrong := wrongMessage(c.Parse(body), "rich_message", block, ""); wrong != "" {
				t.Errorf("%s: %s", body, wrong)
			}
		})
	}
}
