package crm

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"recado/domain"
)

const secret = domain.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

var hello = domain.Delivery{ID: 7, Event: "evt_1", Chat: "chat_1", Body: []byte(`{"id":"evt_1",  "data":{"text":"hola, ¿qué tal?"}}`)}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// home returns a Deliverer that may connect to the test's servers.
func home(t testing.TB) *Deliverer {
	d := New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	t.Cleanup(d.Close)
	return d
}

// deliver makes one try of one delivery.
func deliver(ctx context.Context, d *Deliverer, e domain.Endpoint, del domain.Delivery) domain.Try {
	return d.Deliver(ctx, e, []domain.Delivery{del})[0]
}

// serve starts a CRM and returns an endpoint there.
func serve(t testing.TB, h http.HandlerFunc) domain.Endpoint {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return domain.Endpoint{ID: "crm", URL: s.URL + "/hooks?token=query-token", Secret: secret}
}

// listen starts a CRM that handles raw connections: talk gets each, numbered from
// 1, and then it is closed.
func listen(t testing.TB, talk func(n int, c net.Conn)) domain.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	t.Cleanup(func() { l.Close(); done.Wait() })
	done.Go(func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() { defer c.Close(); talk(n, c) })
		}
	})
	return domain.Endpoint{URL: "http://" + l.Addr().String() + "/?token=query-token", Secret: secret}
}

// read reads one request to its end and returns its id, or an empty id if none came.
func read(r *bufio.Reader) string {
	req, err := http.ReadRequest(r)
	if err != nil {
		return ""
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return ""
	}
	return req.Header.Get("Webhook-Id")
}

func TestDeliverPostsTheEventAsItIsStored(t *testing.T) {
	var got *http.Request
	var body []byte
	e := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	})
	try := deliver(t.Context(), home(t), e, hello)
	if !try.OK || try.Error != "" || try.Took <= 0 {
		t.Fatalf("try: %+v, want OK", try)
	}
	if diff := cmp.Diff(try.Delivery, hello); diff != "" {
		t.Errorf("delivery of the try (-got +want):\n%s", diff)
	}
	if string(body) != string(hello.Body) {
		t.Errorf("body: %s, want %s", body, hello.Body)
	}
	if got.Method != "POST" || got.RequestURI != "/hooks?token=query-token" {
		t.Errorf("request: %s %s", got.Method, got.RequestURI)
	}
	sent := map[string][]string{}
	for name, values := range got.Header {
		if name != "Webhook-Timestamp" && name != "Webhook-Signature" {
			sent[name] = values
		}
	}
	want := map[string][]string{
		"Content-Length": {strconv.Itoa(len(hello.Body))}, "Content-Type": {"application/json"},
		"User-Agent": {"Recado/1"}, "Webhook-Id": {"evt_1"},
	}
	if diff := cmp.Diff(sent, want); diff != "" {
		t.Errorf("headers (-got +want):\n%s", diff)
	}
	w, err := standardwebhooks.NewWebhook(string(secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Verify(body, got.Header); err != nil {
		t.Errorf("the official library verifies: %v", err)
	}
}

func TestDeliverJudgesByTheStatus(t *testing.T) {
	const moved = "redirects are not followed, give the final URL"
	tests := []struct {
		name       string
		status     int
		retryAfter string
		want       domain.Try
	}{
		{"200 is success", 200, "", domain.Try{OK: true}},
		{"202 is success", 202, "", domain.Try{OK: true}},
		{"204 is success", 204, "", domain.Try{OK: true}},
		{"a wish beside a success is none", 200, "9", domain.Try{OK: true}},
		{"a redirect is a failure", 302, "", domain.Try{Error: "HTTP 302: " + moved}},
		{"a lasting redirect is a failure", 308, "", domain.Try{Error: "HTTP 308: " + moved}},
		{"304 is a failure", 304, "", domain.Try{Error: "HTTP 304"}},
		{"400 is a failure", 400, "", domain.Try{Error: "HTTP 400"}},
		{"401 is a failure", 401, "", domain.Try{Error: "HTTP 401"}},
		{"404 is a failure", 404, "", domain.Try{Error: "HTTP 404"}},
		{"410 wants no more", 410, "", domain.Try{Gone: true, Error: "HTTP 410: the endpoint wants no more events"}},
		{"429 wants a pause", 429, "30", domain.Try{Throttled: true, RetryAfter: 30 * time.Second, Error: "HTTP 429"}},
		{"500 is a failure", 500, "", domain.Try{Error: "HTTP 500"}},
		{"429 alone wants a slower pace", 429, "", domain.Try{Throttled: true, Error: "HTTP 429"}},
		{"503 alone is a failure", 503, "", domain.Try{Error: "HTTP 503"}},
		{"503 wants a pause", 503, "120", domain.Try{Throttled: true, RetryAfter: 2 * time.Minute, Error: "HTTP 503"}},
	}
	d := home(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			e := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				w.Header().Set("Location", "/elsewhere")
				if tt.retryAfter != "" {
					w.Header().Set("Retry-After", tt.retryAfter)
				}
				w.WriteHeader(tt.status)
			})
			got := deliver(t.Context(), d, e, hello)
			got.Delivery, got.Took = domain.Delivery{}, 0
			tt.want.Status = tt.status
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("try (-got +want):\n%s", diff)
			}
			if calls.Load() != 1 {
				t.Errorf("the endpoint was called %d times, want once", calls.Load())
			}
		})
	}
}

func TestDeliverWaitsNoLongerThanItsTimeout(t *testing.T) {
	tests := []struct {
		name  string
		crm   func(t *testing.T) domain.Endpoint
		ok    bool
		error string
	}{
		{"no answer", func(t *testing.T) domain.Endpoint {
			return serve(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			})
		}, false, "no answer in 50ms"},
		{"success, then a body without end", func(t *testing.T) domain.Endpoint {
			return serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(200)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
		}, true, ""},
		{"another protocol, and silence", func(t *testing.T) domain.Endpoint {
			return listen(t, func(_ int, c net.Conn) {
				r := bufio.NewReader(c)
				read(r)
				_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
				read(r) // until the other side closes
			})
		}, false, "HTTP 101: the endpoint speaks another protocol"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := home(t)
			d.Timeout = 50 * time.Millisecond
			try := deliver(t.Context(), d, tt.crm(t), hello)
			if try.OK != tt.ok || try.Error != tt.error || try.Took > 5*time.Second {
				t.Errorf("try: %+v, want OK %t, error %q", try, tt.ok, tt.error)
			}
		})
	}
}

func TestDeliverSkipsWhenItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		stop()
		<-r.Context().Done()
	})
	if try := deliver(ctx, home(t), e, hello); !try.Skipped || try.OK {
		t.Errorf("try: %+v, want it skipped", try)
	}
}

func TestDeliverReusesConnections(t *testing.T) {
	const deliveries = 10
	tests := []struct {
		name   string
		answer int // bytes
		want   int32
	}{
		{"an empty answer", 0, 1},
		{"a short answer", 100, 1},
		{"the longest answer that is read", maxAnswer, 1},
		{"a longer answer", 2 * maxAnswer, deliveries},
		{"an answer without end", 100 << 20, deliveries},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var connections atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				part := make([]byte, 1000)
				for left := tt.answer; left > 0; left -= len(part) {
					if _, err := w.Write(part[:min(left, len(part))]); err != nil {
						return
					}
				}
			}))
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			s.Start()
			t.Cleanup(s.Close)
			d := home(t)
			for range deliveries {
				if try := deliver(t.Context(), d, domain.Endpoint{URL: s.URL, Secret: secret}, hello); !try.OK {
					t.Fatalf("try: %+v, want OK", try)
				}
			}
			if got := connections.Load(); got != tt.want {
				t.Errorf("%d deliveries took %d connections, want %d", deliveries, got, tt.want)
			}
		})
	}
}

func TestDeliverWhenTheConnectionIsCut(t *testing.T) {
	answer := func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n") }
	tests := []struct {
		name string
		talk func(n int, r *bufio.Reader, c net.Conn, seen *atomic.Int32)
		ok   []bool // of one delivery after another
		seen int32
	}{
		{
			"before the answer, on a new connection: told as a failure, sent once",
			func(_ int, r *bufio.Reader, _ net.Conn, seen *atomic.Int32) {
				if read(r) == "evt_1" {
					seen.Add(1)
				}
			},
			[]bool{false},
			1,
		},
		{
			"on a kept connection that the CRM had given up: sent again with the same id",
			func(n int, r *bufio.Reader, c net.Conn, seen *atomic.Int32) {
				for i := range 2 {
					if read(r) == "evt_1" {
						seen.Add(1)
					}
					if n == 1 && i == 1 {
						return
					}
					answer(c)
				}
			},
			[]bool{true, true},
			3,
		},
		{
			"within the head of the answer",
			func(_ int, r *bufio.Reader, c net.Conn, seen *atomic.Int32) {
				read(r)
				seen.Add(1)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
			},
			[]bool{false},
			1,
		},
		{
			"within the body of a success: a success",
			func(_ int, r *bufio.Reader, c net.Conn, seen *atomic.Int32) {
				read(r)
				seen.Add(1)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			},
			[]bool{true},
			1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var seen atomic.Int32
			e := listen(t, func(n int, c net.Conn) { tt.talk(n, bufio.NewReader(c), c, &seen) })
			d := home(t)
			for i, want := range tt.ok {
				try := deliver(t.Context(), d, e, hello)
				if try.OK != want || !want && try.Error != "the connection was cut before the answer" {
					t.Errorf("try %d: %+v, want OK %t", i+1, try, want)
				}
			}
			d.Close()
			if seen.Load() != tt.seen {
				t.Errorf("the CRM saw the event %d times, want %d", seen.Load(), tt.seen)
			}
		})
	}
}

func TestDeliverOverTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	tests := []struct {
		name  string
		url   string
		known bool // the authority that signed the certificate
		error string
	}{
		{"a good certificate", s.URL, true, ""},
		{"nobody knows who signed it", s.URL, false, "the TLS certificate is signed by an unknown authority"},
		{"it names another host", "https://localhost" + port, true, "the TLS certificate is for another host"},
		{"no TLS at all", strings.Replace(plain.URL, "http:", "https:", 1), true, "the endpoint does not speak TLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := home(t)
			if tt.known {
				d.transport.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			}
			try := deliver(t.Context(), d, domain.Endpoint{URL: tt.url, Secret: secret}, hello)
			if try.OK != (tt.error == "") || try.Error != tt.error {
				t.Errorf("try: %+v, want error %q", try, tt.error)
			}
		})
	}
}

// Errors are stored, shown to the company and logged.
func TestErrorsContainNoSecret(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://query-token.example/")
		w.WriteHeader(302)
		_, _ = io.Copy(w, r.Body)
	}
	garbage := func(_ int, c net.Conn) {
		read(bufio.NewReader(c))
		_, _ = io.WriteString(c, "query-token hola "+string(secret)+"\r\n\r\n")
	}
	bad := secret + "!"
	tests := []struct {
		name string
		e    domain.Endpoint
	}{
		{"the answer repeats the event", serve(t, echo)},
		{"the answer is not HTTP", listen(t, garbage)},
		{"the answer is cut", listen(t, func(int, net.Conn) {})},
		{"the address is forbidden", domain.Endpoint{URL: "http://10.0.0.1/?token=query-token", Secret: secret}},
		{"nobody listens", domain.Endpoint{URL: "http://127.0.0.1:1/?token=query-token", Secret: secret}},
		{"the URL has a password", domain.Endpoint{URL: "http://user:query-token@crm.example/", Secret: secret}},
		{"the URL is malformed", domain.Endpoint{URL: "http://crm.example/%zz?token=query-token", Secret: secret}},
		{"the secret is malformed", domain.Endpoint{URL: "https://crm.example/", Secret: bad}},
		{"the previous secret is malformed", domain.Endpoint{URL: "https://crm.example/", Secret: secret, Previous: bad}},
	}
	d := home(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			try := deliver(t.Context(), d, tt.e, hello)
			if try.OK || try.Error == "" || len(try.Error) > 100 {
				t.Errorf("try: %+v, want a short error", try)
			}
			for _, hidden := range []string{string(secret[6:]), "query-token", "hola"} {
				if strings.Contains(try.Error, hidden) {
					t.Errorf("error %q shows %q", try.Error, hidden)
				}
			}
		})
	}
}
