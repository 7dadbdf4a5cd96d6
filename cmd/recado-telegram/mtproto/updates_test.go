package mtproto

import (
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recado/cmd/recado-telegram/dc"
)

func bare(c *Config) { c.bare = true }

// What came while nobody was connected is told: also an edit and a read between two
// messages, which the bare manager of gotd loses. When this test says that it loses
// nothing any more, through can go.
func TestAMixedDifference(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes []func(*Config)
		loses   bool
	}{{"through", nil, false}, {"the bare manager", []func(*Config){bare}, true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, tt.changes...)
			if _, err := f.Send(t.Context(), Request{Client: "msg_1", Chat: "+" + dc.AnaPhone, Text: "Hola"}); err != nil {
				t.Fatal(err)
			}
			f.reaches()
			f.took()
			f.restart(func() {
				first := f.dc.Says("uno", true)
				f.dc.Edits(first, "uno corregido", true)
				f.dc.Reads(1, true)
				f.dc.Says("dos", true)
			}, tt.changes...)
			all := strings.Join(f.comes("message dos"), "\n")
			f.reaches()
			all += strings.Join(f.took(), "\n")
			lost := !strings.Contains(all, "edited_message uno corregido") || !strings.Contains(all, "read_outbox  #1")
			if lost != tt.loses {
				t.Errorf("it loses something: %t; told:\n%s", lost, all)
			}
		})
	}
}

// An update that could not be stored comes again; the bare manager never asks for it.
func TestTheDatabaseWasAway(t *testing.T) {
	for _, tt := range []struct {
		name  string
		bare  bool
		loses bool
	}{{"the fence", false, false}, {"the bare manager", true, true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var away atomic.Bool
			changes := func(c *Config) {
				c.bare = tt.bare
				c.away = func() error {
					if away.Load() {
						return errors.New("the disk is full")
					}
					return nil
				}
			}
			f := newFixture(t, changes)
			f.dc.Says("antes", false)
			f.comes("message antes")
			f.reaches()
			away.Store(true)
			f.dc.Says("mientras", false)
			if tt.bare {
				f.reaches() // it moved past what was not stored
			} else {
				f.eventually("the run ends", func() bool { return strings.Contains(f.log.text(), "the connection to Telegram ended") })
			}
			f.restart(func() { away.Store(false) }, changes)
			f.dc.Says("después", false)
			all := strings.Join(f.comes("message después"), "\n")
			if lost := !strings.Contains(all, "message mientras"); lost != tt.loses {
				t.Errorf("it is lost: %t; told:\n%s", lost, all)
			}
		})
	}
}

// What Ana and the owner of the account do is told, and no more than that.
func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if got := strings.Join(f.comes("account working"), ", "); got != "account code_sent, account working" && got != "account logged_out, account code_sent, account working" {
		t.Errorf("the login told %s", got)
	}
	first := f.dc.Says("Hola", false)
	f.comes("message Hola")
	f.dc.Touches(first, "Hola")
	f.dc.Edits(first, "Hola, ¿hay hora?", false)
	if got := strings.Join(f.comes("edited_message Hola, ¿hay hora?"), ", "); got != "edited_message Hola, ¿hay hora?" {
		t.Errorf("the edit told %s", got)
	}
	own := f.dc.Owner("Le llamo")
	f.comes("message Le llamo outgoing")
	f.dc.Reads(own, false)
	f.comes("read_outbox")
	f.dc.Deletes(false, first, 999)
	if got := strings.Join(f.comes("deleted_messages"), ", "); got != "deleted_messages  #1" {
		t.Errorf("the deletion told %s", got)
	}

	f.dc.SaysAs(777000, "Login code: 54321")
	f.dc.Says("Adiós", false)
	if got := strings.Join(f.comes("message Adiós"), ", "); strings.Contains(got, "54321") {
		t.Errorf("a login code was told: %s", got)
	}
	var session struct {
		Data struct{ AuthKey, AuthKeyID string }
	}
	if stored, err := f.store.Session(t.Context(), connection); err != nil || json.Unmarshal(stored, &session) != nil || session.Data.AuthKey == "" {
		t.Errorf("the session is %s, %v", stored, err)
	}
	for _, secret := range []string{"54321", dc.Code, "Hola", "Adiós", dc.Phone, session.Data.AuthKey, session.Data.AuthKeyID} {
		if strings.Contains(f.log.text(), secret) {
			t.Errorf("the log shows %s:\n%s", secret, f.log.text())
		}
	}

	// A connection that breaks loses nothing.
	f.dc.Cut()
	f.dc.Says("durante el corte", true)
	f.dc.Restore()
	if got := strings.Join(f.comes("durante el corte"), ", "); strings.Contains(got, "account") {
		t.Errorf("a short break is told: %s", got)
	}
}

// A network that is away for long is told. When it is back, what came in the meantime is
// told at once, and not at the next update.
func TestTheNetworkIsAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.Patience = time.Millisecond })
	f.comes("account working")
	f.dc.Cut()
	f.comes("account connecting")
	if _, err := f.Send(t.Context(), Request{Client: "msg_1", Chat: "2000", Text: "Hola"}); err == nil || err.Code != 503 || err.RetryAfter == 0 {
		t.Errorf("a send without a network: %v", err)
	}
	f.dc.Says("durante el corte", true)
	f.dc.Restore()
	all := strings.Join(f.comes("durante el corte"), "\n")
	if !strings.Contains(all, "account working") {
		f.comes("account working")
	}
	if now, _ := f.stands(); now.UserID != dc.Self {
		t.Errorf("it is the account of %d", now.UserID)
	}

	f.stop() // and it starts without one
	f.dc.Cut()
	f.start(func(c *Config) { c.Patience = time.Millisecond })
	f.comes("account connecting")
	f.dc.Restore()
	f.comes("account working")
}

// A login that its owner ends on the phone is over, until somebody logs in again.
func TestARevokedLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.comes("account working")
	f.dc.Revoke()
	f.comes("account revoked")
	if _, err := f.Send(t.Context(), Request{Client: "msg_1", Chat: "2000", Text: "Hola"}); err == nil || err.Code != 401 && err.Code != 503 {
		t.Errorf("a send over it: %v", err)
	}
	f.eventually("a login can begin", func() bool { return f.Login(t.Context(), dc.Phone) == nil })
	if err := f.Code(t.Context(), "99999"); ErrorOf(err).Type != "PHONE_CODE_INVALID" {
		t.Errorf("a wrong code: %v", err)
	}
	f.dc.OnCall(func(method string, answered bool) {
		if method != "updates.getState" || answered {
			return
		}
		if now, _ := f.stands(); now.Status == StatusWorking {
			t.Error("it works before its first position is known: a run after a crash would begin behind what came since")
		}
	})
	if err := f.Code(t.Context(), dc.Code); err != nil {
		t.Fatal(err)
	}
	f.comes("account working")
	if _, positioned := f.stands(); !positioned {
		t.Error("it works before its first position is stored")
	}
	if err := f.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.comes("account logged_out")
	f.eventually("nothing is left of the login", func() bool {
		now, positioned := f.stands()
		session, err := f.store.Session(t.Context(), connection)
		return now.UserID == 0 && now.Reason == "" && !positioned && session == nil && err == nil
	})
}
