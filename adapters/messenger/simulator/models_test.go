package simulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	gocmp "github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// An independent decoder reads in every update of Telegram what our connector does.
func TestAnotherDecoderAgrees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Pace, cfg.Connections, cfg.Crowd = time.Second, []simulator.Connection{oneBot}, 4
		w, stop := play(t, cfg)
		for range 300 {
			w.send(t, domain.TelegramBot, "487120391", "¿Qué tal?") // replies come to it
			time.Sleep(time.Second)
		}
		stop()
		replies, presses := 0, 0
		last := int64(0)
		for _, hook := range w.recado.webhooks() {
			var u models.Update
			decoder := json.NewDecoder(strings.NewReader(string(hook.body)))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&u); err != nil {
				t.Fatalf("%v: %s", err, hook.body)
			}
			m, ok := hook.facts[0].(domain.MessageArrived)
			said := u.Message
			if u.CallbackQuery != nil {
				presses++
				said = u.CallbackQuery.Message.Message
			}
			if !ok || said == nil {
				t.Fatalf("no message: %s", hook.body)
			}
			if said.ReplyToMessage != nil {
				replies++
			}
			theirs := messageOf(said)
			if u.CallbackQuery != nil {
				theirs = pressOf(u.CallbackQuery)
			}
			if diff := gocmp.Diff(theirs, m); diff != "" {
				t.Errorf("we read otherwise (-them +us):\n%s", diff)
			}
			if u.ID < last {
				t.Errorf("update %d came after %d", u.ID, last)
			}
			last = u.ID
			if private := u.CallbackQuery != nil || said.Chat.ID == said.From.ID; private == m.IsGroup {
				t.Errorf("chat %d of user %d", said.Chat.ID, said.From.ID)
			}
		}
		if n := len(w.recado.webhooks()); n < 150 || replies == 0 || presses == 0 {
			t.Errorf("%d updates came, with %d replies and %d presses", n, replies, presses)
		}
	})
}

// messageOf says what a message means, as the other decoder reads it.
func messageOf(m *models.Message) domain.MessageArrived {
	theirs := domain.MessageArrived{
		Peer: domain.PeerID(fmt.Sprint(m.Chat.ID)), IsGroup: m.Chat.Type == models.ChatTypeSupergroup,
		Contact: domain.Contact{
			Name:     m.Chat.Title + strings.TrimSpace(m.Chat.FirstName+" "+m.Chat.LastName),
			Username: m.Chat.Username,
		},
		Direction: domain.Inbound, Type: domain.TypeText, Text: m.Text, ProviderID: nameOf(m),
	}
	if from := m.From; theirs.IsGroup && from != nil {
		theirs.Author = &domain.Author{
			ID: domain.PeerID(fmt.Sprint(from.ID)), Name: strings.TrimSpace(from.FirstName + " " + from.LastName), Username: from.Username,
		}
	}
	if r := m.ReplyToMessage; r != nil && r.From.ID == 110201543 && r.From.IsBot && r.Text == "¿Qué tal?" {
		theirs.ReplyTo = nameOf(r)
	}
	return theirs
}

// pressOf says what a press means: it is a message of who pressed.
func pressOf(q *models.CallbackQuery) domain.MessageArrived {
	under := q.Message.Message
	theirs := messageOf(under)
	label := under.ReplyMarkup.InlineKeyboard[0][0].Text
	theirs.Type, theirs.Text, theirs.Press, theirs.ReplyTo = domain.TypeButton, label, q.ID, nameOf(under)
	theirs.ProviderID = domain.ProviderID(fmt.Sprintf("%d/q%s", under.Chat.ID, q.ID))
	theirs.Content = &domain.Content{Button: &domain.Button{ID: q.Data, Title: label}}
	return theirs
}

func nameOf(m *models.Message) domain.ProviderID {
	return domain.ProviderID(fmt.Sprintf("%d/%d", m.Chat.ID, m.ID))
}

// A client of the Bot API that knows nothing of us sends, and understands the answer.
func TestAnotherClientSends(t *testing.T) {
	s := simulator.New(config())
	b, err := bot.New(botToken, bot.WithSkipGetMe(), bot.WithServerURL("http://simulator/telegram"), bot.WithHTTPClient(time.Second, clientOf(s)))
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 487120391, Text: "Hola <b> & ñ 👋"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.SendMessage(t.Context(), &bot.SendMessageParams{
		ChatID: "@martagil", Text: "¿Qué tal?",
		ReplyParameters: &models.ReplyParameters{MessageID: first.ID, AllowSendingWithoutReply: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if first.Text != "Hola <b> & ñ 👋" || first.Chat.ID != 487120391 || first.Chat.FirstName != "Marta" || first.From.ID != 110201543 {
		t.Errorf("the message is %+v", first)
	}
	if second.Chat.ID != first.Chat.ID || second.ID != first.ID+1 || second.ReplyToMessage == nil || second.ReplyToMessage.ID != first.ID {
		t.Errorf("the reply is %+v", second)
	}
	_, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 487120002, Text: "Hola"})
	var tooMany *bot.TooManyRequestsError
	if !errors.As(err, &tooMany) || tooMany.RetryAfter != 1 {
		t.Errorf("who is throttled gives %v", err)
	}
	_, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 487120006, Text: "Hola"})
	if err == nil || !strings.Contains(err.Error(), "bot was blocked by the user") {
		t.Errorf("who blocked us gives %v", err)
	}
}

// The same client sends every kind of message that Recado sends, and finds in each
// answer what it sent.
func TestAnotherClientSendsEveryKind(t *testing.T) {
	s := simulator.New(config())
	b, err := bot.New(botToken, bot.WithSkipGetMe(), bot.WithServerURL("http://simulator/telegram"), bot.WithHTTPClient(time.Second, clientOf(s)))
	if err != nil {
		t.Fatal(err)
	}
	const marta = 487120391
	file := func() models.InputFile {
		return &models.InputFileUpload{Filename: "a.bin", Data: strings.NewReader("0123456789")}
	}
	keys := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{Text: "Sí", CallbackData: "yes"}}, {{Text: "Ver", URL: "https://example.com/"}},
	}}
	ctx := t.Context()
	for name, send := range map[string]func() (*models.Message, error){
		`photo "Hola" 10`: func() (*models.Message, error) {
			return b.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: marta, Photo: file(), Caption: "Hola"})
		},
		`video "Hola" 10`: func() (*models.Message, error) {
			return b.SendVideo(ctx, &bot.SendVideoParams{ChatID: marta, Video: file(), Caption: "Hola"})
		},
		`audio "Hola" 10`: func() (*models.Message, error) {
			return b.SendAudio(ctx, &bot.SendAudioParams{ChatID: marta, Audio: file(), Caption: "Hola"})
		},
		`voice "Hola" 10`: func() (*models.Message, error) {
			return b.SendVoice(ctx, &bot.SendVoiceParams{ChatID: marta, Voice: file(), Caption: "Hola"})
		},
		`document "Hola" 10`: func() (*models.Message, error) {
			return b.SendDocument(ctx, &bot.SendDocumentParams{ChatID: marta, Document: file(), Caption: "Hola"})
		},
		`place 40.4168 -3.7038`: func() (*models.Message, error) {
			return b.SendLocation(ctx, &bot.SendLocationParams{ChatID: marta, Latitude: 40.4168, Longitude: -3.7038})
		},
		`venue Sol, Madrid 40.4168 -3.7038`: func() (*models.Message, error) {
			return b.SendVenue(ctx, &bot.SendVenueParams{ChatID: marta, Latitude: 40.4168, Longitude: -3.7038, Title: "Sol", Address: "Madrid"})
		},
		`contact Ada +34600110022`: func() (*models.Message, error) {
			return b.SendContact(ctx, &bot.SendContactParams{ChatID: marta, PhoneNumber: "+34600110022", FirstName: "Ada"})
		},
		`text "¿Viene?" with Sí=yes Ver=https://example.com/`: func() (*models.Message, error) {
			return b.SendMessage(ctx, &bot.SendMessageParams{ChatID: marta, Text: "¿Viene?", ReplyMarkup: keys})
		},
	} {
		m, err := send()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := kindOf(m); got != name || m.ID == 0 || m.Chat.ID != marta {
			t.Errorf("the answer to %s is %s: %+v", name, got, m)
		}
	}
}

// kindOf describes a message that was sent, as the other decoder reads it.
func kindOf(m *models.Message) string {
	file := func(kind, id string, size int64) string {
		if id == "" {
			return kind + " without a name"
		}
		return fmt.Sprintf("%s %q %d", kind, m.Caption, size)
	}
	switch {
	case len(m.Photo) > 0:
		return file("photo", m.Photo[0].FileID, int64(m.Photo[0].FileSize))
	case m.Video != nil:
		return file("video", m.Video.FileID, m.Video.FileSize)
	case m.Audio != nil:
		return file("audio", m.Audio.FileID, m.Audio.FileSize)
	case m.Voice != nil:
		return file("voice", m.Voice.FileID, m.Voice.FileSize)
	case m.Document != nil:
		return file("document", m.Document.FileID, m.Document.FileSize)
	case m.Venue != nil:
		return fmt.Sprint("venue ", m.Venue.Title, ", ", m.Venue.Address, " ", m.Venue.Location.Latitude, " ", m.Venue.Location.Longitude)
	case m.Location != nil:
		return fmt.Sprint("place ", m.Location.Latitude, " ", m.Location.Longitude)
	case m.Contact != nil:
		return fmt.Sprint("contact ", m.Contact.FirstName, " ", m.Contact.PhoneNumber)
	}
	text := fmt.Sprintf("text %q with", m.Text)
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			text += fmt.Sprint(" ", row[0].Text, "=", row[0].CallbackData, row[0].URL)
		}
	}
	return text
}

// It also changes what it sent, and reads what a person sent.
func TestAnotherClientChangesAndFetches(t *testing.T) {
	s := simulator.New(config())
	b, err := bot.New(botToken, bot.WithSkipGetMe(), bot.WithServerURL("http://simulator/telegram"), bot.WithHTTPClient(time.Second, clientOf(s)))
	if err != nil {
		t.Fatal(err)
	}
	const marta = 487120391
	ctx := t.Context()
	sent, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: marta, Text: "Hola"})
	if err != nil {
		t.Fatal(err)
	}
	edited, err := b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: marta, MessageID: sent.ID, Text: "Adiós"})
	if err != nil || edited.ID != sent.ID || edited.Text != "Adiós" {
		t.Errorf("the edit is %+v, %v", edited, err)
	}
	reaction := []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Type: models.ReactionTypeTypeEmoji, Emoji: "👍"}}}
	if done, err := b.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: marta, MessageID: sent.ID, Reaction: reaction}); err != nil || !done {
		t.Errorf("the reaction: %v, %v", done, err)
	}
	if done, err := b.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: marta, MessageID: sent.ID}); err != nil || !done {
		t.Errorf("the delete: %v, %v", done, err)
	}
	_, err = b.GetFile(ctx, &bot.GetFileParams{FileID: "AgACAgQAAxkBAAI_" + simulator.Photo.Name})
	if err != nil {
		t.Errorf("a file: %v", err)
	}
}

// What the parameters of that library become in JSON is understood too.
func TestAnotherClientsJSON(t *testing.T) {
	w := &world{Simulator: simulator.New(config())}
	body, err := json.Marshal(bot.SendMessageParams{
		ChatID: 487120391, Text: "Hola", ReplyParameters: &models.ReplyParameters{MessageID: 41, AllowSendingWithoutReply: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	status, said := w.raw(t, "/telegram/bot"+botToken+"/sendMessage", "", "application/json", string(body))
	var answer struct {
		OK     bool
		Result models.Message
	}
	if err := json.Unmarshal([]byte(said), &answer); err != nil || status != http.StatusOK || !answer.OK || answer.Result.Text != "Hola" {
		t.Errorf("status %d, %v: %s", status, err, said)
	}
}
