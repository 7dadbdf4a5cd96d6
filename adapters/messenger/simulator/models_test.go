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
