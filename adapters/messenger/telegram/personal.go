package telegram

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A Personal speaks to the gateway of every connection of domain.TelegramPersonal:
// GATEWAY.md is the contract.
type Personal struct{ api }

var (
	_ domain.Connector  = (*Personal)(nil)
	_ domain.Namer      = (*Personal)(nil)
	_ domain.Watcher    = (*Personal)(nil)
	_ domain.Unofficial = (*Personal)(nil)
)

// NewPersonal returns a Personal that sends as New's Connector does.
func NewPersonal(client *http.Client) *Personal { return &Personal{api{wire.New(client), people}} }

// people is what a gateway speaks.
var people = &dialect{
	kind: domain.TelegramPersonal, path: "user", read: readAccountUpdate, rules: accountRules, limits: accountLimits, clientIDs: true,
}

// ConnectionSettings lists what an account needs. The gateway knows the same token and
// the same secret.
func (*Personal) ConnectionSettings() []domain.Setting {
	return []domain.Setting{
		{Name: token, Check: checkAccountToken},
		{Name: secretToken, Check: checkSecretToken},
		{Name: previousSecretToken, Optional: true, Check: checkSecretToken},
		{Name: baseURL, Public: true, Check: checkGatewayURL},
		domain.PaceSetting,
	}
}

var (
	accountToken = regexp.MustCompile(`^[A-Za-z0-9:_-]{16,128}$`)
	accountPath  = regexp.MustCompile(`(?i)/(user[^/]*|(get|send|delete|edit)[a-z]+)/?$`)
)

func checkAccountToken(text string) error {
	if !accountToken.MatchString(text) {
		return errors.New("must be the token that the gateway has for the account: 16 to 128 of A-Z a-z 0-9 : _ -")
	}
	return nil
}

// checkGatewayURL finds the URL of an account or of a method in the place of the gateway's.
func checkGatewayURL(text string) error {
	if accountPath.MatchString(text) {
		return errors.New("must be the URL of the gateway, such as http://tg-gateway:8081, without /user, a token and a method")
	}
	return domain.CheckBaseURL(text)
}

// Pace is slow on purpose: Telegram states no limits for people, and bans those who
// write like machines.
func (*Personal) Pace() domain.Pace {
	return domain.Pace{
		Connection: domain.Rate{Every: 2 * time.Second, Burst: 5},
		Pair:       domain.Per(1, time.Second, 3),
		Group:      domain.Per(20, time.Minute, 5),
	}
}

// NameOf returns what a message is called until the gateway gives it Telegram's name.
// No name of Telegram's has this form.
func (*Personal) NameOf(_ domain.ConnectionID, m domain.MessageID) domain.ProviderID {
	return domain.ProviderID("client:" + m)
}

// Risk says what linking an account may cost.
func (*Personal) Risk() string {
	return "a gateway is no program of Telegram, which watches accounts that use one, and may ban them, some at the first login."
}

// accountLimits are those of the Bot API, but for the sizes. The gateway takes voice
// messages in the form of Telegram's own programs only.
var accountLimits = []domain.Limit{
	{Type: domain.TypeText, Text: 4096, UTF16: true},
	{Type: domain.TypeImage, Text: 1024, UTF16: true, Size: 10 * mebibyte, MIMEs: []string{"image/jpeg", "image/png", "image/webp", "image/bmp"}},
	{Type: domain.TypeVideo, Text: 1024, UTF16: true, Size: 2000 * mebibyte, MIMEs: []string{"video/mp4"}},
	{Type: domain.TypeAudio, Text: 1024, UTF16: true, Size: 2000 * mebibyte, MIMEs: []string{"audio/mpeg", "audio/mp4", "audio/x-m4a"}},
	{Type: domain.TypeVoice, Text: 1024, UTF16: true, Size: 2000 * mebibyte, MIMEs: []string{"audio/ogg"}},
	{Type: domain.TypeFile, Text: 1024, UTF16: true, Size: 2000 * mebibyte},
	{Type: domain.TypeLocation},
	{Type: domain.TypeContacts, Contacts: 1},
	{Type: domain.TypeReaction, Text: 16, UTF16: true},
	{Type: domain.TypeEdit, Text: 4096, UTF16: true},
	{Type: domain.TypeDelete},
}

// Watch asks the gateway how the account fares.
func (p *Personal) Watch(ctx context.Context, conn domain.Connection, _ string) (domain.Watched, error) {
	var info struct {
		accountStatus
		Waiting wire.Integer `json:"pending_update_count"`
		Error   string       `json:"last_error_message"`
	}
	if err := p.ask(ctx, conn.Settings, "getAccount", struct{}{}, &info); err != nil {
		return domain.Watched{}, err
	}
	seen := domain.Watched{Waiting: int64(info.Waiting)}
	if link, known := info.link(); known {
		link.At = time.Now().Truncate(time.Second) // reports have whole seconds: one that follows in this second must not look older
		seen.Link = &link
	}
	if info.Error != "" && info.Waiting > 0 {
		seen.Problems = append(seen.Problems, domain.Signal{
			Kind: domain.SignalWebhook, Level: domain.LevelWarning, Title: "the gateway cannot deliver webhooks", Details: wire.Brief(info.Error),
		})
	}
	return seen, nil
}
