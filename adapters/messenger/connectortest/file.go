package connectortest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"recado/domain"
)

// A sample is a message of each type, with what the type needs.
func sample(typ domain.MessageType) domain.Outgoing {
	m := outgoing
	m.Type = typ
	switch {
	case slices.Contains(domain.FileTypes, typ):
		m.Media, _ = fileOf([]byte("the bytes of a file"))
	case slices.Contains(domain.ActionTypes, typ):
		m.Target, m.TargetType = "16505551234/76", domain.TypeText
	case typ == domain.TypeTemplate:
		m.Template = &domain.Template{Name: "greeting", Language: "es"}
	case typ == domain.TypeLocation:
		m.Content = &domain.Content{Location: &domain.Location{Latitude: "40.41", Longitude: "-3.70"}}
	case typ == domain.TypeContacts:
		m.Content = &domain.Content{Contacts: []domain.Card{{Name: "Ada", Phones: []string{"+34600110022"}}}}
	case typ == domain.TypeInteractive:
		m.Content = &domain.Content{Interactive: &domain.Interactive{Buttons: []domain.Button{{ID: "yes", Title: "Sí"}}}}
	}
	return m
}

// A file of a message that says when it is closed.
type file struct {
	*bytes.Reader
	closed chan<- struct{}
}

func (f file) Close() error { f.closed <- struct{}{}; return nil }

// fileOf is a file that reports each time it is closed.
func fileOf(content []byte) (*domain.MediaUpload, <-chan struct{}) {
	closed := make(chan struct{}, 10)
	return &domain.MediaUpload{
		ID: "med_1", MIME: "image/png", Name: "a \"ñ\".png", Size: int64(len(content)),
		Open: func(context.Context) (io.ReadSeekCloser, error) { return file{bytes.NewReader(content), closed}, nil },
	}, closed
}

// fileTypes lists the types with a file that the messenger takes.
func (s Suite) fileTypes() []domain.MessageType {
	return slices.DeleteFunc(slices.Clone(domain.FileTypes), func(t domain.MessageType) bool { return !s.Kind.Traits().CanSend(t) })
}

// limits: what can be too long or too big is limited, once.
func (s Suite) limits(t *testing.T) {
	limiter, ok := s.New(http.DefaultClient).(domain.Limiter)
	if !ok {
		if len(s.fileTypes()) > 0 {
			t.Error("it sends files, and is no domain.Limiter")
		}
		return
	}
	listed := map[domain.MessageType]bool{}
	for _, l := range limiter.Limits() {
		if listed[l.Type] || !s.Kind.Traits().CanSend(l.Type) {
			t.Errorf("%s is limited twice, or cannot be sent", l.Type)
		}
		listed[l.Type] = true
		if slices.Contains(domain.FileTypes, l.Type) && l.Size <= 0 {
			t.Errorf("%s has no limit of its size", l.Type)
		}
	}
	for _, typ := range s.Kind.Traits().Sends {
		if !listed[typ] {
			t.Errorf("%s has no limit", typ)
		}
	}
}

// files: the bytes of a file arrive, once, and a failed upload is no unknown message.
func (s Suite) files(t *testing.T) {
	for _, typ := range s.fileTypes() {
		t.Run(string(typ), func(t *testing.T) {
			t.Run("its bytes arrive", func(t *testing.T) { s.fileArrives(t, typ) })
			if !s.namesFiles() {
				return
			}
			t.Run("its name is used again", func(t *testing.T) { s.nameIsUsed(t, typ) })
			t.Run("its name is forgotten", func(t *testing.T) { s.nameIsForgotten(t, typ) })
		})
	}
	if len(s.fileTypes()) == 0 {
		return
	}
	t.Run("the connection breaks within it", s.brokenUpload)
	for name, open := range map[string]func(context.Context) (io.ReadSeekCloser, error){
		"it cannot be opened now":       func(context.Context) (io.ReadSeekCloser, error) { return nil, domain.ErrUnavailable },
		"it breaks while it is read":    func(context.Context) (io.ReadSeekCloser, error) { return &broken{left: 10}, nil },
		"it is shorter than it is said": func(context.Context) (io.ReadSeekCloser, error) { return &broken{left: 10, err: io.EOF}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			m := sample(s.fileTypes()[0])
			m.Media.Open = open
			a, _ := s.sendFile(t, m, s.Accepted)
			if a.Fate != domain.FateNeverLeft || a.Failure == nil {
				t.Errorf("Send = %+v, want it never left", a)
			}
		})
	}
	t.Run("it is stored no more", func(t *testing.T) {
		m := sample(s.fileTypes()[0])
		m.Media.Open = func(context.Context) (io.ReadSeekCloser, error) { return nil, domain.ErrNotFound }
		a, calls := s.sendFile(t, m, s.Accepted)
		if a.Fate != domain.FateRefused || a.Reason() != domain.ReasonMedia || len(calls) != 0 {
			t.Errorf("Send = %+v after %d calls, want it refused for its file without a call", a, len(calls))
		}
	})
}

// namesFiles reports whether the messenger gives a file a name, by which it can be sent again.
func (s Suite) namesFiles() bool { return s.Forgotten.Status != 0 }

func (s Suite) fileArrives(t *testing.T, typ domain.MessageType) {
	m := sample(typ)
	var closed <-chan struct{}
	m.Media, closed = fileOf([]byte("the bytes of a file"))
	a, calls := s.sendFile(t, m, s.Accepted)
	var content []byte
	for _, c := range calls {
		content = append(content, c.file...)
	}
	if a.Fate != domain.FateAccepted || a.ProviderID != s.AcceptedID || string(content) != "the bytes of a file" || (a.Uploaded != "") != s.namesFiles() {
		t.Errorf("Send = %+v, the messenger got the file %q", a, content)
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the file was not closed")
	}
}

func (s Suite) nameIsUsed(t *testing.T, typ domain.MessageType) {
	m := sample(typ)
	first, _ := s.sendFile(t, m, s.Accepted)
	m.Media.Known = first.Uploaded
	a, calls := s.sendFile(t, m, s.Accepted)
	if a.Fate != domain.FateAccepted || len(calls) != 1 || calls[0].file != nil || a.Uploaded != "" {
		t.Errorf("Send = %+v in %d calls, want it taken in one, without the file", a, len(calls))
	}
}

func (s Suite) nameIsForgotten(t *testing.T, typ domain.MessageType) {
	m := sample(typ)
	first, _ := s.sendFile(t, m, s.Accepted)
	m.Media.Known = first.Uploaded
	a, calls := s.sendFile(t, m, s.Forgotten, s.Accepted)
	uploads := 0
	for _, c := range calls {
		if c.file != nil {
			uploads++
		}
	}
	if a.Fate != domain.FateAccepted || uploads != 1 || a.Uploaded == "" {
		t.Errorf("Send = %+v with %d uploads, want it taken after one", a, uploads)
	}
	if a, _ := s.sendFile(t, m, s.Forgotten, s.Forgotten); a.Fate != domain.FateRefused {
		t.Errorf("Send = %+v, want it refused the second time", a)
	}
}

// brokenUpload: a file that did not arrive whole is no message.
func (s Suite) brokenUpload(t *testing.T) {
	const size = 64 << 20
	m := sample(s.fileTypes()[0])
	m.Media.Size = size
	m.Media.Open = func(context.Context) (io.ReadSeekCloser, error) { return &broken{left: size, err: io.EOF}, nil }
	a := s.sendOf(t, m, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 1<<10) // whatever came of it
		panic(http.ErrAbortHandler)
	})
	if a.Fate != domain.FateNeverLeft {
		t.Errorf("Send = %s %+v, want it never left", a.Fate, a.Failure)
	}
}

// broken gives zeros, and then its error.
type broken struct {
	left int
	err  error
}

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		if b.err == nil {
			return 0, errors.New("the disk is broken")
		}
		return 0, b.err
	}
	n := min(len(p), b.left)
	clear(p[:n])
	b.left -= n
	return n, nil
}

func (*broken) Seek(int64, int) (int64, error) { return 0, nil }
func (*broken) Close() error                   { return nil }

// A received call of the messenger.
type received struct {
	file []byte // nil: it came without one
}

// sendFile sends a message to a messenger that takes files, and gives the replies to
// messages in turn.
func (s Suite) sendFile(t *testing.T, m domain.Outgoing, replies ...Reply) (domain.SendResult, []received) {
	t.Helper()
	var mu sync.Mutex
	var calls []received
	messages := 0
	a := s.sendOf(t, m, func(w http.ResponseWriter, r *http.Request) {
		content := s.fileIn(r)
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, received{content})
		next := replies[min(messages, len(replies)-1)]
		switch {
		case content == nil:
			messages++
			reply(next)(w, r)
		case s.UploadsApart, reflect.DeepEqual(next, s.Accepted):
			reply(s.Uploaded(m.Type))(w, r)
		default:
			reply(next)(w, r)
		}
	})
	return a, calls
}

// fileIn reads the file of a call; nil: there is none.
func (s Suite) fileIn(r *http.Request) []byte {
	if s.FileIn != nil {
		return s.FileIn(r)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		_, _ = io.Copy(io.Discard, r.Body) // whatever it is
		return nil
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	content := []byte{}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return content
		}
		if part.FileName() != "" {
			content, _ = io.ReadAll(part) // what came of it
		}
	}
}

// sendOf sends the message to a messenger that serves so.
func (s Suite) sendOf(t *testing.T, m domain.Outgoing, serve http.HandlerFunc) domain.SendResult {
	t.Helper()
	server := httptest.NewServer(serve)
	defer server.Close()
	defer server.CloseClientConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	a := s.New(client).Send(ctx, s.Connection(server.URL), m)
	s.secret(t, a)
	return a
}
