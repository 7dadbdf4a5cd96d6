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

// Each kind of content that the Bot API knows, with its required fields only
// and with all of them, becomes a message with a text or a file and with every
// word of its own, or stands in the table of what is no client's message.
func TestEveryKindOfContentIsAMessage(t *testing.T) {
	s := published(t)
	c := telegram.New(http.DefaultClient)
	notices := telegram.NotClients()
	seen := map[string]bool{}
	for _, f := range s.Types["Message"].Fields {
		if telegram.IsBeside(f.Name) {
			continue
		}
		seen[f.Name] = true
		for _, v := range s.variants(f.Types[0]) {
			t.Run(fmt.Sprintf("%s/%s", f.Name, v), func(t *testing.T) {
				value := s.sample(f.Types[0], f.Name, v, 0)
				body, err := json.Marshal(map[string]any{"update_id": 1, "message": map[string]any{
					"message_id": 7, "date": 1767348000, "chat": map[string]any{"id": 5, "type": "private"}, f.Name: value,
				}})
				if err != nil {
					t.Fatal(err)
				}
				if wrong := wrongMessage(c.Parse(body), f.Name, value, notices[f.Name]); wrong != "" {
					t.Errorf("%s: %s", body, wrong)
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
	said, _ := json.Marshal(m)
	for _, word := range wordsOf(value) {
		if !strings.Contains(string(said), word) {
			return word + " is lost"
		}
	}
	return ""
}

// A variant is a form in which a value is written: with all of its fields, or with
// those that it must have; and as which of several types, where it may have several.
type variant struct {
	full bool
	pick int
}

func (v variant) String() string {
	form := "minimal"
	if v.full {
		form = "full"
	}
	return fmt.Sprintf("%s/%d", form, v.pick)
}

// variants lists the variants that differ for a type.
func (s schema) variants(typ string) []variant {
	var all []variant
	for pick := range s.widest(typ, 0) {
		all = append(all, variant{false, pick}, variant{true, pick})
	}
	return all
}

// widest is how many types the part of a type with the most of them may have.
func (s schema) widest(typ string, depth int) int {
	typ = strings.TrimPrefix(typ, "Array of ")
	d := s.Types[typ]
	most := max(1, len(d.Subtypes))
	if depth > 3 || typ == "RichBlock" { // whose types have a test of their own
		return 1
	}
	for _, f := range d.Fields {
		most = max(most, s.widest(f.Types[0], depth+1))
	}
	for _, subtype := range d.Subtypes {
		most = max(most, s.widest(subtype, depth+1))
	}
	return most
}

// sample makes a value of a published type. Its texts say where they stand.
func (s schema) sample(typ, field string, v variant, depth int) any {
	if item, isArray := strings.CutPrefix(typ, "Array of "); isArray {
		if depth > 5 {
			return []any{}
		}
		return []any{s.sample(item, field, v, depth)}
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
		return s.sample(d.Subtypes[v.pick%len(d.Subtypes)], field, v, depth+1)
	}
	object := map[string]any{}
	for _, f := range d.Fields {
		if !f.Required && (!v.full || depth > 3) {
			continue
		}
		object[f.Name] = s.sample(f.Types[0], f.Name, v, depth+1)
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
			block := s.sample(kind, "block", variant{full: true}, 1)
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

// notRead lists the kinds of updates that are ignored, with the reason.
var notRead = map[string]string{
	"channel_post":           "a channel has readers, not clients",
	"edited_channel_post":    "a channel has readers, not clients",
	"guest_message":          "the bot is a guest in a chat of others",
	"message_reaction_count": "it does not say who reacted",
	"inline_query":           "the bot answers no inline queries",
	"chosen_inline_result":   "the bot answers no inline queries",
	"shipping_query":         "the bot sells nothing by itself",
	"pre_checkout_query":     "the bot sells nothing by itself",
	"purchased_paid_media":   "the payment comes as a message too",
	"poll":                   "it says how many voted, not who",
	"poll_answer":            "it names no chat",
	"chat_member":            "who joins and leaves a chat is no client's message",
	"chat_join_request":      "who joins and leaves a chat is no client's message",
	"chat_boost":             "it concerns a channel, not a client",
	"removed_chat_boost":     "it concerns a channel, not a client",
	"managed_bot":            "it concerns another bot",
}

// Each published kind of update is read, or ignored for a reason. A new one fails here.
func TestEveryKindOfUpdateIsReadOrIgnoredForAReason(t *testing.T) {
	for _, f := range published(t).Types["Update"].Fields {
		reason, ignored := notRead[f.Name]
		read := slices.Contains(telegram.UpdateKinds(), f.Name)
		if f.Name != "update_id" && read == ignored || ignored && reason == "" {
			t.Errorf("%s is read: %t, and ignored because %q", f.Name, read, reason)
		}
	}
}
