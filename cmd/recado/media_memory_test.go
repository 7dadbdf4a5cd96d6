package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A cinema is a messenger that gives long films, all at once: none goes on beyond its
// first bytes before all have begun.
type cinema struct {
	url  string
	size int64

	mu    sync.Mutex
	left  map[string]bool // that have not begun
	begun chan struct{}   // closed when all have
}

func newCinema(t *testing.T, films int, size int64) *cinema {
	t.Helper()
	c := &cinema{size: size, left: map[string]bool{}, begun: make(chan struct{})}
	for i := range films {
		c.left[fmt.Sprint(i)] = true
	}
	c.url = serve(t, c.serve)
	return c
}

func (c *cinema) serve(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if !strings.HasPrefix(r.URL.Path, "/cdn/") {
		fmt.Fprintf(w, `{"url":"%s/cdn/%s","mime_type":"video/mp4","id":"%s"}`, c.url, id, id)
		return
	}
	film := c.film(id)
	w.Header().Set("Content-Length", fmt.Sprint(c.size))
	if _, err := io.CopyN(w, film, 4096); err != nil {
		return
	}
	c.begin(id)
	<-c.begun
	_, _ = io.Copy(w, film) // the download says whether all of it came
}

func (c *cinema) begin(film string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left[film] { // else it is tried again
		delete(c.left, film)
		if len(c.left) == 0 {
			close(c.begun)
		}
	}
}

// film gives the bytes of a film.
func (c *cinema) film(id string) io.Reader {
	number, _ := strconv.ParseUint(id, 10, 32)
	return io.LimitReader(&noise{uint32(number)}, c.size)
}

// Files pass through the program, they are not held in it: its memory stays small while
// many of them move at once, from the messenger to where they are kept, and to an
// employee.
func TestFilesMoveWithoutMemory(t *testing.T) {
	const connections, each = 4, 4 // as many as a process fetches at once
	size, room := int64(8<<20), int64(64<<20)
	if *long {
		size, room = 60<<20, 100<<20
	}
	for on := range stores {
		for in, place := range places {
			if on != "embedded" && !*long {
				continue // no file passes through the database
			}
			t.Run(on+", files in "+in, func(t *testing.T) {
				t.Parallel()
				w, meta := newWorld(t, on), newCinema(t, connections*each, size)
				maps.Copy(w.env, place(t))
				w.program = build(t)
				w.env["RECADO_MEDIA_MAX"] = "64MiB"
				w.declareNumbers(meta.url, connections)
				w.start()
				peak := w.watchMemory()
				for number := range connections {
					for film := range each {
						if status := w.post(filmBody(number, number*each+film)); status != http.StatusOK {
							t.Fatalf("the webhook got %d", status)
						}
					}
				}
				films := map[string]string{} // their ids by the messenger's
				eventually(t, "all films are kept", 5*time.Minute, func() bool { w.keptFilms(films); return len(films) == connections*each })
				for id, media := range films {
					want := sha256.New()
					if _, err := io.Copy(want, meta.film(id)); err != nil {
						t.Fatal(err)
					}
					if got := w.download(media); !bytes.Equal(got[:], want.Sum(nil)) {
						t.Errorf("film %s came down as other bytes", id)
					}
				}
				before, most := peak()
				t.Logf("%d files of %d MiB: %d MiB before, %d MiB at most", connections*each, size>>20, before>>20, most>>20)
				if most > room {
					t.Errorf("%d MiB of memory, want %d at most", most>>20, room>>20)
				}
			})
		}
	}
}

// declareNumbers applies a company with numbers of WhatsApp.
func (w *world) declareNumbers(meta string, count int) {
	w.t.Helper()
	var numbers strings.Builder
	for i := range count {
		fmt.Fprintf(&numbers, "      - {id: waba-%d, kind: waba, hook: meta, phone_number_id: \"%d\", access_token: a-token-of-acme, base_url: %q}\n", i, 100+i, meta)
	}
	file := fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %q, verify_token: %q}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions: [{id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
    connections:
%s`, appSecret, verifyToken, anaKey, &numbers)
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", written(w.t, file)}} {
		if text, err := w.run(args...); err != nil {
			w.t.Fatalf("recado %s: %v: %s", args[0], err, text)
		}
	}
}

// keptFilms adds the films that can be downloaded. A call that is late is made again.
func (w *world) keptFilms(films map[string]string) {
	type page struct{ Data []map[string]any }
	var chats page
	_, _ = w.call(anaKey, http.MethodGet, "/v1/chats?limit=200", nil, &chats)
	for _, chat := range chats.Data {
		var messages page
		_, _ = w.call(anaKey, http.MethodGet, fmt.Sprint("/v1/chats/", chat["id"], "/messages?limit=200"), nil, &messages)
		for _, m := range messages.Data {
			media, _ := m["media"].(map[string]any)
			if media["state"] == "kept" {
				films[fmt.Sprint(media["provider_id"])] = fmt.Sprint(media["id"])
			}
		}
	}
}

// watchMemory measures the program's own memory, without the pages of files that the
// system may drop, until the returned function is called.
func (w *world) watchMemory() (stop func() (before, most int64)) {
	w.t.Helper()
	pid := w.process.Process.Pid
	before, result := memoryOf(pid), make(chan int64, 1)
	ctx, cancel := context.WithCancel(w.t.Context())
	go func() {
		most := before
		for ctx.Err() == nil {
			most = max(most, memoryOf(pid))
			<-time.After(20 * time.Millisecond)
		}
		result <- most
	}()
	return func() (int64, int64) {
		cancel()
		return before, <-result
	}
}

// memoryOf returns the bytes of memory that are a process's own; zero where the system
// does not say.
func memoryOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, text, _ := strings.Cut(string(status), "RssAnon:")
	var kib int64
	_, _ = fmt.Sscanf(text, "%d", &kib) // zero if it is not there
	return kib << 10
}

// filmBody is the webhook of a film on a number.
func filmBody(number, film int) []byte {
	return messagesBody(strconv.Itoa(100+number), "79990000000", fmt.Sprintf(`{"from":"79990000000","id":"wamid.film%d","timestamp":"%d",
"type":"video","video":{"id":"%d","mime_type":"video/mp4","sha256":"ab"}}`, film, time.Now().Unix(), film))
}
