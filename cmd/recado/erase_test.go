package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// An operator erases a client while the service runs: nothing is left of them, and
// nothing of anybody else is touched.
func TestAClientIsErased(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, messengers := newClientsWorld(t, on, newCRM(t).url)
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

// An eraser has a chat, and remembers what was erased.
type eraser struct{ erased []domain.ChatID }

func (*eraser) PeerChats(context.Context, domain.CompanyID, string) ([]domain.PeerChat, error) {
	return []domain.PeerChat{{Chat: domain.Chat{ID: "chat_1", Connection: "waba-1", Peer: "34600110022", Title: "Marta\x1b[31m", BlockedAt: time.Now()}, Messages: 7, Files: 2, Bytes: 1234}}, nil
}

func (e *eraser) EraseChats(_ context.Context, _ domain.CompanyID, chats []domain.ChatID) error {
	e.erased = append(e.erased, chats...)
	return nil
}

// Nothing is erased before an operator has seen what goes, and said yes.
func TestEraseAsksFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		command eraseCmd
		answer  string
		erased  int
		said    string
	}{
		"yes":                           {eraseCmd{}, "y\n", 1, "the block goes too"},
		"no":                            {eraseCmd{}, "n\n", 0, "These 1 will be erased for good. Continue? [y/N]"},
		"nobody there to answer":        {eraseCmd{}, "", 0, "34600110022"},
		"who does not want to be asked": {eraseCmd{Yes: true}, "", 1, "1234"},
		"who only looks":                {eraseCmd{DryRun: true, Yes: true}, "", 0, "waba-1"},
	} {
		t.Run(name, func(t *testing.T) {
			var printed strings.Builder
			e := &eraser{}
			err := tt.command.erase(t.Context(), e, environment{stdin: strings.NewReader(tt.answer), stdout: &printed})
			if len(e.erased) != tt.erased || !strings.Contains(printed.String(), tt.said) || strings.Contains(printed.String(), "\x1b") {
				t.Errorf("%v are erased, %v; it printed %s", e.erased, err, &printed)
			}
			if refused := tt.erased == 0 && !tt.command.DryRun; refused != (err != nil) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// stored counts the messages of acme whose file can be downloaded and is this one.
func (w *world) stored(file *simulator.File) (count int) {
	for _, chat := range pages[map[string]any](w, anaKey, "/v1/chats?limit=200") {
		for _, m := range pages[map[string]any](w, anaKey, fmt.Sprint("/v1/chats/", chat["id"], "/messages?limit=200")) {
			media, _ := m["media"].(map[string]any)
			if media["state"] == "kept" && w.download(fmt.Sprint(media["id"])) == sha256.Sum256(file.Data) {
				count++
			}
		}
	}
	return count
}
