package mtproto

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gotd/td/tgerr"
)

// An Error is what the gateway answers instead of a result, by its contract.
type Error struct {
	Code       int    // an HTTP status
	Words      string // what is wrong; empty: what the status says
	Type       string // Telegram's, with its number, or our own: FLOOD_WAIT_17, NOT_LOGGED_IN
	RetryAfter int    // seconds
	Scope      string // whose delay it is: account or chat
	MigrateTo  int64  // the supergroup that the group became; zero: none
}

func (e *Error) Error() string { return cmp.Or(e.Words, http.StatusText(e.Code)) + ": " + e.Type }

// refused makes an error of the gateway's own.
func refused(code int, kind string) *Error { return &Error{Code: code, Type: kind} }

// A rule says which answer an error of Telegram becomes.
type rule struct {
	code   int      // of the answer
	starts []string // the beginnings of the type, without its number
}

// rules reads top to bottom; the first match decides. What no rule names is 400.
// https://core.telegram.org/api/errors
var rules = []rule{
	{http.StatusForbidden, []string{"FROZEN_"}}, // a 420 that is no wait
	{http.StatusUnauthorized, []string{
		"AUTH_KEY_", "SESSION_REVOKED", "SESSION_EXPIRED", "SESSION_PASSWORD_NEEDED", "USER_DEACTIVATED", "PHONE_NUMBER_BANNED",
	}},
	{http.StatusForbidden, []string{
		"USER_IS_BLOCKED", "YOU_BLOCKED_USER", "USER_PRIVACY_RESTRICTED", "PRIVACY_PREMIUM_REQUIRED", "ALLOW_PAYMENT_REQUIRED",
		"VOICE_MESSAGES_FORBIDDEN", "CHAT_WRITE_FORBIDDEN", "CHAT_RESTRICTED", "CHAT_SEND_", "CHAT_GUEST_SEND_FORBIDDEN",
		"USER_BANNED_IN_CHANNEL", "CHANNEL_PRIVATE", "CHAT_ADMIN_REQUIRED", "USER_RESTRICTED",
	}},
	{http.StatusBadGateway, []string{"TIMEOUT", "RPC_CALL_FAIL", "RPC_MCGET_FAIL", "MSG_WAIT_FAILED", "WORKER_BUSY", "INTERDC_"}},
}

// unanswered marks the error of a call that Telegram may have done, where it did not
// answer. Without the mark the gateway says that nothing was done.
func unanswered(err error) error {
	var own *Error
	if _, answered := tgerr.As(err); err == nil || answered || errors.As(err, &own) {
		return err
	}
	return fmt.Errorf("%w: %w", refused(http.StatusGatewayTimeout, "TIMEOUT"), err)
}

// ErrorOf makes of an error what the gateway answers.
func ErrorOf(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	t, ok := tgerr.As(err)
	if !ok {
		kind := "CONNECTING"
		if errors.Is(err, context.DeadlineExceeded) {
			kind = "TIMEOUT"
		}
		return &Error{Code: http.StatusServiceUnavailable, Type: kind, RetryAfter: 1, Scope: "account"}
	}
	kind := strings.ToUpper(t.Type)
	named := strings.ToUpper(t.Message)
	if t.Argument != 0 && !strings.HasSuffix(named, strconv.Itoa(t.Argument)) {
		named = fmt.Sprintf("%s_%d", kind, t.Argument)
	}
	switch kind {
	case "FLOOD_WAIT", "FLOOD_PREMIUM_WAIT":
		return &Error{Code: http.StatusTooManyRequests, Type: named, RetryAfter: max(t.Argument, 1), Scope: "account"}
	case "SLOWMODE_WAIT":
		return &Error{Code: http.StatusTooManyRequests, Type: named, RetryAfter: max(t.Argument, 1), Scope: "chat"}
	}
	for _, r := range rules {
		for _, start := range r.starts {
			if strings.HasPrefix(kind, start) {
				return refused(r.code, named)
			}
		}
	}
	if t.Code >= http.StatusInternalServerError || t.Code < 0 {
		return refused(http.StatusBadGateway, named)
	}
	return refused(http.StatusBadRequest, named)
}

// typeLoggedOut ends a login that the operator ends.
const typeLoggedOut = "LOGGED_OUT"

// endsLogin reports whether an error says that the account is logged in no more, and the
// status that it has then.
func endsLogin(err error) (status string, ends bool) {
	e := ErrorOf(err)
	switch {
	case e.Code != http.StatusUnauthorized || e.Type == "SESSION_PASSWORD_NEEDED" || e.Type == "NOT_LOGGED_IN":
		return "", false
	case strings.HasPrefix(e.Type, "USER_DEACTIVATED"), e.Type == "PHONE_NUMBER_BANNED":
		return StatusBanned, true
	case e.Type == typeLoggedOut:
		return StatusLoggedOut, true
	}
	return StatusRevoked, true
}
