package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

// pages are the templates in one language.
type pages struct {
	templates *template.Template
	text      func(id string, data ...any) string
}

// parsePages reads the templates once for each language.
func parsePages(base string) map[string]*pages {
	all := map[string]*pages{}
	for _, lang := range languages {
		p := &pages{text: texts(lang)}
		p.templates = template.Must(template.New("").Funcs(template.FuncMap{
			"t":      p.text,
			"base":   func() string { return base },
			"static": func(file string) string { return base + "/static/" + staticHash + "/" + file },
			"themes": func() []string { return themes },
			"langs":  func() []string { return languages },
			"emojis": func() []string { return emojis },
			"pieces": pieces,
			"dict":   dict,
		}).ParseFS(files, "templates/*.html"))
		all[lang] = p
	}
	return all
}

// dict makes the argument of a template that takes several values.
func dict(pairs ...any) map[string]any {
	values := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return values
}

// execute runs a template as a whole: an error leaves no half page.
func (p *pages) execute(name string, data any) ([]byte, error) {
	var text bytes.Buffer
	if err := p.templates.ExecuteTemplate(&text, name, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return text.Bytes(), nil
}

// staticHash names the static files as they are, so that browsers may keep them for ever.
var staticHash = hashStatic()

func hashStatic() string {
	sum := sha256.New()
	list, err := fs.ReadDir(files, "static")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, entry := range list {
		text, _ := files.ReadFile(path.Join("static", entry.Name())) // it is embedded
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// serveStatic handles GET /chat/static/{hash}/{file}.
func serveStatic(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	text, err := files.ReadFile("static/" + path.Base(file))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(file)))
	if r.PathValue("hash") == staticHash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(text)
}
