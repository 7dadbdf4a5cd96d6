package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"time"
)

const documentName = "document-"

// isDocument reports whether a message is one with a document, by its text or its
// client_ref, which is the name of the document.
func isDocument(message string) bool { return strings.HasPrefix(message, documentName) }

// document is the bytes of a document, which no other has.
func document(name string) []byte {
	data := make([]byte, 40<<10)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(name))).Read(data) // never fails
	copy(data, "%PDF-1.4\n")
	return data
}

// loadFiles lets clients and employees send each other documents, until the returned
// function is called.
func (c *chaos) loadFiles() (end func()) {
	fromClients := steadily(500*time.Millisecond, func(n int) {
		peer, name := fmt.Sprint(5_000_000+rand.IntN(killPeers)), fmt.Sprint(documentName, "in-", n)
		if c.insist(documentBody(peer, name)) {
			c.ack(peer, name)
		}
	})
	fromEmployees := steadily(500*time.Millisecond, func(n int) {
		name := fmt.Sprint(documentName, "out-", n)
		if id := c.insistOnUpload(document(name)); id != "" {
			c.reply(name, map[string]any{"type": "file", "media": map[string]any{"id": id}})
		}
	})
	return func() { fromClients(); fromEmployees() }
}

// insistOnUpload uploads a file until that is acknowledged, and returns its id.
func (c *chaos) insistOnUpload(file []byte) string {
	for !c.stop.Load() {
		if id, err := c.tryUpload(file); err == nil {
			return id
		}
		<-time.After(20 * time.Millisecond)
	}
	return ""
}

func (c *chaos) tryUpload(file []byte) (id string, err error) {
	request, err := http.NewRequest(http.MethodPost, "http://"+c.api+"/v1/media", bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var u uploaded
	if err := json.NewDecoder(answer.Body).Decode(&u); err != nil || answer.StatusCode != http.StatusCreated {
		return "", errors.Join(err, errors.New(answer.Status))
	}
	return u.ID, nil
}

// meta is Meta: it gives the files of clients, and takes messages and their files. The
// name of a file that it takes is its SHA-256.
func (c *chaos) meta(w http.ResponseWriter, r *http.Request) {
	c.messenger.pass()
	name := path.Base(r.URL.Path)
	switch {
	case strings.HasPrefix(r.URL.Path, "/cdn/"):
		_, _ = w.Write(document(name)) // the program may be killed
	case r.Method == http.MethodGet:
		fmt.Fprintf(w, `{"url":"http://%s/cdn/%s","mime_type":"application/pdf","id":%q}`, r.Host, name, name)
	case name == "media":
		form, err := r.MultipartReader()
		if err != nil {
			c.t.Error(err)
			return
		}
		if sum, err := fileOf(form); err == nil { // else the program was killed
			fmt.Fprintf(w, `{"id":"%x"}`, sum)
		}
	default:
		c.takeMessage(w, r)
	}
}

// countFiles checks that the files of clients are there once, and that the messenger
// got those of employees, each byte as it was.
func (c *chaos) countFiles() {
	came, left := 0, 0
	for name := range c.acked {
		if !isDocument(name) {
			continue
		}
		came++
		files := c.heard.files[name]
		if len(files) != 1 || c.download(files[0]) != sha256.Sum256(document(name)) {
			c.t.Errorf("the file of message %s is stored as %v, or is another one", name, files)
		}
	}
	for name, id := range c.accepted {
		if !isDocument(name) || c.sent[id] == 0 {
			continue
		}
		left++
		if want := sha256.Sum256(document(name)); c.attached[id] != hex.EncodeToString(want[:]) {
			c.t.Errorf("message %s was sent with another file: %s", name, c.attached[id])
		}
	}
	c.t.Logf("%d files of clients are stored once, %d files of employees are at the messenger, each byte as it was", came, left)
}

// documentBody is the webhook of a document with its name as the caption.
func documentBody(peer, name string) []byte {
	return messagesBody("106540352242922", peer, fmt.Sprintf(`{"from":%q,"id":"wamid.%s","timestamp":"%d",
"type":"document","document":{"id":%q,"mime_type":"application/pdf","filename":"%s.pdf","caption":%q}}`, peer, name, time.Now().Unix(), name, name, name))
}
