package wabatest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Server plays Meta's Cloud API: it takes messages and names them, unless it
// is told otherwise.
type Server struct {
	URL string // for a connection's base_url

	closed chan struct{} // when the test ends

	mu      sync.Mutex // guards the fields below
	sends   []Send
	answers []Answer
	arrived chan struct{} // closed, and made anew, when a message comes
}

// A Send is a message that came.
type Send struct {
	PhoneNumberID string
	Token         string
	To            string // or the recipient without a phone number
	RecipientType string
	Text          string
	Template      string // its name
	ReplyTo       string
	Opaque        string // biz_opaque_callback_data
	ID            string // the name that the server gives it
	Body          []byte
}

// An Answer is what the server does with one message. Its zero value takes it.
type Answer struct {
	Delay  time.Duration     // before everything else
	Cut    Cut               // close the connection instead of answering
	Status int               // of the answer; zero: 200, with an error 400
	Code   int               // of Meta's error; with an empty Title zero is no error
	Title  string            // of Meta's error
	Body   string            // in place of Meta's own
	Header map[string]string // more headers
}

// A Cut says when the server closes the connection.
type Cut int

// The cuts.
const (
	NoCut            Cut = iota
	CutBeforeReading     // the message is not recorded
	CutAfterReading      // the message is recorded, as one that was sent
)

// NewServer starts a Server. It stops with the test.
func NewServer(t testing.TB) *Server {
	s := &Server{arrived: make(chan struct{}), closed: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(s.messages))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(func() { close(s.closed) })
	s.URL = server.URL
	return s
}

// Answer says what to do with the next messages, one each; those after them
// are taken.
func (s *Server) Answer(next ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, next...)
}

// Sends returns the messages that came, in their order, refused ones included.
func (s *Server) Sends() []Send {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Send(nil), s.sends...)
}

// Wait waits until n messages came and returns them.
func (s *Server) Wait(t testing.TB, n int) []Send {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		s.mu.Lock()
		sends, arrived := append([]Send(nil), s.sends...), s.arrived
		s.mu.Unlock()
		if len(sends) >= n {
			return sends
		}
		select {
		case <-arrived:
		case <-late:
			t.Fatalf("%d messages came, want %d", len(sends), n)
		}
	}
}

func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	a := s.next()
	if a.Delay > 0 {
		select {
		case <-time.After(a.Delay):
		case <-s.closed:
		}
	}
	if a.Cut == CutBeforeReading {
		panic(http.ErrAbortHandler)
	}
	send, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	send = s.record(send)
	if a.Cut == CutAfterReading {
		panic(http.ErrAbortHandler)
	}
	a.write(w, send)
}

func (s *Server) next() Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		return Answer{}
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return a
}

func (s *Server) record(send Send) Send {
	s.mu.Lock()
	defer s.mu.Unlock()
	send.ID = fmt.Sprintf("wamid.test%d", len(s.sends)+1)
	s.sends = append(s.sends, send)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return send
}

// read reads a message as Meta does.
func read(r *http.Request) (Send, error) {
	number, ok := strings.CutSuffix(strings.Trim(r.URL.Path, "/"), "/messages")
	if !ok || r.Method != http.MethodPost {
		return Send{}, fmt.Errorf("%s %s is not how a message is sent", r.Method, r.URL.Path)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Send{}, err
	}
	var m struct {
		To            string
		Recipient     string
		RecipientType string `json:"recipient_type"`
		Opaque        string `json:"biz_opaque_callback_data"`
		Text          struct{ Body string }
		Template      struct{ Name string }
		Context       struct {
			ID string `json:"message_id"`
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return Send{}, err
	}
	return Send{
		PhoneNumberID: number[strings.LastIndex(number, "/")+1:],
		Token:         strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "),
		To:            m.To + m.Recipient, RecipientType: m.RecipientType, Text: m.Text.Body, Template: m.Template.Name,
		ReplyTo: m.Context.ID, Opaque: m.Opaque, Body: body,
	}, nil
}

func (a Answer) write(w http.ResponseWriter, send Send) {
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	status, body := a.Status, a.Body
	wrong := a.Code != 0 || a.Title != ""
	switch {
	case status == 0 && wrong:
		status = http.StatusBadRequest
	case status == 0:
		status = http.StatusOK
	}
	switch {
	case body != "":
	case wrong:
		body = fmt.Sprintf(`{"error":{"message":%q,"type":"OAuthException","code":%d,"fbtrace_id":"AtestTrace"}}`, a.Title, a.Code)
	case status/100 == 2:
		phone := strings.TrimPrefix(send.To, "+")
		body = fmt.Sprintf(`{"messaging_product":"whatsapp","contacts":[{"input":%q,"wa_id":%q}],"messages":[{"id":%q,"message_status":"accepted"}]}`,
			send.To, phone, send.ID)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // who went away needs no answer
}
