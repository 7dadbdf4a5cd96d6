package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/julienschmidt/httprouter"
)

func TestPathsAreServedAsTheyAreWritten(t *testing.T) {
	const at = "https://example.com/recado"
	tests := []struct {
		name      string
		publicURL string
		method    string
		path      string
		want      string // what the router's handler gets; empty: 404 or 405
	}{
		{"a webhook", "", "POST", "/webhooks/waba/meta", "waba meta"},
		{"a handshake", "", "GET", "/webhooks/waba/meta?hub.mode=subscribe", "waba meta"},
		{"a slash at the end", "", "POST", "/webhooks/waba/meta/", "waba meta"},
		{"two slashes at the end", "", "POST", "/webhooks/waba/meta//", "waba meta"},
		{"a doubled slash", "", "POST", "/webhooks//waba/meta", "waba meta"},
		{"a doubled slash at the beginning", "", "POST", "//webhooks/waba/meta", "waba meta"},
		{"dots", "", "POST", "/./webhooks/x/../waba/meta", "waba meta"},
		{"a space at the end", "", "POST", "/webhooks/waba/meta%20", "waba meta"},
		{"a line's end at the end", "", "POST", "/webhooks/waba/meta%0D%0A", "waba meta"},
		{"a path that ends with a slash", "", "GET", "/page/", "page"},
		{"the public URL's path", at, "POST", "/recado/webhooks/waba/meta", "waba meta"},
		{"the public URL's path and slashes", at + "/", "POST", "//recado//webhooks/waba/meta/", "waba meta"},
		{"the public URL's path, removed by the proxy", at, "POST", "/webhooks/waba/meta", "waba meta"},
		{"a longer path of the public URL", "https://example.com/a/b", "POST", "/a/b/webhooks/waba/meta", "waba meta"},
		{"a public URL without a path", "https://example.com", "POST", "/webhooks/waba/meta", "waba meta"},
		{"another path", at, "POST", "/other/webhooks/waba/meta", ""},
		{"a path that only begins like the public URL's", at, "POST", "/recadowebhooks/waba/meta", ""},
		{"NUL", "", "POST", "/webhooks/waba/me%00ta", ""},
		{"no UTF-8", "", "POST", "/webhooks/waba/%ff", ""},
		{"nothing", at, "POST", "/", ""},
		{"the public URL's path alone", at, "POST", "/recado", ""},
		{"another method", "", "PUT", "/webhooks/waba/meta/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPublic(tt.publicURL)
			hook := func(w http.ResponseWriter, _ *http.Request, ps httprouter.Params) {
				io.WriteString(w, ps.ByName("kind")+" "+ps.ByName("hook"))
			}
			p.router.GET("/webhooks/:kind/:hook", hook)
			p.router.POST("/webhooks/:kind/:hook", hook)
			p.router.GET("/page/*file", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { io.WriteString(w, "page") })
			w := httptest.NewRecorder()
			p.ServeHTTP(w, httptest.NewRequest(tt.method, "http://example.com"+tt.path, nil))
			if w.Code/100 == 3 {
				t.Fatalf("redirected to %s", w.Header().Get("Location"))
			}
			if got := w.Body.String(); (w.Code == 200) != (tt.want != "") || tt.want != "" && got != tt.want {
				t.Errorf("answered %d %q, want %q", w.Code, got, tt.want)
			}
		})
	}
}

// People who open the address itself come to the chat page, behind the public URL's path.
func TestTheAddressItselfLeadsToTheChatPage(t *testing.T) {
	const at = "https://example.com/recado"
	tests := []struct{ publicURL, method, path, want string }{
		{"", "GET", "/", "/chat"},
		{at, "GET", "/recado", "/recado/chat"},
		{at, "GET", "/recado/", "/recado/chat"},
		{at, "GET", "/", "/recado/chat"}, // the proxy removed the path
		{at, "POST", "/recado", ""},
		{at, "GET", "/recadox", ""},
		{"", "GET", "/webhooks", ""},
	}
	for _, tt := range tests {
		p := newPublic(tt.publicURL)
		p.leadToChat()
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(tt.method, "http://example.com"+tt.path, nil))
		if got := w.Header().Get("Location"); got != tt.want || (w.Code == http.StatusFound) != (tt.want != "") {
			t.Errorf("%s %s at %q is answered %d %q, want %q", tt.method, tt.path, tt.publicURL, w.Code, got, tt.want)
		}
	}
}
