package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A photographer is a messenger that gives one photo.
type photographer struct {
	*stopper
	url   string
	photo []byte
}

// The joints of a fetch at which the program can die.
const (
	whereIsIt    = "the messenger is asked where the file is"
	halfOfIt     = "half of the file came"
	lastByteOfIt = "the last byte is on its way"
)

// aPhoto is bytes of which a half is not the whole.
func aPhoto() []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("recado"), 1<<18)...)
}

func newPhotographer(t *testing.T, s *stopper) *photographer {
	t.Helper()
	p := &photographer{stopper: s, photo: aPhoto()}
	p.url = serve(t, p.serve)
	return p
}

func (p *photographer) serve(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/cdn/") {
		p.pass(whereIsIt)
		fmt.Fprintf(w, `{"url":"%s/cdn/photo","mime_type":"image/png","id":"1"}`, p.url)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(p.photo)))
	w.Write(p.photo[:len(p.photo)/2])
	p.pass(halfOfIt)
	w.Write(p.photo[len(p.photo)/2 : len(p.photo)-1])
	p.pass(lastByteOfIt)
	w.Write(p.photo[len(p.photo)-1:])
}

// A photo is in Files once, as the messenger gave it, wherever the program dies on
// the way.
func TestAFileSurvivesEveryKill(t *testing.T) {
	for on := range stores {
		for in, place := range stoppedPlaces {
			t.Run(on+", files in "+in, func(t *testing.T) {
				t.Parallel()
				w, stop := newWorld(t, on), newStopper()
				files, joints := place(w, stop)
				meta, crm := newPhotographer(t, stop), newCRM(t)
				w.declare(meta.url, crm.url)
				w.start()
				joints = append([]string{whereIsIt, halfOfIt, lastByteOfIt, ""}, joints...)
				for i, joint := range joints {
					id := fmt.Sprint("photo", i)
					w.dieAt(stop, joint, func() {
						if status := w.post(photoBody(id)); status != http.StatusOK {
							t.Fatalf("the webhook got %d", status)
						}
					})
					eventually(t, "the photo is kept after a death where "+joint, 30*time.Second, func() bool { return w.has(id, meta.photo) })
				}
				if n := files(); n != len(joints) {
					t.Errorf("%d files are there, want %d", n, len(joints))
				}
				eventually(t, "the CRM hears of each file once", 10*time.Second, func() bool {
					told := 0
					for _, e := range crm.heard("acme", 0) {
						if e.Type == "message.media" && e.Data.Status == "kept" {
							told++
						}
					}
					return told == len(joints)
				})
			})
		}
	}
}

// has reports whether the file of a message can be downloaded and is as it was.
func (w *world) has(id string, want []byte) bool {
	var chats struct{ Data []struct{ ID string } }
	var messages struct {
		Data []struct {
			ProviderID string `json:"provider_id"`
			Media      struct{ ID, State string }
		}
	}
	if _, err := w.call(anaKey, http.MethodGet, "/v1/chats", nil, &chats); err != nil || len(chats.Data) == 0 {
		return false
	}
	if _, err := w.call(anaKey, http.MethodGet, "/v1/chats/"+chats.Data[0].ID+"/messages", nil, &messages); err != nil {
		return false
	}
	for _, m := range messages.Data {
		if m.ProviderID == "wamid."+id && m.Media.State == "kept" {
			return w.download(m.Media.ID) == sha256.Sum256(want)
		}
	}
	return false
}

// download returns the SHA-256 of a file of acme.
func (w *world) download(id string) (sum [sha256.Size]byte) {
	request, err := http.NewRequest(http.MethodGet, "http://"+w.api+"/v1/media/"+id, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	answer, err := http.DefaultTransport.RoundTrip(request) // a large file takes longer than a call
	if err != nil {
		return sum
	}
	defer answer.Body.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		return sum
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// photoBody is the webhook of a photo.
func photoBody(id string) []byte {
	return messagesBody("106540352242922", "79990000000", fmt.Sprintf(`{"from":"79990000000","id":"wamid.%s","timestamp":"%d",
"type":"image","image":{"id":"1039384","mime_type":"image/png","sha256":"ab"}}`, id, time.Now().Unix()))
}
