package console

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// A caller is a person without a browser, who keeps cookies.
type caller struct {
	t *testing.T
	o *office
	*http.Client
}

func (o *office) caller() *caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &caller{o.t, o, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask makes a request, with a form or without, and returns the answer with its body.
func (c *caller) ask(method, path string, form url.Values, headers ...string) (*http.Response, string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.o.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer, string(body)
}

// as logs an employee in.
func (c *caller) as(employee string) *http.Response {
	c.t.Helper()
	answer, _ := c.ask("POST", "/chat/login", url.Values{"key": {"key-of-" + employee}})
	return answer
}

func TestLogIn(t *testing.T) {
	o := newOffice(t)
	c := o.caller()
	if a, _ := c.ask("GET", "/chat", nil); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/chat/login?next=%2Fchat" {
		t.Errorf("a stranger gets %d, %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a, body := c.ask("GET", "/chat/list", nil); a.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "logged_out") {
		t.Errorf("a script of a stranger gets %d, %s", a.StatusCode, body)
	}
	if a, body := c.ask("POST", "/chat/login", url.Values{"key": {"wrong"}}); a.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "no existe") {
		t.Errorf("a wrong key gets %d, %s", a.StatusCode, body)
	}
	a := c.as("ana")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("Ana gets %d", a.StatusCode)
	}
	cookie := a.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/chat" || strings.Contains(cookie.Value, "key-of-ana") {
		t.Errorf("the session's cookie is %+v", cookie)
	}
	if a, _ := c.ask("GET", "/chat", nil); a.StatusCode != http.StatusOK {
		t.Errorf("logged in, Ana gets %d", a.StatusCode)
	}
	c.ask("POST", "/chat/logout", nil)
	if a, _ := c.ask("GET", "/chat", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("logged out, Ana gets %d", a.StatusCode)
	}
}

func TestASessionIsRenewedAndEnds(t *testing.T) {
	o := newOffice(t)
	c := o.caller()
	c.as("ana")
	sees := func(when string, want int, renewed bool) {
		t.Helper()
		a, _ := c.ask("GET", "/chat", nil)
		if a.StatusCode != want || (len(a.Cookies()) > 0) != renewed {
			t.Errorf("%s: %d, renewed: %t", when, a.StatusCode, len(a.Cookies()) > 0)
		}
	}
	sees("at once", 200, false)
	o.ahead.Store(int64(time.Hour))
	sees("an hour later", 200, true)
	o.ahead.Store(int64(12*time.Hour + 30*time.Minute))
	sees("within 12 hours of the last visit", 200, true)
	o.ahead.Store(int64(26 * time.Hour))
	sees("after more than 12 hours without a visit", 303, false)
}

func TestASessionEndsWithItsKey(t *testing.T) {
	o := newOffice(t)
	c := o.caller()
	c.as("leo")
	if err := o.store.SetAPIKey(t.Context(), "clinica", "leo", "another-key"); err != nil {
		t.Fatal(err)
	}
	if a, _ := c.ask("GET", "/chat/list", nil); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a revoked key: %d", a.StatusCode)
	}
}

func TestALiveStreamEndsWithItsKey(t *testing.T) {
	o := newOffice(t)
	o.page.heartbeat, o.page.recheck = 10*time.Millisecond, 10*time.Millisecond
	c := o.caller()
	c.as("leo")
	place, err := o.store.FeedEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.url+"/chat/live?after="+formatFeedPlace(place), nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := c.Do(r)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	defer stream.Body.Close()
	if err := o.store.SetAPIKey(t.Context(), "clinica", "leo", "another-key"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stream.Body); err != nil { // until it ends
		t.Fatal(err)
	}
}

func TestWrongKeysAreCounted(t *testing.T) {
	o := newOffice(t)
	c := o.caller()
	for range wrongKeys {
		c.as("nobody")
	}
	if a := c.as("ana"); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after %d wrong keys: %d", wrongKeys, a.StatusCode)
	}
	o.ahead.Store(int64(2 * wrongKeysEvery))
	if a := c.as("ana"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("later: %d", a.StatusCode)
	}
}

func TestWrongKeysAreCountedByAddress(t *testing.T) {
	for _, c := range []struct{ name, from, forwarded, want string }{
		{"directly", "203.0.113.5:4711", "", "203.0.113.5"},
		{"directly, with a header of its own", "203.0.113.5:4711", "198.51.100.1", "203.0.113.5"},
		{"by a proxy on the machine", "127.0.0.1:4711", "198.51.100.1", "198.51.100.1"},
		{"by a proxy in the network", "[::ffff:10.0.0.7]:4711", "198.51.100.1", "198.51.100.1"},
		{"by a proxy, with a header of its own before", "10.0.0.7:4711", "192.0.2.9, 198.51.100.1", "198.51.100.1"},
		{"by a proxy that does not say for which address", "10.0.0.7:4711", "", "10.0.0.7"},
		{"by a proxy that says no address", "10.0.0.7:4711", "unknown", "10.0.0.7"},
		{"over IPv6", "[2001:db8::1]:4711", "", "2001:db8::1"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/chat/login", http.NoBody)
		r.RemoteAddr = c.from
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := addressOf(r); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// PostgreSQL takes no NUL: what nobody can send from the page is no fault of ours.
func TestFormsHoldOnlyTexts(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("hola")
	c := o.caller()
	c.as("ana")
	for _, bad := range []string{"\x00", "\xff"} {
		form := url.Values{"text": {"hola"}, "ref": {"r"}, "reply_to": {bad}}
		if a, text := c.ask("POST", "/chat/c/"+string(luz.chat().ID)+"/send", form); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a reply to %q: %d %s", bad, a.StatusCode, text)
		}
		if a, text := c.ask("GET", "/chat/list?connection="+url.QueryEscape(bad), nil); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a list of %q: %d %s", bad, a.StatusCode, text)
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	c := o.caller()
	c.as("ana")
	path := "/chat/c/" + string(luz.chat().ID) + "/block"
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		if a, _ := c.ask("POST", path, url.Values{}, h...); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s gets %d", h[0], h[1], a.StatusCode)
		}
	}
	if chat := luz.chat(); chat.Blocked() {
		t.Error("another site blocked a chat")
	}
	for next, want := range map[string]string{
		"//evil.example": "/chat", "/chatter": "/chat", "/chat/\\evil.example": "/chat", "/chat//evil.example": "/chat",
		"/chat": "/chat", "/chat?unanswered=1": "/chat?unanswered=1", "/chat/c/chat_1?q=a": "/chat/c/chat_1?q=a",
	} {
		if a, _ := c.ask("POST", "/chat/login", url.Values{"key": {"key-of-ana"}, "next": {next}}); a.Header.Get("Location") != want {
			t.Errorf("a log-in on the way to %s leads to %s, want %s", next, a.Header.Get("Location"), want)
		}
	}
}

func TestNothingOfAnotherCompany(t *testing.T) {
	o := newOffice(t)
	luz, ines := o.client(wabaLine, "34611204518", "Luz Marín"), o.client(oldLine, "700200", "Inés")
	luz.writes("Un secreto")
	ines.writes("Hola")
	rosa := o.caller()
	rosa.as("rosa")
	chat := string(luz.chat().ID)
	for _, path := range []string{"/chat", "/chat/list", "/chat/list?q=Luz", "/chat/list?connection=clinica-whatsapp", "/chat/account"} {
		if a, body := rosa.ask("GET", path, nil); a.StatusCode != 200 || strings.Contains(body, "Luz") || strings.Contains(body, "secreto") || strings.Contains(body, "clinica-") && path != "/chat/list?connection=clinica-whatsapp" {
			t.Errorf("%s: %d %s", path, a.StatusCode, body)
		}
	}
	refused := []struct {
		method, path string
		form         url.Values
	}{
		{"GET", "/chat/c/" + chat, nil},
		{"GET", "/chat/c/" + chat + "/pane", nil},
		{"GET", "/chat/c/" + chat + "/messages", nil},
		{"POST", "/chat/c/" + chat + "/send", url.Values{"text": {"Hola"}, "ref": {"1"}}},
		{"POST", "/chat/c/" + chat + "/block", url.Values{}},
		{"POST", "/chat/c/" + chat + "/no-reply-needed", url.Values{"through_seq": {"9"}}},
		{"POST", "/chat/account/connections/clinica-whatsapp/resume", url.Values{}},
		{"GET", "/chat/account/endpoints/crm", nil},
		{"POST", "/chat/account/endpoints/crm/replays", url.Values{}},
		{"POST", "/chat/account/endpoints/crm/replays/rep_1/stop", url.Values{}},
	}
	for _, r := range refused {
		if a, body := rosa.ask(r.method, r.path, r.form); a.StatusCode != http.StatusNotFound || strings.Contains(body, "secreto") {
			t.Errorf("%s %s: %d %s", r.method, r.path, a.StatusCode, body)
		}
	}
	if c := luz.chat(); c.Blocked() || c.Unanswered != 1 || len(luz.messages()) != 1 {
		t.Errorf("another company changed the chat: %+v", c)
	}
}

// What the page hides the server refuses.
func TestRightsAreCheckedOnTheServer(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	leo := o.caller()
	leo.as("leo")
	chat := "/chat/c/" + string(luz.chat().ID)
	for _, r := range [][2]string{
		{"POST", chat + "/block"},
		{"POST", chat + "/unblock"},
		{"POST", "/chat/account/connections/clinica-whatsapp/resume"},
		{"GET", "/chat/account/endpoints/crm"},
		{"POST", "/chat/account/endpoints/crm/deliveries/dlv_1/retry"},
		{"POST", "/chat/account/endpoints/crm/replays"},
		{"POST", "/chat/account/endpoints/crm/replays/rep_1/stop"},
	} {
		if a, _ := leo.ask(r[0], r[1], url.Values{}); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s: %d", r[0], r[1], a.StatusCode)
		}
	}
	if _, body := leo.ask("GET", "/chat/account", nil); strings.Contains(body, "crm.example") {
		t.Error("the account shows endpoints to who may not manage them")
	}
	o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: time.Now(), Fact: domain.BlockRequested{Chat: luz.chat().ID, By: "ana", Block: true}})
	if a, body := leo.ask("POST", chat+"/send", url.Values{"text": {"Hola"}, "ref": {"1"}}); a.StatusCode != http.StatusConflict || !strings.Contains(body, "El chat está bloqueado") {
		t.Errorf("writing in a blocked chat: %d %s", a.StatusCode, body)
	}
}

func TestWhoMayOnlyReadIsOfferedNothingElse(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	for employee, offered := range map[string]bool{"eva": false, "leo": true} {
		c := o.caller()
		c.as(employee)
		_, body := c.ask("GET", "/chat/c/"+string(luz.chat().ID), nil)
		if strings.Contains(body, `data-do="no-reply"`) != offered || !strings.Contains(body, "1 mensaje sin responder") {
			t.Errorf("%s is offered %q: %t, want the count, and the button: %t", employee, "No requiere una respuesta", !offered, offered)
		}
	}
}

func TestWhoMayNotReadChatsCanLogOut(t *testing.T) {
	o := newOffice(t)
	const chats, logOut = `>Chats</a>`, `action="/chat/logout"`
	for _, tt := range []struct {
		name, employee, path string
		status               int
		leads                string
	}{
		{"a manager of settings comes to the account", "max", "/chat", http.StatusSeeOther, "/chat/account"},
		{"and sees it", "max", "/chat/account", http.StatusOK, ""},
		{"but no chat", "max", "/chat/c/chat_1", http.StatusForbidden, ""},
		{"nor does who has no right at all", "noe", "/chat", http.StatusForbidden, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := o.caller()
			c.as(tt.employee)
			a, body := c.ask("GET", tt.path, nil)
			if a.StatusCode != tt.status || a.Header.Get("Location") != tt.leads {
				t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
			}
			if tt.leads == "" && (!strings.Contains(body, logOut) || strings.Contains(body, chats)) {
				t.Errorf("there is no way to log out, or a link to the chats: %s", body)
			}
		})
	}
}

// The tests in a browser notice what the policy forbids.
func TestABrowserSaysWhatThePolicyForbids(t *testing.T) {
	o := newOffice(t)
	b := o.browser()
	for name, does := range map[string]string{
		"script-src": `document.body.append(Object.assign(document.createElement("script"), {textContent: "document.title = 'owned'"}))`,
		"style-src":  `document.body.setAttribute("style", "color: red")`,
		"img-src":    `document.body.append(Object.assign(new Image(), {src: "data:image/gif;base64,R0lGODlhAQABAAAAACw="}))`,
	} {
		b.goes("/chat/login")
		b.js(does+`, new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`, nil)
		if says := b.forgives(); !strings.Contains(says, name) || b.is(`document.title === "owned"`) {
			t.Errorf("%s was let pass, or the browser says something else: %q", name, says)
		}
	}
}

func TestThePolicyAllowsNothingUnsafe(t *testing.T) {
	o := newOffice(t)
	for _, path := range []string{"/chat/login", "/chat", "/chat/static/x/page.js", "/chat/nowhere"} {
		a, _ := o.caller().ask("GET", path, nil)
		policy := a.Header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
}

func TestALinkWithAKeyLogsInAnewAndLeavesTheAddress(t *testing.T) {
	o := newOffice(t)
	b := o.as("leo")
	b.goes("/chat/login#key-of-ana")
	b.sees(".nav .who", "Ana")
	b.ready()
	b.until(`location.href.endsWith("/chat")`)
	b.goes("/chat/account#key-of-leo")
	b.sees(".nav .who", "Leo")
	b.ready()
	b.js(`document.querySelector(".skip").click(), true`, nil)
	b.until(`location.hash === "#pane"`)
	b.sees(".nav .who", "Leo")
	b.goes("/chat#%")
	b.sees("#login", "Esta clave no existe")
}
