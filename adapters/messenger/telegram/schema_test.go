package telegram_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// A schema is the published description of the Bot API. It is no JSON Schema:
// types are words such as "Array of PhotoSize".
type schema struct{ Types, Methods map[string]described }

type described struct {
	Fields   []describedField
	Subtypes []string // it is one of these
}

type describedField struct {
	Name     string
	Types    []string
	Required bool
}

// published reads the schema from the folder that RECADO_CONTRACTS names, a
// path of the machine or from the root of the module. Without it the test is
// skipped.
func published(t *testing.T) schema {
	t.Helper()
	folder := os.Getenv("RECADO_CONTRACTS")
	if folder == "" {
		t.Skip("RECADO_CONTRACTS is not set: the Bot API's schema is not read")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", folder)
	}
	data, err := os.ReadFile(filepath.Join(folder, "telegram-bot-api-10.1.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// wrong lists how a value is none of the types; at names its place.
func (s schema) wrong(at string, types []string, v any) []string {
	var all []string
	for _, typ := range types {
		wrong := s.wrongAs(at, typ, v)
		if len(wrong) == 0 {
			return nil
		}
		all = append(all, wrong...)
	}
	return all
}

func (s schema) wrongAs(at, typ string, v any) []string {
	if item, isArray := strings.CutPrefix(typ, "Array of "); isArray {
		list, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want %s", at, v, typ)}
		}
		var all []string
		for i, v := range list {
			all = append(all, s.wrongAs(fmt.Sprintf("%s[%d]", at, i), item, v)...)
		}
		return all
	}
	ok := false
	switch typ {
	case "Integer":
		n, isNumber := v.(json.Number)
		_, err := n.Int64()
		ok = isNumber && err == nil
	case "Float":
		_, ok = v.(json.Number)
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	case "True":
		ok = v == true
	default:
		object, isObject := v.(map[string]any)
		d, known := s.Types[typ]
		if isObject && known {
			return s.wrongObject(at, typ, d, object)
		}
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, want %s", at, v, typ)}
}

func (s schema) wrongObject(at, name string, d described, object map[string]any) []string {
	if len(d.Subtypes) > 0 {
		return s.wrong(at, d.Subtypes, object)
	}
	var all []string
	known := map[string]bool{}
	for _, f := range d.Fields {
		known[f.Name] = true
		if v, told := object[f.Name]; told {
			all = append(all, s.wrong(at+"."+f.Name, f.Types, v)...)
		} else if f.Required {
			all = append(all, at+"."+f.Name+" is missing")
		}
	}
	for field := range object {
		if !known[field] {
			all = append(all, fmt.Sprintf("%s.%s is no field of %s", at, field, name))
		}
	}
	return all
}

func numbered(t *testing.T, body []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatWeSendConforms(t *testing.T) {
	s := published(t)
	for _, m := range []domain.Outgoing{
		message(), message(replying("3527065/41")), message(to("@deltaller"), replying("-1002012345678/8")),
	} {
		server := newServer(t, takenIn(3527065, 77))
		telegram.New(http.DefaultClient).Send(t.Context(), connection(server.URL), m)
		_, bodies := server.got()
		body := numbered(t, bodies[0]).(map[string]any)
		if wrong := s.wrongObject("body", "sendMessage", s.Methods["sendMessage"], body); len(wrong) > 0 {
			t.Errorf("to %s: %s\n%s", m.Peer, strings.Join(wrong, "\n"), bodies[0])
		}
	}
}

// Our payloads are updates of the published form, but for those that are meant
// to be none. The form does not say that somebody must have reacted.
func TestPayloadsConform(t *testing.T) {
	s := published(t)
	for name, body := range connectortest.Payloads(t) {
		wrong := s.wrongAs("update", "Update", numbered(t, body))
		meant := strings.HasPrefix(name, "bad_") && name != "bad_reaction_of_nobody" || name == "unknown_content" || name == "unknown_kind"
		if meant != (len(wrong) > 0) {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}

// Each field of a message is known here as what it is, so that a service
// message is never shown as one that somebody wrote.
func TestFieldsOfAMessageAreKnown(t *testing.T) {
	read := []string{
		"text", "caption", "voice", "audio", "photo", "document", "video", "video_note", "animation", "sticker", "contact", "location", "venue",
	}
	unsupported := []string{
		"rich_message", "live_photo", "paid_media", "story", "checklist", "dice", "game", "poll", "invoice", "giveaway", "giveaway_winners",
	}
	around := []string{
		"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot",
		"sender_tag", "date", "guest_query_id", "business_connection_id", "chat", "forward_origin", "is_topic_message",
		"is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id",
		"reply_to_poll_option_id", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
		"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities",
		"link_preview_options", "suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
		"has_media_spoiler", "reply_markup",
	}
	c := telegram.New(http.DefaultClient)
	for _, f := range published(t).Types["Message"].Fields {
		if slices.Contains(around, f.Name) || slices.Contains(read, f.Name) {
			continue
		}
		value := map[string]string{"Integer": "5", "Boolean": "true", "True": "true", "String": `"x"`}[f.Types[0]]
		if value == "" {
			value = "{}"
		}
		p := c.Parse(fmt.Appendf(nil, `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},%q:%s}}`, f.Name, value))
		shown := false
		for _, u := range p.Updates {
			_, shown = u.Fact.(domain.MessageArrived)
		}
		if len(p.Bad) > 0 || shown != slices.Contains(unsupported, f.Name) {
			t.Errorf("%s gives %+v", f.Name, p)
		}
	}
}
