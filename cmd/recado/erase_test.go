package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
)

// An operator erases a client while the service runs: nothing is left of them, and
// nothing of anybody else is touched.
func TestAClientIsErased(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, messengers := newClientsWorld(t, on)
			for client, account := range map[string]string{"Lucía": "106540352242922", "Marta": "bot-1"} {
				if _, err := messengers.Client(client).Sends(account, simulator.Photo, "una foto de "+client); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "both photos can be downloaded", 30*time.Second, func() bool { return w.stored(simulator.Photo) == 2 })
			peer := w.peerOf("Lucía")

			listed, err := w.run("erase", "--company", "acme", "--peer", peer, "--dry-run")
			if err != nil || !strings.Contains(listed, "waba-1") || !strings.Contains(listed, fmt.Sprint(len(simulator.Photo.Data))) {
				t.Fatalf("the list is %q, %v", listed, err)
			}
			if w.peerOf("Lucía") != peer {
				t.Fatal("the list erased her")
			}
			if text, err := w.run("erase", "--company", "acme", "--peer", "+"+peer, "--yes"); err != nil || !strings.Contains(text, "erased") {
				t.Fatalf("%q, %v", text, err)
			}
			if w.peerOf("Lucía") != "" || w.peerOf("Marta") == "" {
				t.Error("Lucía is there, or Marta is not")
			}
			eventually(t, "one file is left", 30*time.Second, func() bool { return w.files() == 1 })
			if w.stored(simulator.Photo) != 1 {
				t.Error("the photo of Marta is gone")
			}
			var feed struct{ Data []any }
			if _, err := w.call(anaKey, http.MethodGet, "/v1/events?limit=200", nil, &feed); err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprint(feed.Data); strings.Contains(text, "Lucía") || !strings.Contains(text, "Marta") {
				t.Errorf("the feed tells %s", text)
			}
			again, err := w.run("erase", "--company", "acme", "--peer", peer, "--yes")
			if err != nil || again != "company acme has no chat with "+peer+"\n" {
				t.Errorf("again: %q, %v", again, err)
			}
		})
	}
}

// peerOf returns the peer of the chat with that title; empty: there is none.
func (w *world) peerOf(title string) string {
	for _, chat := range pages[map[string]any](w, anaKey, "/v1/chats?limit=200") {
		if strings.HasPrefix(fmt.Sprint(chat["title"]), title) {
			return fmt.Sprint(chat["peer_id"])
		}
	}
	return ""
}

// files counts the files in the folder of files.
func (w *world) files() (count int) {
	_ = filepath.WalkDir(filepath.Join(w.env["RECADO_DATA_DIR"], "media"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			count++
		}
		return err
	})
	return count
}
