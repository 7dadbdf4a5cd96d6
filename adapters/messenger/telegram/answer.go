package telegram

import (
	"encoding/json"
	"strconv"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// source is where the causes of failures come from.
const source = "telegram_bot"

// An apiAnswer is what the Bot API answers to every call.
type apiAnswer struct {
	OK          *bool
	Result      json.RawMessage
	Code        int `json:"error_code"`
	Description string
	Parameters  struct {
		MigrateTo  int64 `json:"migrate_to_chat_id"`
		RetryAfter int64 `json:"retry_after"` // seconds
	}
}

// read returns what an answer means. Where Telegram says no in its own form it
// refused, at any HTTP status; see wire.Reply.WithoutOwnError for what others say.
func read(r wire.Reply, m domain.Outgoing, hide func(string) string) (a domain.SendResult, movedTo domain.PeerID) {
	var said apiAnswer
	err := json.Unmarshal(r.Body, &said)
	switch {
	case err != nil || said.OK == nil || !*said.OK && said.Code == 0 && said.Description == "":
		return r.WithoutOwnError(source), ""
	case !*said.OK:
		if said.Parameters.MigrateTo != 0 {
			movedTo = peerID(said.Parameters.MigrateTo)
		}
		return said.refused(r, hide), movedTo
	}
	a, taken := said.accepted(m)
	if !taken {
		return r.WithoutOwnError(source), ""
	}
	return a, ""
}

// accepted reads the message that Telegram made of ours. Its number may be
// zero: Telegram will send it later, and has no name for it yet.
func (said apiAnswer) accepted(m domain.Outgoing) (domain.SendResult, bool) {
	var made struct {
		ID   *int64 `json:"message_id"`
		Chat chat
	}
	err := json.Unmarshal(said.Result, &made)
	if err != nil || made.ID == nil || made.Chat.ID == 0 {
		return domain.SendResult{}, false
	}
	a := domain.SendResult{Fate: domain.FateAccepted}
	if name, err := made.Chat.name(*made.ID); err == nil {
		a.ProviderID = name
	}
	if peer := made.Chat.peer(); peer != m.Peer { // it was called by its @name
		a.Peers = []domain.PeerID{peer}
	}
	return a, true
}

func (said apiAnswer) refused(r wire.Reply, hide func(string) string) domain.SendResult {
	code := said.Code
	if code == 0 {
		code = r.Status
	}
	reason, retry := classify(code, said.Description)
	title := wire.Brief(hide(said.Description))
	if title == "" {
		title = "an error without a description"
	}
	answer := wire.Refused(&domain.Failure{Reason: reason, Cause: domain.Cause{
		Source: source, HTTPStatus: r.Status, Code: strconv.Itoa(code), Title: title,
	}})
	answer.Retry, answer.RetryAfter = retry, said.retryAfter(r)
	return answer
}

// retryAfter is Telegram's own delay, in the answer or in a header beside it.
func (said apiAnswer) retryAfter(r wire.Reply) time.Duration {
	if s := said.Parameters.RetryAfter; s > 0 {
		return wire.Wait(s)
	}
	return r.RetryAfter(time.Now())
}
