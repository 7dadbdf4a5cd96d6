package crm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// A CRM may answer anything. Each row is what it says on a connection after it read
// the request, and what we make of that.
func TestAHostileCRM(t *testing.T) {
	const timeout = 2 * time.Second
	tests := []struct {
		name string
		talk func(c net.Conn)
		want domain.Try
	}{
		{"slow bytes, without end", func(c net.Conn) {
			for _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "); err == nil; _, err = io.WriteString(c, "x") {
				time.Sleep(5 * time.Millisecond)
			}
		}, domain.Try{Error: "no answer in 2s"}},
		{"silence", func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }, domain.Try{Error: "no answer in 2s"}},
		{"success just in time", func(c net.Conn) { time.Sleep(timeout / 5); says200(c) }, domain.Try{OK: true, Status: 200}},
		{"a success with an endless body", func(c net.Conn) { endless(c, "200 OK") }, domain.Try{OK: true, Status: 200}},
		{"a failure with an endless body", func(c net.Conn) { endless(c, "500 No") }, domain.Try{
			Status: 500, Error: "HTTP 500", Answer: strings.Repeat("x", maxExcerpt),
		}},
		{"1 MB of headers", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 1000)+"\r\n")
		}, domain.Try{Error: "the headers of the answer are longer than 64 KiB"}},
		{"an endless status line", func(c net.Conn) {
			for _, err := io.WriteString(c, "HTTP/1.1 200 "); err == nil; {
				_, err = io.WriteString(c, strings.Repeat("x", 4096))
			}
		}, domain.Try{Error: "the headers of the answer are longer than 64 KiB"}},
		{"no HTTP", func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n") }, domain.Try{Error: "no answer that can be read"}},
		{"a redirect to a metadata address", func(c net.Conn) {
			answers(c, "301 Moved Permanently", "Location: http://169.254.169.254/latest/meta-data/", "")
		}, domain.Try{Status: 301, Error: "HTTP 301: redirects are not followed, give the final URL"}},
		{"a reset in the middle of the answer", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
			_ = c.(*net.TCPConn).SetLinger(0)
		}, domain.Try{Error: "the connection was cut before the answer"}},
		{"two lengths", func(c net.Conn) {
			answers(c, "200 OK", "Content-Length: 5\r\nContent-Length: 6", "")
		}, domain.Try{Error: "no answer that can be read"}},
		{"429 with seconds", func(c net.Conn) { answers(c, "429 Slow", "Retry-After: 7", "later") }, domain.Try{
			Throttled: true, RetryAfter: 7 * time.Second, Status: 429, Error: "HTTP 429", Answer: "later",
		}},
		{"429 that asks for a century", func(c net.Conn) { answers(c, "429 Slow", "Retry-After: 3153600000", "") }, domain.Try{
			Throttled: true, RetryAfter: 3153600000 * time.Second, Status: 429, Error: "HTTP 429", // bounded by the health of the endpoint
		}},
		{"503 with a date that is over", func(c net.Conn) {
			answers(c, "503 Away", "Retry-After: Fri, 02 Jan 2026 12:05:00 GMT", "")
		}, domain.Try{Throttled: true, Status: 503, Error: "HTTP 503"}},
		{"503 without a wish", func(c net.Conn) { answers(c, "503 Away", "X: y", "<h1>\x1b[31mAway") }, domain.Try{
			Status: 503, Error: "HTTP 503", Answer: `<h1>\x1b[31mAway`,
		}},
		{"410", func(c net.Conn) { answers(c, "410 Gone", "X: y", "") }, domain.Try{
			Gone: true, Status: 410, Error: "HTTP 410: the endpoint wants no more events",
		}},
		{"100 Continue, then success", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
			says200(c)
		}, domain.Try{OK: true, Status: 200}},
		{"100 Continue without end", func(c net.Conn) {
			for err := error(nil); err == nil; {
				_, err = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
			}
		}, domain.Try{Error: "the headers of the answer are longer than 64 KiB"}}, // all of them count
		{"another protocol", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = c.Read(make([]byte, 1)) // until the other side closes
		}, domain.Try{Status: 101, Error: "HTTP 101: the endpoint speaks another protocol"}},
	}
	d := home(t)
	d.Timeout = timeout
	before := openFiles(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var connections atomic.Int32
			e := listen(t, func(_ int, c net.Conn) {
				connections.Add(1)
				read(bufio.NewReader(c))
				tt.talk(c)
			})
			got := deliver(t.Context(), d, e, hello)
			if got.Took > 5*time.Second {
				t.Errorf("it took %s", got.Took)
			}
			got.Delivery, got.Took = domain.Delivery{}, 0
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("try (-want +got):\n%s", diff)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("it was called %d times", n)
			}
		})
	}
	d.Close()
	for deadline := time.Now().Add(5 * time.Second); openFiles(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d files are open, %d before", openFiles(t), before)
		}
	}
}

func says200(c net.Conn) { answers(c, "200 OK", "X: y", "") }

func answers(c net.Conn, status, header, body string) {
	fmt.Fprintf(c, "HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
}

func endless(c net.Conn, status string) {
	_, err := fmt.Fprintf(c, "HTTP/1.1 %s\r\n\r\n", status)
	for err == nil {
		_, err = io.WriteString(c, strings.Repeat("x", 4096))
	}
}

// openFiles counts the files and connections that this process has open.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not list open files")
	}
	return len(list)
}

// The address is checked when the connection is made: an answer of DNS that changes
// afterwards, or between two deliveries, leads nowhere else.
func TestDNSThatChangesLeadsNowhere(t *testing.T) {
	called := 0
	e := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		called++
		w.Header().Set("Connection", "close")
	})
	e.URL = strings.Replace(e.URL, "127.0.0.1", "crm.example", 1)
	d := home(t)
	var answer atomic.Value
	answer.Store([4]byte{127, 0, 0, 1})
	d.dialer.Resolver = fakeDNS(t, func() [4]byte { return answer.Load().([4]byte) })
	if try := deliver(t.Context(), d, e, hello); !try.OK || called != 1 {
		t.Fatalf("at first: %+v, %d calls", try, called)
	}
	answer.Store([4]byte{169, 254, 169, 254})
	if try := deliver(t.Context(), d, e, hello); try.OK || try.Error != "address 169.254.169.254 is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)" || called != 1 {
		t.Errorf("afterwards: %+v, %d calls", try, called)
	}
}
