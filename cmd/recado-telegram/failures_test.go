package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/dc"
	"recado/domain"
)

// Each error of Telegram reaches Recado as the failure that the contract names: Telegram
// says it, the gateway answers, and Recado's connector reads the answer.
func TestFailuresReachRecado(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logIn()
	w.dc.Says("Hola", false)
	w.eventually("Ana is known", func() bool { return count(w, text("Hola")) == 1 })
	for i, tt := range []struct {
		code   int
		kinds  string
		reason domain.Reason
		wait   time.Duration
	}{
		{400, "PHONE_NUMBER_INVALID PHONE_NUMBER_UNOCCUPIED USERNAME_NOT_OCCUPIED INPUT_USER_DEACTIVATED", domain.ReasonNoAccount, 0},
		{400, "PEER_ID_INVALID USER_ID_INVALID CHAT_ID_INVALID CHANNEL_INVALID", domain.ReasonNoAccount, 0},
		{400, "USER_IS_BLOCKED YOU_BLOCKED_USER VOICE_MESSAGES_FORBIDDEN", domain.ReasonPeerRefuses, 0},
		{403, "USER_PRIVACY_RESTRICTED", domain.ReasonPeerRefuses, 0},
		{406, "PRIVACY_PREMIUM_REQUIRED ALLOW_PAYMENT_REQUIRED_15", domain.ReasonPeerRefuses, 0},
		{400, "PEER_FLOOD", domain.ReasonStrangers, 0},
		{403, "CHAT_WRITE_FORBIDDEN CHAT_SEND_PLAIN_FORBIDDEN CHAT_SEND_MEDIA_FORBIDDEN CHAT_GUEST_SEND_FORBIDDEN USER_RESTRICTED", domain.ReasonPermission, 0},
		{400, "CHAT_RESTRICTED USER_BANNED_IN_CHANNEL CHANNEL_PRIVATE CHAT_ADMIN_REQUIRED", domain.ReasonPermission, 0},
		{400, "MESSAGE_TOO_LONG MESSAGE_EMPTY MSG_ID_INVALID ENTITY_BOUNDS_INVALID", domain.ReasonInvalid, 0},
		{400, "MEDIA_INVALID FILE_PART_LENGTH_INVALID FILE_PARTS_INVALID PHOTO_INVALID_DIMENSIONS WEBPAGE_CURL_FAILED FILE_REFERENCE_EXPIRED", domain.ReasonMedia, 0},
		{420, "FLOOD_WAIT_17 FLOOD_PREMIUM_WAIT_17", domain.ReasonThrottled, 17 * time.Second},
		{420, "SLOWMODE_WAIT_30", domain.ReasonPairThrottled, 30 * time.Second},
		{420, "FROZEN_METHOD_INVALID", domain.ReasonLocked, 0},
		{400, "FROZEN_PARTICIPANT_MISSING", domain.ReasonLocked, 0},
		{401, "SESSION_PASSWORD_NEEDED", domain.ReasonDisconnected, 0},
		{500, "RPC_CALL_FAIL RPC_MCGET_FAIL MSG_WAIT_FAILED WORKER_BUSY_TOO_LONG_RETRY INTERDC_2_CALL_ERROR RANDOM_ID_DUPLICATE", domain.ReasonUnavailable, 0},
		{-503, "Timeout", domain.ReasonUnavailable, 0},
		{420, "SOMETHING_NEW", domain.ReasonUnrecognized, 0},
		{400, "SOMETHING_NEW", domain.ReasonUnrecognized, 0},
	} {
		for _, kind := range strings.Fields(tt.kinds) {
			w.dc.OnSend(func() dc.Fate { return dc.Fate{Err: tgerr.New(tt.code, kind)} })
			fate := domain.FateRefused
			if tt.reason == domain.ReasonUnavailable { // it may have been sent
				fate = domain.FateUnknown
			}
			w.fails(domain.MessageID(fmt.Sprintf("msg_%d_%s", i, kind)), "2000", kind, fate, tt.reason, tt.wait)
		}
	}
	w.dc.OnSend(nil)
	w.eventually("Recado suspends the frozen account", func() bool { return w.link().Down != nil && w.link().Down.Reason == domain.ReasonLocked })
	w.repliesWithout()

	// What the gateway says by itself.
	if sent := w.sends(hello("msg_1", "2000")); sent.Fate != domain.FateAccepted {
		t.Fatalf("%+v", sent)
	}
	other := hello("msg_1", "2000")
	other.Text = "Adiós"
	if sent := w.sends(other); sent.Failure == nil || sent.Failure.Reason != domain.ReasonInvalid {
		t.Errorf("the id of another message: %+v", sent)
	}
	w.dc.Cut()
	w.eventually("it has no connection", func() bool {
		sent := w.sends(hello("msg_2", "2000"))
		return sent.Fate == domain.FateNeverLeft && sent.Failure.Reason == domain.ReasonUnavailable && sent.RetryAfter > 0
	})
	w.dc.Restore()
}

// A phone number without an account, and one that Telegram looks up later.
func TestAPhoneNumberThatIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logIn()
	w.fails("msg_1", "+"+dc.NoAccount, "PHONE_NOT_OCCUPIED", domain.FateRefused, domain.ReasonNoAccount, 0)
	w.fails("msg_2", "+"+dc.LaterPhone, "RETRY_CONTACTS", domain.FateRefused, domain.ReasonPairThrottled, time.Minute)
	if sent := w.sends(hello("msg_3", "+"+dc.ShyPhone)); sent.Fate != domain.FateAccepted || len(sent.Peers) != 1 || sent.Peers[0] != "4000" {
		t.Errorf("by the address book: %+v", sent)
	}
}

// What ends a login suspends the connection, until somebody logs in again.
func TestFailuresThatEndALogin(t *testing.T) {
	for kind, reason := range map[string]domain.Reason{"SESSION_REVOKED": domain.ReasonUnauthorized, "USER_DEACTIVATED_BAN": domain.ReasonLocked} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.logIn()
			w.dc.OnSend(func() dc.Fate { return dc.Fate{Err: tgerr.New(401, kind)} })
			w.fails("msg_1", "+"+dc.AnaPhone, kind, domain.FateRefused, reason, 0)
			w.eventually("Recado suspends the connection", func() bool { return w.link().Down != nil && w.link().Down.Cause.Code == kind })
			w.dc.OnSend(nil)
			w.eventually("nobody is logged in", func() bool {
				sent := w.sends(hello("msg_2", "2000"))
				return sent.Failure != nil && sent.Failure.Reason == domain.ReasonDisconnected && sent.Failure.Cause.Code == "401"
			})
			w.logIn()
		})
	}
}

func hello(id domain.MessageID, peer domain.PeerID) domain.Outgoing {
	return domain.Outgoing{ID: id, Peer: peer, Type: domain.TypeText, Text: "Hola"}
}

// fails sends a message that fails for the reason.
func (w *world) fails(id domain.MessageID, peer domain.PeerID, kind string, fate domain.Fate, reason domain.Reason, wait time.Duration) {
	w.t.Helper()
	sent := w.sends(hello(id, peer))
	if sent.Fate != fate || sent.Failure == nil || sent.Failure.Reason != reason || sent.RetryAfter != wait {
		w.t.Errorf("%s: fate %v, %+v, after %v; want %s, %s", kind, sent.Fate, sent.Failure, sent.RetryAfter, fate, reason)
	}
}

// repliesWithout replies to a message that is gone.
func (w *world) repliesWithout() {
	w.t.Helper()
	gone := true
	w.dc.OnSend(func() dc.Fate {
		if gone {
			gone = false
			return dc.Fate{Err: tgerr.New(400, "REPLY_MESSAGE_ID_INVALID")}
		}
		return dc.Fate{}
	})
	m := hello("msg_reply", "2000")
	m.ReplyTo = "2000/999"
	if sent := w.sends(m); sent.Fate != domain.FateAccepted {
		w.t.Errorf("a reply to what is gone: %+v", sent)
	}
	w.dc.OnSend(nil)
}
