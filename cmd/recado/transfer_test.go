package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/adapters/blob/s3/s3test"
)

// An uploaded file, as the API answers.
type uploaded struct {
	ID, MIME, Name, SHA256 string
	Size, Seconds          int64
	Voice                  bool
}

// upload uploads bytes and returns the id of the file.
func (w *world) upload(key, file string) string {
	w.t.Helper()
	return w.uploadFrom(key, "", strings.NewReader(file)).ID
}

func (w *world) uploadFrom(key, query string, file io.Reader) (u uploaded) {
	w.t.Helper()
	answer := w.transfer(key, http.MethodPost, "/v1/media"+query, file)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusCreated || json.Unmarshal(text, &u) != nil {
		w.t.Fatalf("upload = %d %s %v", answer.StatusCode, text, err)
	}
	return u
}

// transfer makes a call that may take longer than a call of a messenger.
func (w *world) transfer(key, method, path string, body io.Reader) *http.Response {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.public+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// places are where an installation keeps its files.
var places = map[string]func(*testing.T) map[string]string{
	"a folder": func(*testing.T) map[string]string { return nil },
	"a bucket": func(t *testing.T) map[string]string {
		url, env := s3test.Start(t)
		env["RECADO_MEDIA_URL"] = url
		return env
	},
}

// An employee uploads a file, and gets the same bytes back, also after the program was
// killed.
func TestAFileGoesUpAndComesDown(t *testing.T) {
	for on := range stores {
		for in, place := range places {
			t.Run(on+", files in "+in, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, on)
				maps.Copy(w.env, place(t))
				w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
				w.start()

				size := int64(3 << 20)
				if *long {
					size = 60 << 20
				}
				hash := sha256.New()
				u := w.uploadFrom(anaKey, "?name=film.bin", io.TeeReader(io.LimitReader(&noise{}, size), hash))
				want := hex.EncodeToString(hash.Sum(nil))
				if u.SHA256 != want || u.Size != size || u.Name != "film.bin" || u.MIME != "application/octet-stream" {
					t.Errorf("%+v, want %d bytes of %s", u, size, want)
				}
				w.kill()
				w.start()
				got := sha256.New()
				answer := w.transfer(anaKey, http.MethodGet, "/v1/media/"+u.ID, nil)
				n, err := io.Copy(got, answer.Body)
				answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK || n != size || hex.EncodeToString(got.Sum(nil)) != want {
					t.Errorf("= %d, %d bytes of %x, %v", answer.StatusCode, n, got.Sum(nil), err)
				}
				other := u.ID[:len(u.ID)-1] + "0"
				if other == u.ID {
					other = u.ID[:len(u.ID)-1] + "1"
				}
				for key, id := range map[string]string{zoeKey: u.ID, anaKey: other} {
					if answer := w.transfer(key, http.MethodGet, "/v1/media/"+id, nil); answer.StatusCode != http.StatusNotFound {
						t.Errorf("%s sees %s: %d", key, id, answer.StatusCode)
					}
				}
			})
		}
	}
}

// A noise is bytes that no format has.
type noise struct{ n uint32 }

func (r *noise) Read(p []byte) (int, error) {
	for i := range p {
		r.n = r.n*1664525 + 1013904223
		p[i] = byte(r.n >> 24)
	}
	return len(p), nil
}

func TestABrowsersRecordingIsUploadedAsAVoiceMessage(t *testing.T) {
	recording, err := os.ReadFile(filepath.Join("..", "..", "adapters", "voice", "testdata", "chromium.webm"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "embedded")
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	w.start()
	if u := w.uploadFrom(anaKey, "?as=voice", bytes.NewReader(recording)); u.MIME != "audio/ogg; codecs=opus" || !u.Voice || u.Seconds != 3 {
		t.Errorf("%+v", u)
	}
}
