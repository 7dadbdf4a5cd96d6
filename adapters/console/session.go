package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"recado/domain"
)

// errLoggedOut says that a visit has no session that is valid.
var errLoggedOut = errors.New("logged out")

// A session is the log-in of an employee. It is kept nowhere but in the employee's
// browser, sealed: every visit looks the key up, so that a session ends with its key.
type session struct {
	Key    string    `json:"key"`
	Begun  time.Time `json:"begun"`
	Active time.Time `json:"active"` // renewed by visits
}

const (
	sessionCookie  = "recado_session"
	sessionContext = "console/session"

	sessionLasts = 7 * 24 * time.Hour // after the log-in
	sessionIdles = 12 * time.Hour     // without a visit
	sessionRenew = 10 * time.Minute   // a visit then replaces the cookie
)

// employee returns the employee of the session, and renews it.
func (c *Console) employee(ctx context.Context, v *visit) (domain.Employee, error) {
	e, s, err := c.sessionEmployee(ctx, v.r)
	if err == nil && c.Now().Sub(s.Active) > sessionRenew {
		err = c.keepSession(v.w, session{s.Key, s.Begun, c.Now()})
	}
	return e, err
}

// sessionEmployee returns the employee of the session of a request.
func (c *Console) sessionEmployee(ctx context.Context, r *http.Request) (domain.Employee, session, error) {
	s, err := c.openSession(r)
	if err != nil {
		return domain.Employee{}, s, err
	}
	e, err := c.Store.Employee(ctx, domain.Secret(s.Key))
	if errors.Is(err, domain.ErrNotFound) {
		err = errLoggedOut
	}
	return e, s, err
}

// openSession reads the session of a request.
func (c *Console) openSession(r *http.Request) (s session, err error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return s, errLoggedOut
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return s, errLoggedOut
	}
	plain, err := c.Sealer.Open(sealed, sessionContext)
	if err != nil {
		return s, errLoggedOut
	}
	if err := json.Unmarshal(plain, &s); err != nil {
		return s, errLoggedOut
	}
	if now := c.Now(); now.Sub(s.Begun) > sessionLasts || now.Sub(s.Active) > sessionIdles {
		return s, errLoggedOut
	}
	return s, nil
}

// keepSession gives the session to the browser.
func (c *Console) keepSession(w http.ResponseWriter, s session) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sealed, err := c.Sealer.Seal(plain, sessionContext)
	if err != nil {
		return err
	}
	cookie := c.cookie(sessionCookie, base64.RawURLEncoding.EncodeToString(sealed))
	cookie.Expires = s.Begun.Add(sessionLasts)
	http.SetCookie(w, cookie)
	return nil
}

// cookie returns a cookie of the page. Lax, so that a link from elsewhere finds the
// employee logged in; what changes anything is a POST, which other sites cannot make.
func (c *Console) cookie(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: c.base, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	}
}
