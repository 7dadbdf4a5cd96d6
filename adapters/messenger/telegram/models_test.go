package telegram_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	gocmp "github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// An independent decoder reads the same out of our payloads, and what we send
// into the Bot API's own words.
func TestAnotherDecoderAgrees(t *testing.T) {
	c := telegram.New(http.DefaultClient)
	for name, body := range connectortest.Payloads(t) {
		if strings.HasPrefix(name, "bad_") || strings.HasPrefix(name, "odd_") || strings.HasPrefix(name, "new_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var u models.Update
			if err := json.Unmarshal(body, &u); err != nil {
				t.Fatal(err)
			}
			var got string
			for _, u := range c.Parse(body).Updates {
				got = fmt.Sprintf("%s at %d", nameOfFact(u.Fact), u.At.Unix())
			}
			want := theirs(u)
			if strings.HasPrefix(name, "ignored_") {
				want = ""
			}
			if got != want {
				t.Errorf("we read\n\t%s\nwant\n\t%s", got, want)
			}
		})
	}
}

// nameOfFact writes a fact in a line.
func nameOfFact(fact domain.Fact) string {
	switch f := fact.(type) {
	case domain.MessageArrived:
		file := ""
		if f.Media != nil {
			file = fmt.Sprint(f.Media.ID, " ", f.Media.Size)
		}
		text := f.Text
		switch f.Type { // the rest has no text of Telegram's
		case domain.TypeSticker, domain.TypeContacts, domain.TypeLocation, domain.TypeUnsupported, domain.TypeButton:
			text = ""
		}
		return fmt.Sprintf("message %s, group %t, name %q, text %q, reply %q, file %q", f.ProviderID, f.IsGroup, f.Contact, text, f.ReplyTo, file)
	case domain.MessageEdited:
		if strings.Count(f.Text, ",") == 1 && strings.Contains(f.Text, ".") { // a place
			f.Text = ""
		}
		return fmt.Sprintf("edit of %s, text %q", f.ProviderID, f.Text)
	case domain.MessageReacted:
		return fmt.Sprintf("reaction to %s by %s: %s", f.ProviderID, f.By, f.Emoji)
	case domain.PeerMigrated:
		return fmt.Sprintf("move of %s to %s", f.Peer, f.To)
	}
	return fmt.Sprintf("%T", fact)
}

// theirs writes in the same way what the decoder read.
func theirs(u models.Update) string {
	switch {
	case u.Message != nil && u.Message.MigrateToChatID != 0:
		return fmt.Sprintf("move of %d to %d at %d", u.Message.Chat.ID, u.Message.MigrateToChatID, u.Message.Date)
	case u.Message != nil && u.Message.MigrateFromChatID != 0:
		return fmt.Sprintf("move of %d to %d at %d", u.Message.MigrateFromChatID, u.Message.Chat.ID, u.Message.Date)
	case u.Message != nil:
		m := u.Message
		group := m.Chat.Type == models.ChatTypeGroup || m.Chat.Type == models.ChatTypeSupergroup
		name := cmp.Or(m.Chat.Title, strings.TrimSpace(m.Chat.FirstName+" "+m.Chat.LastName))
		contact := domain.Contact{Name: name, Username: m.Chat.Username}
		text := strings.ReplaceAll(m.Text+m.Caption, "\x00", "\uFFFD")
		if m.PaidMedia != nil { // it is unsupported
			text = ""
		}
		return fmt.Sprintf("message %d/%d, group %t, name %q, text %q, reply %q, file %q at %d",
			m.Chat.ID, m.ID, group, contact, text, theirReply(m), theirFile(m), m.Date)
	case u.EditedMessage != nil:
		m := u.EditedMessage
		return fmt.Sprintf("edit of %d/%d, text %q at %d", m.Chat.ID, m.ID, m.Text+m.Caption, m.EditDate)
	case u.BusinessMessage != nil:
		m := u.BusinessMessage
		contact := domain.Contact{Name: m.Chat.FirstName + " " + m.Chat.LastName, Username: m.Chat.Username}
		return fmt.Sprintf("message %d/b:%s/%d, group false, name %q, text %q, reply %q, file %q at %d",
			m.Chat.ID, m.BusinessConnectionID, m.ID, contact, m.Text, theirReply(m), theirFile(m), m.Date)
	case u.CallbackQuery != nil:
		m := u.CallbackQuery.Message.Message
		contact := domain.Contact{Name: m.Chat.FirstName + " " + m.Chat.LastName, Username: m.Chat.Username}
		return fmt.Sprintf("message %d/q%s, group false, name %q, text \"\", reply \"%d/%d\", file \"\" at %d",
			m.Chat.ID, u.CallbackQuery.ID, contact, m.Chat.ID, m.ID, time.Time{}.Unix())
	case u.MyChatMember != nil:
		return fmt.Sprintf("domain.PeerRefused at %d", u.MyChatMember.Date)
	case u.BusinessConnection != nil:
		return fmt.Sprintf("domain.ConnectionSignaled at %d", u.BusinessConnection.Date)
	case u.DeletedBusinessMessages != nil:
		return fmt.Sprintf("domain.MessageDeleted at %d", time.Time{}.Unix())
	case u.MessageReaction != nil:
		return theirReaction(u.MessageReaction)
	}
	return ""
}

func theirReply(m *models.Message) string {
	if m.ReplyToMessage == nil || m.ReplyToMessage.ForumTopicCreated != nil {
		return ""
	}
	return fmt.Sprintf("%d/%d", m.ReplyToMessage.Chat.ID, m.ReplyToMessage.ID)
}

func theirFile(m *models.Message) string {
	file := func(id string, size any) string { return fmt.Sprint(id, " ", size) }
	switch {
	case m.Animation != nil:
		return file(m.Animation.FileID, m.Animation.FileSize)
	case m.Voice != nil:
		return file(m.Voice.FileID, m.Voice.FileSize)
	case m.Audio != nil:
		return file(m.Audio.FileID, m.Audio.FileSize)
	case m.Document != nil:
		return file(m.Document.FileID, m.Document.FileSize)
	case m.Video != nil:
		return file(m.Video.FileID, m.Video.FileSize)
	case m.VideoNote != nil:
		return file(m.VideoNote.FileID, m.VideoNote.FileSize)
	case m.Sticker != nil:
		return file(m.Sticker.FileID, m.Sticker.FileSize)
	}
	var largest models.PhotoSize
	for _, p := range m.Photo {
		if p.Width > largest.Width {
			largest = p
		}
	}
	if largest.FileID == "" {
		return ""
	}
	return file(largest.FileID, largest.FileSize)
}

func theirReaction(r *models.MessageReactionUpdated) string {
	by := int64(0)
	if r.User != nil {
		by = r.User.ID
	}
	if r.ActorChat != nil {
		by = r.ActorChat.ID
	}
	emoji := ""
	for _, reaction := range r.NewReaction {
		if reaction.ReactionTypeEmoji != nil {
			emoji = reaction.ReactionTypeEmoji.Emoji
		}
	}
	if emoji == "" && len(r.NewReaction) > 0 {
		emoji = "⭐"
	}
	return fmt.Sprintf("reaction to %d/%d by %d: %s at %d", r.Chat.ID, r.MessageID, by, emoji, r.Date)
}

func TestAnotherDecoderReadsWhatWeSend(t *testing.T) {
	s := newServer(t, takenIn(3527065, 77))
	telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), message(replying("3527065/41")))
	_, bodies := s.got()
	var sent bot.SendMessageParams
	decoder := json.NewDecoder(bytes.NewReader(bodies[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&sent); err != nil {
		t.Fatal(err)
	}
	want := bot.SendMessageParams{
		ChatID: 3527065.0, Text: "Hola <b> & ñ",
		ReplyParameters: &models.ReplyParameters{MessageID: 41, AllowSendingWithoutReply: true},
	}
	if diff := gocmp.Diff(want, sent); diff != "" {
		t.Errorf("we sent (-want +got):\n%s", diff)
	}
}
