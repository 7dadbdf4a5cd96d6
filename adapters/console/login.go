package console

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"recado/domain"
)

// errTooManyLogins says that an address tried too many wrong keys.
var errTooManyLogins = errors.New("too many wrong keys")

// showLogin handles GET /chat/login. A key behind # logs in: it is in the link that
// the demonstration prints, and browsers do not send that part of a link.
func (c *Console) showLogin(ctx context.Context, v *visit) error {
	if _, err := c.employee(ctx, v); err == nil {
		http.Redirect(v.w, v.r, c.base, http.StatusSeeOther)
		return nil
	}
	return v.render("login", map[string]any{"Title": v.pages.text("login.title"), "Next": v.r.FormValue("next")})
}

// logIn handles POST /chat/login.
func (c *Console) logIn(ctx context.Context, v *visit) error {
	address := addressOf(v.r)
	if !c.logins.allows(address) {
		return errTooManyLogins
	}
	key := strings.TrimSpace(v.r.PostFormValue("key"))
	_, err := c.Store.Employee(ctx, domain.Secret(key))
	if errors.Is(err, domain.ErrNotFound) || key == "" {
		c.logins.failed(address)
		v.w.WriteHeader(http.StatusUnauthorized)
		return v.render("login", map[string]any{
			"Title": v.pages.text("login.title"), "Next": v.r.PostFormValue("next"), "Wrong": true,
		})
	}
	if err != nil {
		return err
	}
	if err := c.keepSession(v.w, session{key, c.Now(), c.Now()}); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, c.within(v.r.PostFormValue("next")), http.StatusSeeOther)
	return nil
}

// logOut handles POST /chat/logout.
func (c *Console) logOut(_ context.Context, v *visit) error {
	gone := c.cookie(sessionCookie, "")
	gone.MaxAge = -1
	http.SetCookie(v.w, gone)
	http.Redirect(v.w, v.r, c.base+"/login", http.StatusSeeOther)
	return nil
}

// within returns a path of the page, and the page itself for any other.
func (c *Console) within(path string) string {
	own := path == c.base || strings.HasPrefix(path, c.base+"/") || strings.HasPrefix(path, c.base+"?")
	if own && !strings.ContainsAny(path, "\\\r\n") && !strings.Contains(path, "//") {
		return path
	}
	return c.base
}

// addressOf returns the address that sent a request, without its port. Behind a proxy,
// which has a private address, it is the one that the proxy saw: otherwise the wrong
// keys of one person would lock out everybody.
func addressOf(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if peer.Addr().IsPrivate() || peer.Addr().IsLoopback() {
		seen := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		if client, err := netip.ParseAddr(strings.TrimSpace(seen[strings.LastIndexByte(seen, ',')+1:])); err == nil {
			return client.String()
		}
	}
	return peer.Addr().Unmap().String()
}

const (
	wrongKeys      = 20 // that one address may try in a wrongKeysEvery
	wrongKeysEvery = time.Minute
	maxAddresses   = 10_000 // that are remembered at once
)

// A limiter counts the wrong keys of addresses.
type limiter struct {
	now func() time.Time

	mu    sync.Mutex // guards the fields below
	since time.Time  // when counting began
	wrong map[string]int
}

func newLimiter(now func() time.Time) *limiter { return &limiter{now: now, wrong: map[string]int{}} }

// allows reports whether an address may try a key.
func (l *limiter) allows(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.since) > wrongKeysEvery || len(l.wrong) > maxAddresses {
		l.since, l.wrong = now, map[string]int{}
	}
	return l.wrong[address] < wrongKeys
}

// failed counts a wrong key.
func (l *limiter) failed(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong[address]++
}
