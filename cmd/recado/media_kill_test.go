package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A photographer is a messenger that gives one photo, and stops at a joint.
type photographer struct {
	url   string
	photo []byte
	joint atomic.Value       // a string; empty: none
	at    chan chan struct{} // gets, at the joint, what ends the wait there
}

// The joints of a fetch at which the program can die.
const (
	whereIsIt    = "the messenger is asked where the file is"
	halfOfIt     = "half of the file came"
	lastByteOfIt = "the last byte is on its way"
)

func newPhotographer(t *testing.T) *photographer {
	t.Helper()
	p := &photographer{photo: append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("recado"), 1<<18)...), at: make(chan chan struct{})}
	p.joint.Store("")
	server := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	p.url = server.URL
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

// pass stops at a joint if the program is to die there.
func (p *photographer) pass(joint string) {
	if p.joint.CompareAndSwap(joint, "") {
		dead := make(chan struct{})
		p.at <- dead
		<-dead
	}
}

// A photo is in Files once, as the messenger gave it, wherever the program dies on
// the way.
func TestAFileSurvivesEveryKill(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, meta, crm := newWorld(t, on), newPhotographer(t), newCRM(t)
			w.declare(meta.url, crm.url)
			w.start()
			joints := []string{whereIsIt, halfOfIt, lastByteOfIt, ""}
			for i, joint := range joints {
				meta.joint.Store(joint)
				id := fmt.Sprint("photo", i)
				if status := w.post(photoBody(id)); status != http.StatusOK {
					t.Fatalf("the webhook got %d", status)
				}
				if joint != "" {
					dead := <-meta.at
					if joint == lastByteOfIt {
						close(dead) // it dies while it puts or records
						w.kill()
					} else {
						w.kill()
						close(dead)
					}
					w.start()
				}
				eventually(t, "the photo is kept after a death where "+joint, 30*time.Second, func() bool { return w.has(id, meta.photo) })
			}
			if files := w.files(); files != len(joints) {
				t.Errorf("%d files are there, want %d", files, len(joints))
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
	request, err := http.NewRequest(http.MethodGet, "http://"+w.public+"/v1/media/"+id, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	answer, err := client.Do(request)
	if err != nil {
		return sum
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return sum
	}
	return sha256.Sum256(data)
}

// photoBody is the webhook of a photo.
func photoBody(id string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
"messaging_product":"whatsapp","metadata":{"display_phone_number":"1","phone_number_id":"106540352242922"},
"contacts":[{"profile":{"name":"Ana"},"wa_id":"79990000000"}],"messages":[{"from":"79990000000","id":"wamid.%s","timestamp":"%d",
"type":"image","image":{"id":"1039384","mime_type":"image/png","sha256":"ab"}}]}}]}]}`, id, time.Now().Unix())
}
