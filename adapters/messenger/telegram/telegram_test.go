package telegram_test

import (
	"net/http"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

const (
	botToken     = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

var hook = domain.Settings{"secret_token": "secret-of_acme", "previous_secret_token": "former-secret"}

func connection(baseURL string) domain.Connection {
	return domain.Connection{
		ID: "bot-1", Kind: domain.TelegramBot, Hook: "bot-1",
		Settings: domain.Settings{
			"token": botToken, "secret_token": "secret-of_acme", "previous_secret_token": "former-secret",
			"base_url": domain.Secret(baseURL),
		},
	}
}

// taken is the answer to a message that Telegram took.
const taken = `{"ok":true,"result":{"message_id":77,"from":{"id":110201543,"is_bot":true,"first_name":"ACME"},
	"chat":{"id":16505551234,"first_name":"Sheena","type":"private"},"date":1767348000,"text":"Hola"}}`

// made is the answer to a message with a file that Telegram took.
func made(typ domain.MessageType) connectortest.Reply {
	file := map[domain.MessageType]string{
		domain.TypeImage: `"photo":[{"file_id":"small","file_unique_id":"s","width":90,"height":90},{"file_id":"large","file_unique_id":"l","width":800,"height":800}]`,
		domain.TypeVideo: `"video":{"file_id":"v","file_unique_id":"v","width":1,"height":1,"duration":1}`,
		domain.TypeAudio: `"audio":{"file_id":"a","file_unique_id":"a","duration":1}`,
		domain.TypeVoice: `"voice":{"file_id":"o","file_unique_id":"o","duration":1}`,
		domain.TypeFile:  `"document":{"file_id":"d","file_unique_id":"d"}`,
	}[typ]
	return connectortest.Reply{Status: 200, Body: strings.Replace(taken, `"text":"Hola"`, file, 1)}
}

func TestConnector(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		Kind: domain.TelegramBot,
		New:  func(client *http.Client) domain.Connector { return telegram.New(client) },
		Hook: hook, Current: "secret_token", Previous: "previous_secret_token",
		Sign: func(secret domain.Secret, _ []byte) http.Header {
			return http.Header{secretHeader: {string(secret)}}
		},
		TokenOnly:  true,
		Connection: connection,
		Accepted:   connectortest.Reply{Status: 200, Body: taken},
		AcceptedID: "16505551234/77",
		Refused:    func(words string) connectortest.Reply { return says(400, words) },
		Uploaded:   made,
		Forgotten:  says(400, "Bad Request: wrong file identifier/HTTP URL specified"),
		WhereIs: func(string) connectortest.Reply {
			return connectortest.Reply{Status: 200, Body: `{"ok":true,"result":{"file_id":"photo-1","file_unique_id":"a","file_path":"../photos/file_1.png"}}`}
		},
		FilePath:     "/file/bot" + string(connection("").Settings["token"]) + "/photos/file_1.png",
		FailureTable: answers,
		Shape:        shape,
	})
}

func FuzzParse(f *testing.F) {
	for _, body := range connectortest.Payloads(f) {
		f.Add(body)
	}
	c := telegram.New(http.DefaultClient)
	f.Fuzz(func(t *testing.T, body []byte) { connectortest.Sound(t, c, body) })
}
