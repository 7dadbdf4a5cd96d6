package telegram

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

// What can never work is refused by the name of its setting, and without its value.
func TestSettingsThatCanNeverWork(t *testing.T) {
	tests := []struct {
		name, setting, value string
		want                 string // in the error; empty: it passes
	}{
		{"a token", token, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", ""},
		{"the URL around a token", token, "https://api.telegram.org/bot110201543:hunter2/getMe", "nothing around it"},
		{"bot before a token", token, "bot110201543:hunter2", "nothing around it"},
		{"a token in quotes", token, `"110201543:hunter2"`, "nothing around it"},
		{"a token with a line end", token, "110201543:hunter2\n", "nothing around it"},
		{"half a token", token, "hunter2", "nothing around it"},
		{"a secret token", secretToken, "my-secret_1", ""},
		{"a secret token with a blank", secretToken, "hunter2 hunter2", "as Telegram requires"},
		{"a secret token with a line end", secretToken, "hunter2\n", "as Telegram requires"},
		{"a previous secret token that is too long", previousSecretToken, strings.Repeat("hunter2", 40), "as Telegram requires"},
		{"the API", baseURL, "https://api.telegram.org", ""},
		{"a server of one's own", baseURL, "http://bot-api:8081/telegram", ""},
		{"the beginning of a bot's", baseURL, "https://api.telegram.org/bot", "without a bot's token"},
		{"a bot's with its token", baseURL, "https://api.telegram.org/bot110201543:hunter2", "without a bot's token"},
		{"a method's", baseURL, "https://api.telegram.org/bot110201543:hunter2/sendMessage", "without a bot's token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkSetting(t, New(http.DefaultClient), tt.setting, tt.value, tt.want) })
	}
}

// So is what a gateway to personal accounts can never take.
func TestSettingsOfAccountsThatCanNeverWork(t *testing.T) {
	tests := []struct {
		name, setting, value string
		want                 string // in the error; empty: it passes
	}{
		{"a token", token, "a-token_of_the-clinic", ""},
		{"a token that is short", token, "hunter2", "16 to 128"},
		{"a token in a path", token, "user/hunter2hunter2hunter2", "16 to 128"},
		{"a secret token with a blank", secretToken, "hunter2 hunter2", "as Telegram requires"},
		{"the gateway", baseURL, "http://tg-gateway:8081", ""},
		{"the gateway below a path", baseURL, "https://gateways.example/telegram", ""},
		{"the URL of an account", baseURL, "http://tg-gateway:8081/userhunter2", "without /user"},
		{"the URL of a method", baseURL, "http://tg-gateway:8081/userhunter2/sendMessage", "without /user"},
		{"no URL", baseURL, "tg-gateway", "must be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkSetting(t, NewPersonal(http.DefaultClient), tt.setting, tt.value, tt.want) })
	}
}

// checkSetting checks a value, and wants the words in the error; empty: it passes.
func checkSetting(t *testing.T, c domain.Connector, name, value, want string) {
	t.Helper()
	all := append(c.HookSettings(), c.ConnectionSettings()...)
	i := slices.IndexFunc(all, func(s domain.Setting) bool { return s.Name == name })
	err := all[i].Check(value)
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("it shows the value: %v", err)
	}
}
