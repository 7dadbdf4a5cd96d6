package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// A mailroom is Meta where it takes files and messages, and counts them.
type mailroom struct {
	*stopper
	url string

	mu       sync.Mutex
	uploads  [][sha256.Size]byte // of which the messenger told the name
	messages map[string]int      // by the name that we gave them
}

// The joints of a message with a file at which the program can die.
const (
	halfIsSent = "half of the file went to the messenger"
	fileTaken  = "the messenger has the file, no answer yet"
	isTaken    = "the messenger has the message, no answer yet"
)

func newMailroom(t *testing.T, s *stopper) *mailroom {
	t.Helper()
	m := &mailroom{stopper: s, messages: map[string]int{}}
	m.url = serve(t, m.serve)
	return m
}

func (m *mailroom) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/media") {
		m.takeFile(w, r)
		return
	}
	var message struct {
		Opaque string `json:"biz_opaque_callback_data"`
	}
	if json.NewDecoder(r.Body).Decode(&message) != nil {
		return // the program was killed
	}
	m.mu.Lock()
	m.messages[message.Opaque]++
	m.mu.Unlock()
	m.pass(isTaken)
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.%s"}]}`, message.Opaque)
}

func (m *mailroom) takeFile(w http.ResponseWriter, r *http.Request) {
	r.Body = &halfway{r.Body, r.ContentLength / 2, func() { m.pass(halfIsSent) }}
	form, err := r.MultipartReader()
	if err != nil {
		return
	}
	sum, err := fileOf(form)
	if err != nil {
		return // the program was killed
	}
	m.pass(fileTaken)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uploads = append(m.uploads, sum)
	fmt.Fprintf(w, `{"id":"file-%d"}`, len(m.uploads))
}

// fileOf returns the SHA-256 of the file in a form.
func fileOf(form *multipart.Reader) (sum [sha256.Size]byte, err error) {
	for {
		part, err := form.NextPart()
		if err != nil {
			return sum, err
		}
		if part.FormName() == "file" {
			data, err := io.ReadAll(part)
			return sha256.Sum256(data), err
		}
	}
}

// A halfway calls do when so many bytes of a body were read.
type halfway struct {
	io.ReadCloser
	left int64
	do   func()
}

// Read implements io.Reader.
func (h *halfway) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if before := h.left; before > 0 {
		if h.left -= int64(n); h.left <= 0 {
			h.do()
		}
	}
	return n, err
}

// sent returns how often the messenger got a message.
func (m *mailroom) sent(id string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.messages[id]
}

// A message with a file is sent once at most, wherever the program dies on the way, and
// once where it does not. There is one file at the end, and the messenger has it as it
// was uploaded.
func TestAMessageWithAFileSurvivesEveryKill(t *testing.T) {
	for on := range stores {
		for in, place := range stoppedPlaces {
			t.Run(on+", files in "+in, func(t *testing.T) {
				t.Parallel()
				document, w, stop := aDocument(), newWorld(t, on), newStopper()
				files, storing := place(w, stop)
				meta := newMailroom(t, stop)
				w.declare(meta.url, newCRM(t).url)
				w.start()
				for _, joint := range append([]string{halfIsUploaded}, storing...) {
					w.dieAt(stop, joint, func() { w.uploadInVain(stop, document) })
				}
				name := w.upload(anaKey, string(document))
				if status := w.post(textBody("106540352242922", "79990000000", "hola")); status != http.StatusOK {
					t.Fatalf("the webhook got %d", status)
				}
				eventually(t, "the client may be written to", 20*time.Second, func() bool {
					return len(pages[map[string]any](w, anaKey, "/v1/chats")) == 1
				})
				for joint, want := range map[string]int{halfIsSent: 0, fileTaken: 0, isTaken: 1} {
					var id string
					w.dieAt(stop, joint, func() { id = w.sendDocument(name) })
					if joint == isTaken {
						w.post(statusBody("wamid."+id, id, "79990000000", "sent"))
						w.isSent(id)
					}
					defer func() {
						if n := meta.sent(id); n != want {
							t.Errorf("a message was sent %d times, want %d, after a death where %s", n, want, joint)
						}
					}()
				}
				first, second := w.sendDocument(name), w.sendDocument(name)
				w.isSent(first)
				w.isSent(second)
				if meta.sent(first) != 1 || meta.sent(second) != 1 {
					t.Errorf("without a death they were sent %d and %d times", meta.sent(first), meta.sent(second))
				}
				for _, sum := range meta.uploads {
					if sum != sha256.Sum256(document) {
						t.Error("the messenger has another file")
					}
				}
				if w.download(name) != sha256.Sum256(document) {
					t.Error("the file is another one")
				}
				w.execute("UPDATE media SET next_at = next_at - 3600000 WHERE state = 'erasing'") // an hour passes
				eventually(t, "what nobody has the name of is erased", 30*time.Second, func() bool { return files() == 1 })
			})
		}
	}
}

// aDocument is bytes of which a half is not the whole, 60 MB of them in the long form.
func aDocument() []byte {
	words := 1 << 18
	if *long {
		words = 10 << 20
	}
	return append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte("recado"), words)...)
}

// halfIsUploaded is where an employee's upload is cut.
const halfIsUploaded = "half of the file came from the employee"

// uploadInVain uploads a file to a program that dies.
func (w *world) uploadInVain(s *stopper, file []byte) {
	body := &halfway{io.NopCloser(bytes.NewReader(file)), int64(len(file) / 2), func() { s.pass(halfIsUploaded) }}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, "http://"+w.public+"/v1/media", body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+anaKey)
	go func() {
		if answer, err := http.DefaultTransport.RoundTrip(request); err == nil {
			w.t.Errorf("the upload is answered %d", answer.StatusCode)
			answer.Body.Close()
		}
	}()
}

// sendDocument asks for a message with an uploaded document, and returns its id.
func (w *world) sendDocument(media string) string {
	w.t.Helper()
	var accepted struct{ ID string }
	status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": "waba-1", "peer_id": "79990000000", "type": "file", "media": map[string]any{"id": media},
	}, &accepted)
	if err != nil || status != http.StatusAccepted {
		w.t.Fatalf("the message is answered %d, %v", status, err)
	}
	return accepted.ID
}

// isSent waits until a message is sent.
func (w *world) isSent(id string) {
	w.t.Helper()
	eventually(w.t, "the message is sent", 30*time.Second, func() bool {
		var m struct{ Status string }
		_, err := w.call(anaKey, http.MethodGet, "/v1/messages/"+id, nil, &m)
		return err == nil && m.Status == "sent"
	})
}

// execute changes the database behind the program's back.
func (w *world) execute(statement string) {
	w.t.Helper()
	driver, source := "pgx", w.env["RECADO_DATABASE_URL"]
	if source == "" {
		driver, source = "sqlite", "file:"+filepath.Join(w.env["RECADO_DATA_DIR"], "recado.db")+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(w.t.Context(), statement); err != nil {
		w.t.Fatal(err)
	}
}
