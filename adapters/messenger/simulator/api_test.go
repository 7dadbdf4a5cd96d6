package simulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"recado/adapters/messenger/simulator"
)

func TestMetaRefusesWhatIsWrong(t *testing.T) {
	w := &world{Simulator: simulator.New(config())}
	const path = "/meta/v23.0/" + number + "/messages"
	message := func(more string) string {
		return `{"messaging_product":"whatsapp","to":"+34600110222","type":"text","text":{"body":"Hola"}` + more + `}`
	}
	long := strings.Repeat("ñ", 4097)
	tests := []struct {
		name, path, token, body string
		status, code            int
	}{
		{"nothing wrong", path, waToken, message(""), 200, 0},
		{"a version that comes later", "/meta/v26.0/" + number + "/messages", waToken, message(""), 200, 0},
		{"another token", path, "guess", message(""), 401, 190},
		{"no token", path, "", message(""), 401, 190},
		{"another number", "/meta/v23.0/200/messages", waToken, message(""), 400, 33},
		{"another call", "/meta/v23.0/" + number + "/templates", waToken, message(""), 404, 2500},
		{"not JSON", path, waToken, "{", 400, 100},
		{"not Meta's", path, waToken, `{"to":"+34600110222"}`, 400, 100},
		{"to nobody", path, waToken, message(`,"to":""`), 400, 100},
		{"to a word", path, waToken, message(`,"to":"ana"`), 400, 100},
		{"to a group", path, waToken, message(`,"recipient_type":"group"`), 400, 131041},
		{"a template", path, waToken, `{"messaging_product":"whatsapp","to":"+34600110222","type":"template","template":{"name":"saludo","language":{"code":"es"}}}`, 200, 0},
		{"a template without a language", path, waToken, `{"messaging_product":"whatsapp","to":"+34600110222","type":"template","template":{"name":"saludo"}}`, 400, 100},
		{"a template that does not exist", path, waToken, `{"messaging_product":"whatsapp","to":"+34600110222","type":"template","template":{"name":"unknown_name","language":{"code":"es"}}}`, 404, 132001},
		{"an image", path, waToken, message(`,"type":"image"`), 400, 100},
		{"no text", path, waToken, message(`,"text":{"body":""}`), 400, 100},
		{"a text too long", path, waToken, message(`,"text":{"body":"` + long + `"}`), 400, 100},
		{"a text as long as may be", path, waToken, message(`,"text":{"body":"` + long[2:] + `"}`), 200, 0},
		{"more than is read", path, waToken, message(`,"x":"` + strings.Repeat("x", 1<<20) + `"`), 400, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, said := w.raw(t, test.path, test.token, "application/json", test.body)
			want := `"messages":[{"id":"wamid.`
			if test.code != 0 {
				want = fmt.Sprintf(`{"error":{"code":%d,`, test.code)
			}
			if status != test.status || !strings.Contains(said, want) {
				t.Errorf("status %d, want %d with %s: %s", status, test.status, want, said)
			}
		})
	}
}

func TestTelegramRefusesWhatIsWrong(t *testing.T) {
	w := &world{Simulator: simulator.New(config())}
	const path = "/telegram/bot" + botToken + "/sendMessage"
	form := url.Values{"chat_id": {"487120391"}, "text": {"Hola"}}.Encode()
	const asForm, asJSON = "application/x-www-form-urlencoded", "application/json"
	tests := []struct {
		name, path, contentType, body string
		status                        int
		description                   string
	}{
		{"nothing wrong", path, asForm, form, 200, ""},
		{"in the address", path + "?" + form, asForm, "", 200, ""},
		{"another token", "/telegram/bot1:x/sendMessage", asForm, form, 401, "Unauthorized"},
		{"no bot", "/telegram/sendMessage", asForm, form, 404, "Not Found"},
		{"another call", "/telegram/bot" + botToken + "/getUpdates", asForm, form, 404, "Not Found"},
		{"not JSON", path, asJSON, "{", 400, "Bad Request: can't parse the request"},
		{"to nobody", path, asJSON, `{"text":"Hola"}`, 400, "Bad Request: chat_id is empty"},
		{"no text", path, asJSON, `{"chat_id":487120391}`, 400, "Bad Request: message text is empty"},
		{"a text too long", path, asJSON, `{"chat_id":487120391,"text":"` + strings.Repeat("ñ", 4097) + `"}`, 400, "Bad Request: message is too long"},
		{"a reply to a word", path, asJSON, `{"chat_id":1,"text":"Hola","reply_parameters":7}`, 400, "Bad Request: can't parse reply parameters JSON object"},
		{"to a word", path, asJSON, `{"chat_id":"ana","text":"Hola"}`, 400, "Bad Request: chat not found"},
		{"more than a number holds", path, asJSON, `{"chat_id":99999999999999999999,"text":"Hola"}`, 400, "Bad Request: chat not found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, said := w.raw(t, test.path, "", test.contentType, test.body)
			want := `"ok":true`
			if test.description != "" {
				want = fmt.Sprintf(`{"description":%q,"error_code":%d,"ok":false}`, test.description, test.status)
			}
			if status != test.status || !strings.Contains(said, want) {
				t.Errorf("status %d, want %d with %s: %s", status, test.status, want, said)
			}
		})
	}
}

func TestClientsThatCannotWrite(t *testing.T) {
	numbers := config()
	numbers.Connections = []simulator.Connection{metaNumber}
	s := simulator.New(numbers)
	tests := []struct {
		name string
		do   func() (string, error)
		want string
	}{
		{"a name of nobody", func() (string, error) { return s.Client("Nadie").Writes("Hola") }, `client "Nadie": nobody is called so`},
		{"no bot to write to", func() (string, error) { return s.Client("Marta").Writes("Hola") }, "client Marta Gil: there is no account to write to"},
		{"another number", func() (string, error) { return s.Client("Sheena").WritesTo("200", "Hola") }, "client Sheena Nelson: there is no account to write to"},
		{"nothing", func() (string, error) { return s.Client("Sheena").Writes("") }, "a text of 0 characters"},
		{"the number by its name", func() (string, error) { return s.Client("Sheena").WritesTo(number, "Hola") }, "<nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := test.do(); fmt.Sprint(err) != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}
