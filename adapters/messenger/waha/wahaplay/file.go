package wahaplay

import (
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"recado/adapters/messenger/simulator"
)

// A media is the file of a message.
type media struct {
	URL      *string `json:"url"`
	MIME     string  `json:"mimetype"`
	Filename *string `json:"filename"`
	S3       any     `json:"s3"`
	Error    any     `json:"error"`

	kind string // as WhatsApp names it, such as imageMessage
	file *simulator.File
	size int
}

// fileLife is how long WAHA serves a file that it downloaded.
const fileLife = 180 * time.Second

// attach puts a file of a person into a message. WAHA names a host that only it knows.
func (m *message) attach(f *simulator.File) {
	kind, extension, mime := "imageMessage", "png", f.MIME
	if f == simulator.Voice {
		kind, extension, mime = "audioMessage", "oga", f.MIME+"; codecs=opus"
	}
	at := "http://localhost:3000/api/files/" + m.ID + "." + extension
	m.HasMedia, m.Media = true, &media{URL: &at, MIME: mime, kind: kind, file: f, size: len(f.Data)}
}

// raw is the file as WhatsApp itself describes it.
func (m *media) raw() map[string]any {
	body := map[string]any{"mimetype": m.MIME, "fileLength": m.size}
	if m.kind == "audioMessage" {
		body["PTT"] = true
	}
	return map[string]any{m.kind: body}
}

// download lets WAHA have the file of a message for a while.
func (s *session) download(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.HasMedia {
		s.files[m.bare] = time.Now().Add(fileLife)
	}
}

// serveFile gives the bytes of a file, until WAHA deletes it.
func serveFile(a *simulator.Account, w http.ResponseWriter, r *http.Request) {
	s := sessionOf(a)
	file := r.PathValue("file")
	id := bareOf(strings.TrimSuffix(file, path.Ext(file)))
	m, known := s.message(id)
	s.mu.Lock()
	until := s.files[id]
	s.mu.Unlock()
	if !known || m.Media == nil || m.Media.file == nil || time.Now().After(until) {
		say(w, http.StatusNotFound, "File not found")
		return
	}
	m.Media.file.Write(w, m.Media.MIME)
}

// A method sends messages of one kind.
type method struct {
	wants   string // instead of a file: text, place or contacts
	kind    string // of the file, as WhatsApp names it
	convert bool   // it wants to be told whether to convert
}

// methods are those that send.
var methods = map[string]method{
	"sendText":         {wants: "text"},
	"sendLocation":     {wants: "place"},
	"sendContactVcard": {wants: "contacts"},
	"sendImage":        {kind: "imageMessage"},
	"sendVideo":        {kind: "videoMessage", convert: true},
	"sendVoice":        {kind: "audioMessage", convert: true},
	"sendFile":         {kind: "documentMessage"},
}

// wrong says what is wrong with a body; empty: nothing.
func (how method) wrong(p *posted) string {
	switch {
	case how.wants == "text" && (p.Text == "" || utf8.RuneCountInString(p.Text) > simulator.MaxText):
		return "text must be 1 to 4096 characters"
	case how.wants == "place" && (p.Latitude == nil || p.Longitude == nil || p.Title == nil):
		return "latitude, longitude and title must be given"
	case how.wants == "contacts" && (len(p.Contacts) == 0 || !strings.HasPrefix(p.Contacts[0].VCard, "BEGIN:VCARD")):
		return "contacts must have vcards"
	case how.kind == "":
		return ""
	case p.File == nil || p.File.MIME == "" || len(p.File.Data) == 0:
		return "file must have a mimetype and data"
	case how.convert && p.Convert == nil:
		return "convert must be a boolean value"
	case p.ID != "":
		return "property id should not exist"
	}
	return ""
}

func (how method) text(p *posted) string {
	if how.kind == "" {
		return p.Text
	}
	return p.Caption
}

// mediaOf is the file of a body, which is counted and forgotten; nil: there is none.
func (how method) mediaOf(p *posted) *media {
	if how.kind == "" {
		return nil
	}
	return &media{MIME: p.File.MIME, Filename: &p.File.Name, kind: how.kind, size: len(p.File.Data)}
}
