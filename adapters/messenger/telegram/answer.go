package telegram

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// An apiAnswer is what the Bot API answers to every call.
type apiAnswer struct {
	OK          *bool
	Result      json.RawMessage
	Code        wire.Integer `json:"error_code"`
	Description string
	Parameters  struct {
		MigrateTo  wire.Integer `json:"migrate_to_chat_id"`
		RetryAfter wire.Integer `json:"retry_after"` // seconds
		Scope      string       // of a delay, where a gateway says it: "account" or "chat"
	}
}

// result returns what an answer means. Where Telegram says no in its own form it
// refused, at any HTTP status; see wire.Reply.WithoutOwnError for what others say.
func (a api) result(r wire.Reply, m domain.Outgoing, hide func(string) string) (result domain.SendResult, movedTo domain.PeerID) {
	var said apiAnswer
	err := json.Unmarshal(r.Body, &said)
	switch {
	case err != nil || said.OK == nil || !*said.OK && said.Code == 0 && said.Description == "":
		return r.WithoutOwnError(string(a.kind)), ""
	case m.Target != "" && (*said.OK || said.alreadyDone(m)):
		return domain.SendResult{Fate: domain.FateAccepted}, "" // what was changed keeps its name
	case !*said.OK:
		if said.Parameters.MigrateTo != 0 {
			movedTo = peerID(said.Parameters.MigrateTo)
		}
		return a.refused(said, r, hide), movedTo
	}
	result, taken := said.accepted(m)
	if !taken {
		return r.WithoutOwnError(string(a.kind)), ""
	}
	return result, ""
}

// alreadyDone reports whether Telegram refused to change a message because it is
// already as the change would leave it.
func (said apiAnswer) alreadyDone(m domain.Outgoing) bool {
	text := strings.ToLower(said.Description)
	switch m.Type {
	case domain.TypeEdit:
		return strings.Contains(text, "message is not modified") || strings.Contains(text, "message_not_modified")
	case domain.TypeDelete:
		return strings.Contains(text, "message to delete not found")
	}
	return false
}

// accepted reads the message that Telegram made of ours. Its number may be
// zero: Telegram will send it later, and has no name for it yet.
func (said apiAnswer) accepted(m domain.Outgoing) (domain.SendResult, bool) {
	var made struct {
		ID   *wire.Integer `json:"message_id"`
		Chat chat
	}
	err := wire.Decode(said.Result, &made)
	if err != nil || made.ID == nil || made.Chat.ID == 0 {
		return domain.SendResult{}, false
	}
	a := domain.SendResult{Fate: domain.FateAccepted}
	name, err := made.Chat.name(int64(*made.ID))
	to := addressOf(m.Peer)
	switch {
	case err != nil: // it has no number yet
	case to.business != "":
		a.ProviderID = domain.ProviderID(fmt.Sprintf("%s/%d", to.messages, *made.ID))
	default:
		a.ProviderID = name
	}
	if peer := made.Chat.peer(); string(peer) != to.chat && to.business == "" && to.topic == 0 { // it was called by its @name
		a.Peers = []domain.PeerID{peer}
	}
	return a, true
}

func (a api) refused(said apiAnswer, r wire.Reply, hide func(string) string) domain.SendResult {
	code := int(said.Code)
	if code == 0 {
		code = r.Status
	}
	fate, reason, retry := a.classify(code, said.Description)
	if reason == domain.ReasonThrottled && said.Parameters.Scope == "chat" {
		reason = domain.ReasonPairThrottled
	}
	title := wire.Brief(hide(said.Description))
	if title == "" {
		title = "an error without a description"
	}
	return domain.SendResult{
		Fate: fate, Retry: retry, RetryAfter: said.retryAfter(r),
		Failure: &domain.Failure{Reason: reason, Cause: domain.Cause{
			Source: string(a.kind), HTTPStatus: r.Status, Code: strconv.Itoa(code), Title: title,
		}},
	}
}

// retryAfter is Telegram's own delay, in the answer, its words or a header beside it.
func (said apiAnswer) retryAfter(r wire.Reply) time.Duration {
	if s := said.Parameters.RetryAfter; s > 0 {
		return wire.Wait(int64(s))
	}
	if after := retryText.FindStringSubmatch(said.Description); after != nil {
		seconds, err := strconv.ParseInt(after[1], 10, 64)
		if err == nil {
			return wire.Wait(seconds)
		}
	}
	return r.RetryAfter(time.Now())
}

// retryText is how a description says the delay, where no parameters do.
var retryText = regexp.MustCompile(`(?i)retry after (\d+)`)
