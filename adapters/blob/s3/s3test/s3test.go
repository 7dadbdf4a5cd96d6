// Package s3test gives tests a bucket: at the server that TEST_S3_URL names, with the
// AWS_… variables beside it, else at a fake that knows the requests of this program.
package s3test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const bucket = "recado-test"

// started counts the places, so that each has a prefix of its own.
var started atomic.Int64

func newPrefix() string {
	return fmt.Sprintf("run-%d-%d/%d", os.Getpid(), time.Now().UnixNano(), started.Add(1))
}

// Start returns the URL of an empty place in a bucket, as RECADO_MEDIA_URL takes it,
// and the variables with its keys. The fake ends with the test.
func Start(t testing.TB) (location string, env map[string]string) {
	t.Helper()
	if given := os.Getenv("TEST_S3_URL"); given != "" {
		place, parameters, _ := strings.Cut(given, "?")
		return strings.TrimRight(place, "/") + "/" + newPrefix() + "?" + parameters, map[string]string{
			"AWS_ACCESS_KEY_ID": os.Getenv("AWS_ACCESS_KEY_ID"), "AWS_SECRET_ACCESS_KEY": os.Getenv("AWS_SECRET_ACCESS_KEY"),
		}
	}
	b := Fake(t, nil)
	return b.Location, b.Env
}

// A Bucket is an empty place in a fake.
type Bucket struct {
	Location string            // as RECADO_MEDIA_URL takes it
	Env      map[string]string // the keys
	dir      string
}

// Fake starts a fake that ends with the test. What front returns stands before it; nil:
// nothing does.
func Fake(t testing.TB, front func(http.Handler) http.Handler) Bucket {
	t.Helper()
	f := &fake{dir: t.TempDir()}
	handler := http.Handler(f)
	if front != nil {
		handler = front(f)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return Bucket{
		"s3://" + bucket + "/" + newPrefix() + "?region=us-east-1&endpoint=" + server.URL,
		map[string]string{"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "its-secret"},
		f.dir,
	}
}

// Objects counts the files that are there.
func (b Bucket) Objects() (count int) {
	entries, _ := os.ReadDir(b.dir) // it ends with the test
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), partial) {
			count++
		}
	}
	return count
}

// partial ends the name of an object that is being written.
const partial = ".part"

// A fake keeps the objects of one bucket in a folder, each in a file of its escaped
// name. It answers what S3 answers, and checks no signatures.
type fake struct {
	dir  string
	puts atomic.Int64
}

// ServeHTTP implements http.Handler.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	file := filepath.Join(f.dir, url.PathEscape(key))
	switch {
	case name != bucket:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case key == "": // is the bucket there?
	case r.Method == http.MethodPut:
		if err := f.put(r, file); err != nil {
			fail(w, http.StatusBadRequest, "IncompleteBody")
		}
	case r.Method == http.MethodDelete:
		_ = os.Remove(file) // there may be none
		w.WriteHeader(http.StatusNoContent)
	default:
		get(w, r, file)
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

// put stores a body that is whole.
func (f *fake) put(r *http.Request, name string) error {
	part := filepath.Join(f.dir, fmt.Sprint(f.puts.Add(1), partial))
	file, err := os.Create(part)
	if err != nil {
		return err
	}
	defer file.Close()
	size, body := r.ContentLength, io.Reader(r.Body)
	if decoded := r.Header.Get("X-Amz-Decoded-Content-Length"); decoded != "" {
		body = &chunks{r: bufio.NewReader(r.Body)}
		if size, err = strconv.ParseInt(decoded, 10, 64); err != nil {
			return err
		}
	}
	if n, err := io.Copy(file, body); err != nil || n != size {
		return fmt.Errorf("%d bytes of %d came: %w", n, size, err)
	}
	return os.Rename(part, name)
}

func get(w http.ResponseWriter, r *http.Request, name string) {
	file, err := os.Open(name)
	if err != nil {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		fail(w, http.StatusInternalServerError, "InternalError")
		return
	}
	w.Header().Set("Etag", fmt.Sprintf(`"%d-%d"`, info.ModTime().UnixNano(), info.Size()))
	http.ServeContent(w, r, "", info.ModTime(), file)
}

// chunks reads the encoding of signed bodies over HTTP: each chunk begins with its size
// in hex and a signature, and the last is empty.
type chunks struct {
	r    *bufio.Reader
	left int64
	last bool
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.left == 0 && !c.last {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		size, _, _ := strings.Cut(line, ";")
		if c.left, err = strconv.ParseInt(size, 16, 64); err != nil {
			return 0, err
		}
		c.last = c.left == 0
	}
	if c.last {
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	if c.left -= int64(n); c.left == 0 && err == nil {
		_, err = c.r.Discard(len("\r\n"))
	}
	return n, err
}
