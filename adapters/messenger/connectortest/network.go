package connectortest

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/domain"
)

type networkRow struct {
	Answer
	serve http.HandlerFunc
}

// network lists what may happen after a request was written, with any
// messenger: nobody knows whether the message left.
func (s Suite) network(t *testing.T) []networkRow {
	elsewhere := httptest.NewServer(reply(s.Accepted)) // takes what follows a redirect
	t.Cleanup(elsewhere.Close)
	rows := []networkRow{
		{Answer{Name: "the connection is cut before an answer"}, cut},
		{Answer{Name: "the connection is cut within an answer"}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, s.Accepted.Body[:len(s.Accepted.Body)/2])
		}},
		{Answer{Name: "502 of a proxy"}, reply(Reply{Status: 502, Body: "<html>Bad Gateway</html>"})},
		{Answer{Name: "503 without a word"}, reply(Reply{Status: 503})},
		{Answer{Name: "500 with other JSON"}, reply(Reply{Status: 500, Body: `{"status":"down"}`})},
		{Answer{Name: "200 without a word"}, reply(Reply{Status: 200})},
		{Answer{Name: "200 with half an answer"}, reply(Reply{Status: 200, Body: s.Accepted.Body[:len(s.Accepted.Body)/2]})},
		{Answer{Name: "200 that never ends"}, func(w http.ResponseWriter, r *http.Request) {
			for range 64 { // MiB
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<20)); err != nil {
					return
				}
			}
			t.Error("an answer without end is read on and on")
		}},
		{Answer{Name: "101, and then silence"}, switchProtocols(s.Accepted.Body)},
		{Answer{Name: "302"}, reply(Reply{Status: 302, Header: map[string]string{"Location": elsewhere.URL}})},
		{Answer{Name: "307"}, reply(Reply{Status: 307, Header: map[string]string{"Location": elsewhere.URL}})},
	}
	for i := range rows {
		rows[i].Fate, rows[i].Reason, rows[i].Code = domain.FateUnknown, domain.ReasonOutcomeUnknown, domain.UnknownError
	}
	return rows
}

// switchProtocols answers that the connection speaks another protocol from now on.
func switchProtocols(said string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n"+said)
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
		_ = conn.Close()
	}
}

// cut reads the request and closes the connection.
func cut(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // whatever came of it
	panic(http.ErrAbortHandler)
}

// unreachable: nothing was written, so the message may be sent again.
func (s Suite) unreachable(t *testing.T) {
	plain := httptest.NewServer(reply(s.Accepted))
	defer plain.Close()
	encrypted := httptest.NewUnstartedServer(reply(s.Accepted))
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer encrypted.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, url := range map[string]string{
		"nobody listens":                 gone.URL,
		"the name does not resolve":      "http://recado.invalid",
		"the other side speaks no TLS":   strings.Replace(plain.URL, "http:", "https:", 1),
		"the certificate is not trusted": encrypted.URL,
	} {
		t.Run(name, func(t *testing.T) {
			want := Answer{Fate: domain.FateNeverLeft, Reason: domain.ReasonUnreachable, Code: domain.UnknownError, Retry: true}
			want.check(t, s.sendOver(t, &http.Transport{}, url))
		})
	}
}

// once: on a connection that was used before, net/http tries some requests
// again by itself. A message is not among them.
func (s Suite) once(t *testing.T) {
	var mu sync.Mutex
	var from []string // who made each request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from = append(from, r.RemoteAddr)
		n := len(from)
		mu.Unlock()
		if n != 1 {
			cut(w, r)
		}
		reply(s.Accepted)(w, r)
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	if a := s.sendOver(t, transport, server.URL); a.Fate != domain.FateAccepted {
		t.Fatalf("the first Send = %+v", a)
	}
	want := Answer{Fate: domain.FateUnknown, Reason: domain.ReasonOutcomeUnknown, Code: domain.UnknownError}
	want.check(t, s.sendOver(t, transport, server.URL))
	server.Close() // what was on its way has arrived
	if len(from) != 2 {
		t.Fatalf("the messenger got %d requests, want 2", len(from))
	}
	if from[0] != from[1] {
		t.Error("the second message went over another connection: nothing was tested")
	}
}

// timeout: Send returns when its context ends; whether the message left
// depends on when.
func (s Suite) timeout(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // whatever came of it
		close(arrived)
		<-r.Context().Done()
	}))
	defer server.Close()
	c := s.New(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	ctx, cancel := context.WithCancel(t.Context())
	over := time.AfterFunc(10*time.Second, func() { t.Error("Send did not return when its context ended") })
	defer over.Stop()

	go func() {
		<-arrived
		cancel()
	}()
	a := c.Send(ctx, s.Connection(server.URL), outgoing)
	s.secret(t, a)
	unknown := Answer{Fate: domain.FateUnknown, Reason: domain.ReasonOutcomeUnknown, Code: domain.UnknownError}
	unknown.check(t, a)

	a = c.Send(ctx, s.Connection(server.URL), outgoing)
	neverLeft := Answer{Fate: domain.FateNeverLeft, Reason: domain.ReasonUnreachable, Code: domain.UnknownError, Retry: true}
	neverLeft.check(t, a)
}
