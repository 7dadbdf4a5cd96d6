package telegram

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// A rule says what an error of Telegram means.
type rule struct {
	code   int
	text   string // what the description says somewhere, in lower case; empty: anything
	reason domain.Reason
	retry  *domain.Backoff // or nil: as domain.Policies says
}

// rules are those of the Bot API. They read top to bottom; the first match decides. Descriptions are no
// contract of Telegram: it promises the codes only. Names in capitals come from
// behind the Bot API, which gives them the code 400 whatever theirs was.
// https://core.telegram.org/bots/api#making-requests
var rules = []rule{
	// There is no such peer.
	{code: 400, text: "chat not found", reason: domain.ReasonNoAccount}, // it may exist, but the bot never met it
	{code: 400, text: "user not found", reason: domain.ReasonNoAccount},
	{code: 400, text: "peer_id_invalid", reason: domain.ReasonNoAccount},
	{code: 400, text: "input_user_deactivated", reason: domain.ReasonNoAccount},
	{code: 403, text: "user is deactivated", reason: domain.ReasonNoAccount},
	{code: 403, text: "input_user_deactivated", reason: domain.ReasonNoAccount},

	// The peer does not want it.
	{code: 400, text: "user_is_blocked", reason: domain.ReasonPeerRefuses},
	{code: 400, text: "voice_messages_forbidden", reason: domain.ReasonPeerRefuses}, // the privacy of the peer, not our tariff
	{code: 403, text: "bot was blocked by the user", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "user_is_blocked", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "can't initiate conversation", reason: domain.ReasonPeerRefuses},
	{code: 403, text: "can't send messages to", reason: domain.ReasonPeerRefuses}, // bots, the user
	{code: 403, text: "bot was kicked", reason: domain.ReasonPeerRefuses},
	{code: 406, reason: domain.ReasonPeerRefuses}, // PRIVACY_PREMIUM_REQUIRED and the like

	// The group does not let us.
	{code: 403, text: "bot is not a member", reason: domain.ReasonPermission},
	{code: 403, text: "the group chat was deleted", reason: domain.ReasonPermission},
	{code: 400, text: "upgraded to a supergroup", reason: domain.ReasonPermission}, // and again at its new id, or without one
	{code: 400, text: "no rights to send", reason: domain.ReasonPermission},
	{code: 400, text: "not enough rights", reason: domain.ReasonPermission},
	{code: 400, text: "need administrator rights", reason: domain.ReasonPermission},
	{code: 400, text: "chat_write_forbidden", reason: domain.ReasonPermission},
	{code: 400, text: "chat_restricted", reason: domain.ReasonPermission},
	{code: 400, text: "topic_closed", reason: domain.ReasonPermission},
	{code: 400, text: "message thread not found", reason: domain.ReasonPermission},
	{code: 400, text: "user_banned_in_channel", reason: domain.ReasonRestricted},
	{code: 400, text: "business_peer_usage_missing", reason: domain.ReasonPermission},
	{code: 400, text: "business_connection_invalid", reason: domain.ReasonPermission},

	// The message is wrong.
	{code: 400, text: "message is too long", reason: domain.ReasonInvalid},
	{code: 400, text: "message text is empty", reason: domain.ReasonInvalid},
	{code: 400, text: "can't parse entities", reason: domain.ReasonInvalid},
	{code: 400, text: "message caption is too long", reason: domain.ReasonInvalid},
	{code: 400, text: "message to be replied not found", reason: domain.ReasonInvalid}, // although we allow sending without it
	{code: 400, text: "message is not modified", reason: domain.ReasonInvalid},         // of an edit this is what it wanted
	{code: 400, text: "message can't be edited", reason: domain.ReasonInvalid},         // too old, or without a text
	{code: 400, text: "message can't be deleted", reason: domain.ReasonInvalid},
	{code: 400, text: "message to edit not found", reason: domain.ReasonInvalid},
	{code: 400, text: "message to delete not found", reason: domain.ReasonInvalid}, // of a deletion this is what it wanted
	{code: 400, text: "message to react not found", reason: domain.ReasonInvalid},
	{code: 400, text: "message_id_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "reaction_invalid", reason: domain.ReasonInvalid}, // Telegram takes a few emoji only
	{code: 400, text: "button_data_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "button_url_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "phone_number_invalid", reason: domain.ReasonInvalid},
	{code: 400, text: "failed to get http url content", reason: domain.ReasonMedia, retry: &domain.Backoff{First: 10 * time.Second, Tries: 2}},
	{code: 400, text: "wrong file identifier/http url specified", reason: domain.ReasonMedia},
	{code: 400, text: "wrong remote file identifier", reason: domain.ReasonMedia},
	{code: 400, text: "file_reference_", reason: domain.ReasonMedia}, // expired, invalid
	{code: 400, text: "type of file mismatch", reason: domain.ReasonMedia},
	{code: 400, text: "file must be non-empty", reason: domain.ReasonMedia},
	{code: 400, text: "image_process_failed", reason: domain.ReasonMedia},
	{code: 400, text: "wrong type of the web page content", reason: domain.ReasonMedia},
	{code: 400, text: "file is too big", reason: domain.ReasonMedia},
	{code: 400, text: "photo_invalid_dimensions", reason: domain.ReasonMedia},
	{code: 413, reason: domain.ReasonInvalid},

	// The bot.
	{code: 401, reason: domain.ReasonUnauthorized},
	{code: 404, reason: domain.ReasonUnauthorized}, // the token has not the form of one
	{code: 421, reason: domain.ReasonRestricted},   // it moved to another server of our own

	// Not now. Telegram does not say whether the chat or the bot is too fast: the
	// chat waits, and the bot if others are refused too; see Pace.Unnamed.
	{code: 429, reason: domain.ReasonPairThrottled},
}

// FailureTable lists the rules.
func (a api) FailureTable() []domain.FailureRow {
	list := make([]domain.FailureRow, 0, len(a.rules)+2)
	for _, r := range a.rules {
		answer := strconv.Itoa(r.code)
		if r.text != "" {
			answer += " " + strconv.Quote(r.text)
		}
		list = append(list, domain.FailureRow{Answer: answer, Reason: r.reason, Retry: r.retry})
	}
	if a.clientIDs {
		return append(list,
			domain.FailureRow{Answer: "503", Reason: domain.ReasonUnavailable, Retry: untilItServes},
			domain.FailureRow{Answer: "500-599", Reason: domain.ReasonUnavailable})
	}
	return append(list, domain.FailureRow{Answer: "500-599", Reason: domain.ReasonUnavailable, Retry: restarting})
}

var (
	// restarting is for 5xx of Telegram: after 1 s, about 5 s and 30 s.
	restarting = &domain.Backoff{First: time.Second, Factor: 5.5, Max: 30 * time.Second, Tries: 4}

	// untilItServes is for a gateway that sends nothing yet: until the message is given up.
	untilItServes = &domain.Backoff{First: time.Second, Factor: 2, Max: 30 * time.Second}
)

// classify says what an error means, and what became of the message. A gateway says by 503
// that nothing was sent. After any other error of its own, or of Telegram, the message may
// have been sent: it is sent again with the same id, which makes no second one.
func (a api) classify(code int, description string) (domain.Fate, domain.Reason, *domain.Backoff) {
	description = strings.ToLower(description)
	for _, r := range a.rules {
		if r.code == code && strings.Contains(description, r.text) {
			return domain.FateRefused, r.reason, r.retry
		}
	}
	switch {
	case code < http.StatusInternalServerError:
		return domain.FateRefused, domain.ReasonUnrecognized, nil
	case !a.clientIDs:
		return domain.FateRefused, domain.ReasonUnavailable, restarting
	case code == http.StatusServiceUnavailable:
		return domain.FateNeverLeft, domain.ReasonUnavailable, untilItServes
	}
	return domain.FateUnknown, domain.ReasonUnavailable, nil
}
