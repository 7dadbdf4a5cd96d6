package mtproto

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/dc"
	"recado/cmd/recado-telegram/store"
)

// The same client_id is one message, whatever broke.
func TestAMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := Request{Client: "msg_1", Chat: "+" + dc.AnaPhone, Text: "Hola"}
	first, err := f.Send(t.Context(), r)
	if err != nil || first.Chat.ID != dc.Ana {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := f.Send(t.Context(), r)
	if err != nil || *again != *first || f.dc.Calls("messages.sendMessage") != 1 {
		t.Errorf("again: %+v, %v, %d calls", again, err, f.dc.Calls("messages.sendMessage"))
	}
	if _, err := f.Send(t.Context(), Request{Client: "msg_1", Chat: "+" + dc.AnaPhone, Text: "Otra cosa"}); err == nil || err.Code != 409 {
		t.Errorf("another text with its id: %v", err)
	}

	// The answer is lost, and the process is killed before it is repeated.
	var cut atomic.Bool
	cut.Store(true)
	f.dc.OnSend(func() dc.Fate { return dc.Fate{Cut: cut.Swap(false)} })
	r = Request{Client: "msg_2", Chat: fmt.Sprint(dc.Ana), Text: "Una vez"}
	sent, err := f.Send(t.Context(), r)
	if err != nil {
		t.Fatalf("gotd repeats by itself: %v", err)
	}
	f.restart(func() {})
	if after, err := f.Send(t.Context(), r); err != nil || after.Message != sent.Message {
		t.Errorf("after a restart: %+v, %v", after, err)
	}
	if f.dc.Messages() != 2 {
		t.Errorf("Telegram has %d messages, want 2", f.dc.Messages())
	}

	// What Telegram refused may be sent again, also with another text.
	f.dc.OnSend(func() dc.Fate { return dc.Fate{Err: tgerr.New(403, "USER_IS_BLOCKED")} })
	if _, err := f.Send(t.Context(), Request{Client: "msg_3", Chat: "2000", Text: "No"}); err == nil || err.Code != 403 {
		t.Errorf("refused: %v", err)
	}
	f.dc.OnSend(nil)
	if _, err := f.Send(t.Context(), Request{Client: "msg_3", Chat: "2000", Text: "Sí"}); err != nil {
		t.Errorf("afterwards: %v", err)
	}

	// Telegram took it before, and only says so.
	f.dc.OnSend(func() dc.Fate { return dc.Fate{Err: tgerr.New(500, "RANDOM_ID_DUPLICATE")} })
	if _, err := f.Send(t.Context(), Request{Client: "msg_4", Chat: "2000", Text: "¿?"}); err == nil || err.Code != 502 {
		t.Errorf("a repeat without a trace: %v", err)
	}
}

// A call without an answer says whether the message may have left: Recado sends it again
// in both cases, but only of one that may have left it waits for a sign.
func TestACallWithoutAnAnswer(t *testing.T) {
	for _, tt := range []struct {
		name string
		cut  string // the network, once Telegram sees this call
		chat string
		want string
		sent int
	}{
		{"the message is taken, and the answer is lost", dc.Took, "2000", "Gateway Timeout: TIMEOUT", 1},
		{"the peer is looked up", "contacts.resolvePhone", "+" + dc.AnaPhone, "Service Unavailable: TIMEOUT", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			if tt.chat == "2000" {
				f.dc.Says("Hola", false)
				f.comes("message Hola")
			}
			f.dc.OnCall(func(method string, answered bool) {
				if method == tt.cut && !answered {
					f.dc.Cut()
				}
			})
			r := Request{Client: "msg_1", Chat: tt.chat, Text: "Una vez"}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			if _, err := f.Send(ctx, r); err == nil || err.Error() != tt.want || f.dc.Messages() != tt.sent {
				t.Errorf("it is answered with %v, and Telegram has %d messages; want %s and %d", err, f.dc.Messages(), tt.want, tt.sent)
			}
			f.dc.OnCall(nil)
			f.dc.Restore()
			f.works()
			if _, err := f.Send(t.Context(), r); err != nil || f.dc.Messages() != 1 {
				t.Errorf("afterwards it is answered with %v, and Telegram has %d messages", err, f.dc.Messages())
			}
		})
	}
}

func TestWhoIsNotFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for chat, want := range map[string]string{
		"+" + dc.NoAccount: "Bad Request: PHONE_NOT_OCCUPIED", "+" + dc.ShyPhone: "Bad Request: PHONE_NOT_OCCUPIED", "4711": "Bad Request: PEER_ID_INVALID", "nonsense": "Bad Request: PEER_ID_INVALID",
	} {
		if _, err := f.Send(t.Context(), Request{Client: "to " + chat, Chat: chat, Text: "Hola"}); err == nil || err.Error() != want {
			t.Errorf("to %s: %v, want %s", chat, err, want)
		}
	}
}

// A peer whose key is not the gateway's any more is looked up anew, once.
func TestAPeerIsLookedUpAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i, tt := range []struct {
		name string
		peer store.Peer
		chat string
		want string // the error; empty: it is sent
	}{
		{"by the public name", store.Peer{Chat: dc.Ana, Username: "ana_gil"}, "2000", ""},
		{"by the phone number", store.Peer{Chat: dc.Ana, Phone: dc.AnaPhone}, "2000", ""},
		{"as it was named", store.Peer{Chat: dc.Ana, Phone: dc.AnaPhone}, "+" + dc.AnaPhone, ""},
		{"the name is somebody else's now", store.Peer{Chat: dc.Ana + 1, Username: "ana_gil"}, "2001", "PEER_ID_INVALID"},
		{"by nothing", store.Peer{Chat: dc.Ben}, fmt.Sprint(dc.Ben), "PEER_ID_INVALID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := f.store.Update(t.Context(), connection, func(tx *store.Tx) error { return tx.SetPeer(tt.peer) }); err != nil {
				t.Fatal(err)
			}
			calls := f.dc.Calls("messages.sendMessage")
			_, err := f.Send(t.Context(), Request{Client: fmt.Sprint("msg_", i), Chat: tt.chat, Text: "Hola"})
			if got := typeOf(err); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if calls = f.dc.Calls("messages.sendMessage") - calls; tt.want == "" && calls != 2 || tt.want != "" && calls != 1 {
				t.Errorf("%d calls", calls)
			}
		})
	}
}

// After PEER_FLOOD the account writes to nobody new for a day; to others it does.
func TestAnAccountRestsFromStrangers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.dc.Says("Hola", false)
	f.comes("message Hola")
	send := func(client, chat, want string) {
		t.Helper()
		_, err := f.Send(t.Context(), Request{Client: client, Chat: chat, Text: "Buenas"})
		if got := typeOf(err); got != want {
			t.Errorf("%s to %s: %s, want %s", client, chat, got, want)
		}
	}
	f.dc.OnSend(func() dc.Fate { return dc.Fate{Err: tgerr.New(400, "PEER_FLOOD")} })
	send("msg_1", fmt.Sprint(dc.Ben), "PEER_FLOOD")
	f.dc.OnSend(nil)
	calls := f.dc.Calls("messages.sendMessage")
	send("msg_2", fmt.Sprint(dc.Ben), "PEER_FLOOD")
	send("msg_3", "+"+dc.NoAccount, "PEER_FLOOD")
	if f.dc.Calls("messages.sendMessage") != calls || f.dc.Calls("contacts.resolvePhone") != 0 {
		t.Error("Telegram is asked again")
	}
	send("msg_4", fmt.Sprint(dc.Ana), "")
	err := f.store.Update(t.Context(), connection, func(tx *store.Tx) error {
		until, err := tx.Flooded()
		if left := time.Until(time.Unix(until, 0)); left < 23*time.Hour || left > 24*time.Hour {
			t.Errorf("it rests for %v", left)
		}
		return errors.Join(err, tx.SetFlooded(time.Now().Unix()))
	})
	if err != nil {
		t.Fatal(err)
	}
	send("msg_1", fmt.Sprint(dc.Ben), "")
}

func typeOf(err *Error) string {
	if err == nil {
		return ""
	}
	return err.Type
}

// With import_contacts a phone number is put into the address book, and taken out of it.
func TestAContactIsImported(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.ImportContacts = true })
	for phone, want := range map[string]string{dc.ShyPhone: "", dc.NoAccount: "PHONE_NOT_OCCUPIED", dc.LaterPhone: "RETRY_CONTACTS"} {
		_, err := f.Send(t.Context(), Request{Client: "to " + phone, Chat: "+" + phone, Text: "Hola"})
		if got := typeOf(err); got != want {
			t.Errorf("to %s: %s, want %s", phone, got, want)
		}
		if want == "RETRY_CONTACTS" && (err.Code != 429 || err.RetryAfter != 60 || err.Scope != "chat") {
			t.Errorf("it says %+v", err)
		}
	}
	if in, out := f.dc.Calls("contacts.importContacts"), f.dc.Calls("contacts.deleteContacts"); in != 3 || out != 1 {
		t.Errorf("%d were imported, and %d deleted", in, out)
	}
}

// Telegram limits how often an account may look numbers up: one that was found is not
// looked up again, also where it hides its number from the account.
func TestAPhoneNumberIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.ImportContacts = true })
	for i := range 3 {
		for phone, who := range map[string]int64{dc.AnaPhone: dc.Ana, dc.ShyPhone: dc.Shy} {
			sent, err := f.Send(t.Context(), Request{Client: fmt.Sprint("msg_", i, "_", who), Chat: "+" + phone, Text: "Hola"})
			if err != nil || sent.Chat.ID != who {
				t.Errorf("to +%s: %+v, %v", phone, sent, err)
			}
			hiding := &tg.User{ID: who, AccessHash: who * 7, FirstName: "Ana"}
			err2 := f.store.Update(t.Context(), connection, func(tx *store.Tx) error { return (&intake{}).meet(tx, []tg.UserClass{hiding}, nil) })
			if err2 != nil {
				t.Fatal(err2)
			}
		}
	}
	if asked, imported := f.dc.Calls("contacts.resolvePhone"), f.dc.Calls("contacts.importContacts"); asked != 2 || imported != 1 {
		t.Errorf("of two numbers %d were looked up, and %d imported", asked, imported)
	}
}

// Each error of Telegram becomes the answer that the contract names.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		code int
		kind string
		want string
	}{
		{400, "PHONE_NOT_OCCUPIED", "400 PHONE_NOT_OCCUPIED 0 "},
		{400, "PEER_FLOOD", "400 PEER_FLOOD 0 "},
		{400, "USER_IS_BLOCKED", "403 USER_IS_BLOCKED 0 "},
		{406, "PRIVACY_PREMIUM_REQUIRED", "403 PRIVACY_PREMIUM_REQUIRED 0 "},
		{406, "ALLOW_PAYMENT_REQUIRED_15", "403 ALLOW_PAYMENT_REQUIRED_15 0 "},
		{400, "CHAT_SEND_MEDIA_FORBIDDEN", "403 CHAT_SEND_MEDIA_FORBIDDEN 0 "},
		{420, "FLOOD_WAIT_17", "429 FLOOD_WAIT_17 17 account"},
		{420, "FLOOD_PREMIUM_WAIT_5", "429 FLOOD_PREMIUM_WAIT_5 5 account"},
		{420, "SLOWMODE_WAIT_30", "429 SLOWMODE_WAIT_30 30 chat"},
		{420, "FROZEN_METHOD_INVALID", "403 FROZEN_METHOD_INVALID 0 "},
		{401, "AUTH_KEY_UNREGISTERED", "401 AUTH_KEY_UNREGISTERED 0 "},
		{406, "AUTH_KEY_DUPLICATED", "401 AUTH_KEY_DUPLICATED 0 "},
		{401, "USER_DEACTIVATED_BAN", "401 USER_DEACTIVATED_BAN 0 "},
		{500, "RPC_CALL_FAIL", "502 RPC_CALL_FAIL 0 "},
		{-503, "Timeout", "502 TIMEOUT 0 "},
		{500, "SOMETHING_NEW", "502 SOMETHING_NEW 0 "},
		{420, "SOMETHING_NEW", "400 SOMETHING_NEW 0 "},
	} {
		e := ErrorOf(tgerr.New(tt.code, tt.kind))
		if got := fmt.Sprintf("%d %s %d %s", e.Code, e.Type, e.RetryAfter, e.Scope); strings.TrimSpace(got) != strings.TrimSpace(tt.want) {
			t.Errorf("%d %s is answered with %s, want %s", tt.code, tt.kind, got, tt.want)
		}
	}
}

func TestWhatEndsALogin(t *testing.T) {
	for kind, want := range map[string]string{
		"AUTH_KEY_UNREGISTERED": StatusRevoked, "AUTH_KEY_DUPLICATED": StatusRevoked, "SESSION_REVOKED": StatusRevoked, "SESSION_EXPIRED": StatusRevoked,
		"USER_DEACTIVATED": StatusBanned, "USER_DEACTIVATED_BAN": StatusBanned, "PHONE_NUMBER_BANNED": StatusBanned,
		"SESSION_PASSWORD_NEEDED": "", "FROZEN_METHOD_INVALID": "", "PEER_FLOOD": "", "FLOOD_WAIT_17": "", "RPC_CALL_FAIL": "",
	} {
		if status, ends := endsLogin(tgerr.New(401, kind)); status != want || ends != (want != "") {
			t.Errorf("after %s the account is %q, want %q", kind, status, want)
		}
	}
}
