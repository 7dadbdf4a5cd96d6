package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"golang.org/x/text/language"
)

// Themes of the page; the first is the default.
var themes = []string{"auto", "light", "dark"}

const (
	languageCookie = "recado_language"
	themeCookie    = "recado_theme"
	lookLasts      = 365 * 24 * time.Hour
)

var matcher = language.NewMatcher([]language.Tag{language.Spanish, language.English})

// lookOf returns how the person wants the page: as they chose, else in the language
// of their browser.
func lookOf(r *http.Request) look {
	l := look{Language: chosen(r, languageCookie, languages), Theme: chosen(r, themeCookie, themes)}
	if l.Language == "" {
		tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // what cannot be read asks for nothing
		_, i, _ := matcher.Match(tags...)
		l.Language = languages[i]
	}
	if l.Theme == "" {
		l.Theme = themes[0]
	}
	return l
}

func chosen(r *http.Request, cookie string, of []string) string {
	if c, err := r.Cookie(cookie); err == nil && slices.Contains(of, c.Value) {
		return c.Value
	}
	return ""
}

// changeLook handles POST /chat/look.
func (c *Console) changeLook(_ context.Context, v *visit) error {
	for name, of := range map[string][]string{"language": languages, "theme": themes} {
		if value := v.r.PostFormValue(name); slices.Contains(of, value) {
			cookie := c.cookie("recado_"+name, value)
			cookie.MaxAge = int(lookLasts.Seconds())
			http.SetCookie(v.w, cookie)
		}
	}
	http.Redirect(v.w, v.r, c.within(v.r.PostFormValue("next")), http.StatusSeeOther)
	return nil
}
