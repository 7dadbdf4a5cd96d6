package wabaplay

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// fileIDs are Meta's ids of the files that people send.
var fileIDs = map[string]*simulator.File{"1003383421387256": simulator.Photo, "1003383421387257": simulator.Voice}

// fileOf returns the file with the id, or nil.
func fileOf(id string) *simulator.File { return fileIDs[id] }

// idOf returns Meta's id of a file.
func idOf(f *simulator.File) string {
	for id, file := range fileIDs {
		if file == f {
			return id
		}
	}
	return ""
}

// A media is a file as a webhook describes it.
type media struct {
	ID      string `json:"id"`
	MIME    string `json:"mime_type"`
	SHA     string `json:"sha256"`
	Caption string `json:"caption,omitempty"`
	Voice   bool   `json:"voice,omitempty"`
}

// attach puts a file into a message.
func (m *inbound) attach(f *simulator.File, caption string) {
	sum := sha256.Sum256(f.Data)
	described := &media{ID: idOf(f), MIME: mimeOf(f), SHA: base64.StdEncoding.EncodeToString(sum[:]), Caption: caption}
	if f == simulator.Voice {
		described.Voice, described.Caption = true, ""
		m.Type, m.Audio = "audio", described
		return
	}
	m.Type, m.Image = "image", described
}

// mimeOf returns the type of a file as Meta writes it.
func mimeOf(f *simulator.File) string {
	if f == simulator.Voice {
		return f.MIME + "; codecs=opus"
	}
	return f.MIME
}

// showFile says where a file is.
func showFile(s *simulator.Simulator, w http.ResponseWriter, r *http.Request, f *simulator.File) {
	if !known(s, r) {
		refuse(w, &badToken)
		return
	}
	sum := sha256.Sum256(f.Data)
	simulator.WriteJSON(w, http.StatusOK, map[string]any{
		"messaging_product": "whatsapp", "id": idOf(f), "url": "http://" + r.Host + "/meta/attachments/" + idOf(f),
		"mime_type": mimeOf(f), "sha256": hex.EncodeToString(sum[:]), "file_size": len(f.Data),
	})
}

// serveFile gives the bytes of a file, like what showFile says only to a caller that
// has a token.
func serveFile(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	f := fileOf(r.PathValue("file"))
	if f == nil || !known(s, r) {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	f.Write(w, mimeOf(f))
}

// known reports whether the caller has the token of an account.
func known(s *simulator.Simulator, r *http.Request) bool {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.Account(domain.WABA, func(a *simulator.Account) bool { return a.Accepts(token) }) != nil
}
