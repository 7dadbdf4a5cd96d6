package mtproto

import (
	"strings"
	"testing"

	"recado/cmd/recado-telegram/dc"
)

// A connection is of the account that logged in first. Telegram numbers the messages of
// each account anew, and Recado would take those of a second for what it has already.
func TestAnotherAccountIsRefused(t *testing.T) {
	login := map[string]func(*fixture) error{
		"by the code": func(f *fixture) error {
			f.eventually("a login can begin", func() bool { return f.Login(f.Context(), dc.SecondPhone) == nil })
			return f.Code(f.Context(), dc.Code)
		},
		"by QR code": func(f *fixture) (refusal error) {
			f.eventually("there is a QR code", func() bool { _, err := f.QR(f.Context()); return err == nil })
			f.dc.Scan(dc.Second)
			f.eventually("the login is refused", func() bool { refusal = f.Refusal(); return refusal != nil })
			return refusal
		},
	}
	for how, logIn := range login {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			if err := f.Logout(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.comes("account logged_out")
			err := logIn(f)
			if err == nil || ErrorOf(err).Code != 409 || !strings.Contains(err.Error(), "declare a new connection") || !strings.Contains(err.Error(), connection) {
				t.Errorf("the login of another account ends with %v", err)
			}
			f.eventually("it is logged out again", func() bool { return !f.dc.LoggedIn(dc.Second) })
			if f.Refusal() != nil {
				t.Error("the refusal is told twice")
			}
			f.eventually("the account itself logs in", func() bool {
				return f.Login(t.Context(), dc.Phone) == nil && f.Code(t.Context(), dc.Code) == nil
			})
			f.works()
			if now, _ := f.stands(); now.UserID != dc.Self {
				t.Errorf("it is the account of %d", now.UserID)
			}
		})
	}
}
