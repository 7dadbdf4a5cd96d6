package telegram

import (
	"errors"
	"regexp"
	"strings"

	"recado/domain"
)

var (
	tokenPattern       = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretTokenPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) // what setWebhook takes
	botPath            = regexp.MustCompile(`(?i)/(bot([0-9:]|/?$)|[a-z0-9]*:|(get|set|send|delete)[a-z]+/?$)`)
)

// checkToken finds what is pasted with a bot's token, such as the URL around it.
func checkToken(text string) error {
	if !tokenPattern.MatchString(text) {
		return errors.New("must be the bot's token as BotFather shows it, 123456:ABC…, and nothing around it")
	}
	return nil
}

// botID returns the bot's id, which is the beginning of its token and no secret. A
// bot has one webhook, so one connection.
func botID(token string) string {
	id, _, _ := strings.Cut(token, ":")
	return id
}

func checkSecretToken(text string) error {
	if !secretTokenPattern.MatchString(text) {
		return errors.New("must be 1 to 256 of A-Z a-z 0-9 _ -, as Telegram requires")
	}
	return nil
}

// checkBaseURL finds the URL of a bot or of a method in the place of the API's.
func checkBaseURL(text string) error {
	if botPath.MatchString(text) {
		return errors.New("must be the URL of the API, such as " + defaultBaseURL + ", without a bot's token and a method")
	}
	return domain.CheckBaseURL(text)
}
