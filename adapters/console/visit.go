package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"recado/adapters/feed"
	"recado/adapters/transfer"
	"recado/domain"
)

// A visit is a request of a person, with what their browser remembers.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	by    domain.Employee // zero before the log-in
	look  look
	pages *pages
	part  bool // a script asks for a part of a page
}

// A look is how a person wants the page.
type look struct {
	Language string
	Theme    string // light, dark, or auto: as the system
}

// A handler answers a visit. It returns an error before it writes.
type handler func(ctx context.Context, v *visit) error

// requestTimeout bounds what one request asks of the store.
const requestTimeout = 15 * time.Second

// page serves a page to employees who have the right, and sends others to the log-in.
func (c *Console) page(right domain.Right, h handler) http.Handler {
	return c.pageOfAny(domain.Rights{right}, h)
}

// pageOfAny serves a page as page does, to employees who have any of the rights.
func (c *Console) pageOfAny(rights domain.Rights, h handler) http.Handler {
	return c.visit(c.authenticated(rights, textsOnly(h)))
}

// part serves a part of a page as page does; a failure is JSON for the script.
func (c *Console) part(right domain.Right, h handler) http.Handler {
	return c.visit(func(ctx context.Context, v *visit) error {
		v.part = true
		return c.authenticated(domain.Rights{right}, textsOnly(h))(ctx, v)
	})
}

// textsOnly refuses a form with what no store takes. What is searched for is read over.
func textsOnly(h handler) handler {
	return func(ctx context.Context, v *visit) error {
		_ = v.r.ParseForm() // h misses what cannot be read
		for name, values := range v.r.Form {
			if name != "q" && !isText(strings.Join(values, "")) {
				return errInvalid
			}
		}
		return h(ctx, v)
	}
}

// file serves a file as part does. It may be large, and take its time.
func (c *Console) file(right domain.Right, h handler) http.Handler {
	return c.serve(func(_ context.Context, v *visit) error {
		v.part = true
		return c.authenticated(domain.Rights{right}, h)(v.r.Context(), v)
	})
}

func (c *Console) authenticated(anyOf domain.Rights, h handler) handler {
	return func(ctx context.Context, v *visit) error {
		e, err := c.employee(ctx, v)
		if err != nil {
			return err
		}
		v.by = e
		if !slices.ContainsFunc(anyOf, e.Granted().May) {
			return domain.ErrForbidden
		}
		return h(ctx, v)
	}
}

// visit makes an http.Handler of a handler for small requests.
func (c *Console) visit(h handler) http.Handler {
	return c.serve(func(ctx context.Context, v *visit) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
		return h(ctx, v)
	})
}

// serve makes an http.Handler of a handler.
func (c *Console) serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, look: lookOf(r)}
		v.pages = c.pages[v.look.Language]
		defer func() {
			if p := recover(); p != nil {
				c.Log.Error("page failed", "path", r.URL.Path, "err", fmt.Errorf("panic: %v", p), "stack", string(debug.Stack()))
				c.fail(v, errors.New("panic"))
			}
		}()
		if err := h(r.Context(), v); err != nil {
			c.fail(v, err)
		}
	})
}

// maxForm is the largest body of a request, in bytes.
const maxForm = 64 << 10

// answers reads top to bottom; the first match wins, and no match is a 500. Each
// row has a text "error.CODE" in the locales.
var answers = []struct {
	err    error
	status int
	code   string
}{
	{errLoggedOut, http.StatusUnauthorized, "logged_out"},
	{domain.ErrForbidden, http.StatusForbidden, "forbidden"},
	{domain.ErrNotFound, http.StatusNotFound, "not_found"},
	{domain.ErrChatBlocked, http.StatusConflict, "chat_blocked"},
	{domain.ErrClientRefConflict, http.StatusConflict, "client_ref_conflict"},
	{domain.ErrTargetNotSent, http.StatusConflict, "message_not_sent"},
	{domain.ErrNotEditable, http.StatusConflict, "not_editable"},
	{domain.ErrNotSentYet, http.StatusConflict, "reply_to_not_sent"},
	{domain.ErrReplayRuns, http.StatusConflict, "replay_runs"},
	{domain.ErrAlreadyDelivered, http.StatusConflict, "already_delivered"},
	{domain.ErrUnsupportedChat, http.StatusUnprocessableEntity, "unsupported_chat"},
	{domain.ErrUnsupportedType, http.StatusUnprocessableEntity, "unsupported_type"},
	{domain.ErrSubscriptionNotPaid, http.StatusPaymentRequired, "subscription_not_paid"},
	{domain.ErrTariffNotAllowed, http.StatusForbidden, "tariff_not_allowed"},
	{domain.ErrVoiceNotAvailable, http.StatusForbidden, "voice_not_available_on_tariff"},
	{domain.ErrFeedExpired, http.StatusGone, "feed_expired"},
	{errInvalid, http.StatusUnprocessableEntity, "invalid"},
	{errTooManyLogins, http.StatusTooManyRequests, "too_many_logins"},
	{feed.ErrTooManyReaders, http.StatusTooManyRequests, "unavailable"},
	{domain.ErrUnavailable, http.StatusServiceUnavailable, "unavailable"},
	{context.Canceled, http.StatusServiceUnavailable, "unavailable"},
}

// errInvalid says that a request is not one that the page makes.
var errInvalid = errors.New("invalid request")

// fail answers with an error: a page for people, JSON for scripts. An error without
// a row in answers is logged, here and only here.
func (c *Console) fail(v *visit, err error) {
	status, code := http.StatusInternalServerError, "internal"
	for _, row := range answers {
		if errors.Is(err, row.err) {
			status, code = row.status, row.code
			break
		}
	}
	if e, ok := errors.AsType[*transfer.Error](err); ok {
		status, code = e.Status, e.Code
	}
	text := v.pages.text("error." + code)
	if e, ok := errors.AsType[*explained](err); ok {
		status, code, text = http.StatusUnprocessableEntity, string(e.code), e.text
	}
	if code == "internal" {
		c.Log.Error("page failed", "path", v.r.URL.Path, "err", err)
	}
	switch {
	case v.part:
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader(status)
		_ = json.NewEncoder(v.w).Encode(map[string]string{"code": code, "text": text})
	case code == "logged_out":
		http.Redirect(v.w, v.r, c.base+"/login?next="+url.QueryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
	default:
		v.w.WriteHeader(status)
		_ = v.render("error", map[string]any{"Title": text, "Text": text})
	}
}

// render writes a page.
func (v *visit) render(name string, data map[string]any) error {
	data["By"], data["Look"], data["Path"] = v.by, v.look, v.r.URL.RequestURI()
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	text, err := v.pages.execute(name, data)
	if err != nil {
		return err
	}
	_, _ = v.w.Write(text) // it fails only if the browser has gone
	return nil
}
