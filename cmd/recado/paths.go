package main

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/julienschmidt/httprouter"
)

// A public serves the paths of a router in every form in which proxies and people
// write them: behind the path of the public URL, whether a proxy removes it or
// not, with a slash or a space too many. No messenger follows a redirect, so that
// none is answered, but to people who open the address itself.
type public struct {
	router *httprouter.Router
	prefix string // begins with a slash and does not end with one; or empty
}

func newPublic(publicURL string) public {
	router := httprouter.New()
	router.NotFound = http.HandlerFunc(http.NotFound)
	router.RedirectTrailingSlash, router.RedirectFixedPath = false, false
	p := public{router: router}
	if u, err := url.Parse(publicURL); err == nil {
		p.prefix = strings.TrimRight(path.Clean("/"+u.Path), "/")
	}
	return p
}

// leadToChat redirects people from the address itself to the chat page.
func (p public) leadToChat() {
	p.router.GET("/", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
		http.Redirect(w, r, p.prefix+"/chat", http.StatusFound)
	})
}

// ServeHTTP implements http.Handler.
func (p public) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isText(r.URL.Path) { // the stores take no NUL
		p.router.NotFound.ServeHTTP(w, r)
		return
	}
	written := *r.URL
	written.Path, written.RawPath = p.meant(r.Method, r.URL.Path), ""
	served := *r
	served.URL = &written
	p.router.ServeHTTP(w, &served)
}

// meant returns the first form of a path that the router knows, else one that it
// answers with 404 or 405.
func (p public) meant(method, written string) string {
	written = strings.TrimSpace(written)
	cleaned := path.Clean("/" + written)
	forms := []string{written, cleaned}
	if inner, ok := strings.CutPrefix(cleaned+"/", p.prefix+"/"); ok {
		forms = append(forms, path.Clean("/"+inner))
	}
	for _, form := range forms {
		if handle, _, _ := p.router.Lookup(method, form); handle != nil {
			return form
		}
	}
	return forms[len(forms)-1]
}

// isText reports whether a path has no character that nobody writes, apart from
// space at its end.
func isText(path string) bool {
	return utf8.ValidString(path) && strings.IndexFunc(strings.TrimSpace(path), unicode.IsControl) < 0
}
