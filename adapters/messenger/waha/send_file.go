package waha

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// fileMethods names the method that sends a file of each type. WhatsApp shows an audio
// file that is no voice message like every other file.
var fileMethods = map[domain.MessageType]struct {
	path    string
	convert bool // into what WhatsApp plays
}{
	domain.TypeImage: {"/api/sendImage", false},
	domain.TypeVideo: {"/api/sendVideo", true},
	domain.TypeVoice: {"/api/sendVoice", true},
	domain.TypeAudio: {"/api/sendFile", false},
	domain.TypeFile:  {"/api/sendFile", false},
}

// An attached is the body of the POST of a file.
type attached struct {
	addressed
	Caption string `json:"caption,omitempty"`
	Convert bool   `json:"convert,omitempty"`
	File    struct {
		MIME string `json:"mimetype"`
		Name string `json:"filename"`
		Data string `json:"data"` // in base64; it is the last of the body, so that it can be streamed
	} `json:"file"`
}

// lookTime is what is left of the time of a send to look for a file without an answer.
const lookTime = 4 * time.Second

// postFile sends the file once. If the outcome is unknown the messages of the chat may
// show it: WAHA takes no id of ours for files.
func (s *sending) postFile(ctx context.Context) domain.SendResult {
	began := time.Now()
	sent := ctx
	if deadline, limited := ctx.Deadline(); limited {
		var cancel context.CancelFunc
		sent, cancel = context.WithDeadline(ctx, deadline.Add(-lookTime))
		defer cancel()
	}
	result := s.upload(sent)
	if result.Fate != domain.FateUnknown {
		return result
	}
	if id, pending := s.findFile(ctx, began); id != "" {
		return s.accepted(id, pending)
	}
	return result
}

// upload calls the method of the file.
func (s *sending) upload(ctx context.Context) domain.SendResult {
	method := fileMethods[s.m.Type]
	body := attached{addressed: s.addressed(), Caption: s.m.Text, Convert: method.convert}
	body.File.MIME, body.File.Name = s.m.Media.MIME, wire.FileName(s.m.Media)
	data, err := json.Marshal(body)
	if err != nil {
		return wire.NotSent("request", s.hide(err.Error()))
	}
	before, after := bytes.TrimSuffix(data, []byte(`"}}`)), []byte(`"}}`)
	req, err := wire.NewEncoded(ctx, s.base+method.path, before, after, s.m.Media)
	if err != nil {
		return wire.NoFile(err, s.hide)
	}
	req.Header.Set("X-Api-Key", s.key)
	reply, err := s.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, s.hide)
	}
	result, _ := s.taken(reply)
	return result
}

// findFile looks for the file among what the company wrote in the chat since the time.
// Two that could be it are none: one of them may be another's. WAHA tells seconds only,
// so that what it took just before may be among them.
func (s *sending) findFile(ctx context.Context, since time.Time) (id domain.ProviderID, pending bool) {
	path := fmt.Sprintf("/api/%s/chats/%s/messages?limit=20&sortBy=timestamp&sortOrder=desc&downloadMedia=false&filter.fromMe=true&filter.timestamp.gte=%d",
		s.session, s.to, since.Unix())
	var list []json.RawMessage
	call := s.call
	call.client = call.client.Reading(lookbackBytes)
	if call.ask(ctx, http.MethodGet, path, nil, &list) != nil {
		return "", false
	}
	for _, raw := range list {
		var m message
		if wire.Decode(raw, &m) != nil || m.Timestamp.Unix() < since.Unix() || !s.looksLike(&m) {
			continue
		}
		name, err := m.ID.provider()
		if s.recent.has(name) {
			continue
		}
		if err != nil || id != "" {
			return "", false
		}
		id, pending = name, m.Ack == nil || *m.Ack < 1
	}
	return id, pending
}

// looksLike reports whether the message may be the file that is sent.
func (s *sending) looksLike(m *message) bool {
	if !m.FromMe || m.Source == "app" || !m.HasMedia && !m.Media.exists() {
		return false
	}
	asFile := fileMethods[s.m.Type] == fileMethods[domain.TypeFile] // whose type the engine may not tell
	return (asFile || m.file().Type == s.m.Type) && strings.TrimSpace(string(m.Body)) == strings.TrimSpace(s.m.Text)
}
