package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// fileMethods names the method that sends a file of each type, and its parameter.
var fileMethods = map[domain.MessageType]struct{ method, field string }{
	domain.TypeImage: {"sendPhoto", "photo"},
	domain.TypeVideo: {"sendVideo", "video"},
	domain.TypeAudio: {"sendAudio", "audio"},
	domain.TypeVoice: {"sendVoice", "voice"},
	domain.TypeFile:  {"sendDocument", "document"},
}

// callFile sends a message with a file: by the name that Telegram gave it before, or
// else with its bytes, which go in the same call as the message.
func (a api) callFile(ctx context.Context, conn domain.Connection, m domain.Outgoing) (result domain.SendResult, movedTo domain.PeerID) {
	send := fileMethods[m.Type]
	body := addressed(m)
	body.Caption = m.Text
	if m.Type != domain.TypeImage && m.Type != domain.TypeFile {
		body.Duration = m.Media.Seconds
	}
	if name, known := strings.CutPrefix(m.Media.Known, send.field+":"); known { // a photo cannot be sent as a document
		again := body
		*again.file(m.Type) = name
		result, movedTo = a.callJSON(ctx, conn, m, send.method, again)
		if result.Fate != domain.FateRefused || result.Reason() != domain.ReasonMedia {
			return result, movedTo
		}
	}
	return a.upload(ctx, conn, m, body)
}

// file is the parameter for the name of a file that Telegram has.
func (o *outgoing) file(t domain.MessageType) *string {
	switch t {
	case domain.TypeImage:
		return &o.Photo
	case domain.TypeVideo:
		return &o.Video
	case domain.TypeAudio:
		return &o.Audio
	case domain.TypeVoice:
		return &o.Voice
	}
	return &o.Document
}

// upload sends the message with the bytes of its file.
func (a api) upload(
	ctx context.Context, conn domain.Connection, m domain.Outgoing, body outgoing,
) (result domain.SendResult, movedTo domain.PeerID) {
	hide := hider(conn.Settings, m.Text)
	fields, err := fieldsOf(a.named(body, m))
	if err != nil {
		return wire.NotSent("request", hide(err.Error())), ""
	}
	send := fileMethods[m.Type]
	req, err := wire.NewUpload(ctx, a.methodURL(conn.Settings, send.method), fields, send.field, m.Media)
	if err != nil {
		return wire.NoFile(err, hide), ""
	}
	reply, err := a.client.Once(req)
	if err != nil {
		return wire.NoResponse(err, hide), ""
	}
	result, movedTo = a.result(reply, m, hide)
	if result.Fate == domain.FateAccepted {
		result.Uploaded = uploaded(reply.Body, send.field)
	}
	return result, movedTo
}

// fieldsOf writes parameters as the fields of a form: what is no text is its JSON.
func fieldsOf(body outgoing) ([]wire.Field, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	fields := make([]wire.Field, 0, len(parts))
	for name, value := range parts {
		var s string
		if json.Unmarshal(value, &s) != nil {
			s = string(value)
		}
		fields = append(fields, wire.Field{Name: name, Value: s})
	}
	slices.SortFunc(fields, func(x, y wire.Field) int { return strings.Compare(x.Name, y.Name) })
	return fields, nil
}

// uploaded is the name of the file in the message that Telegram made, as Known; empty:
// none. Telegram keeps a voice message that is none as an audio file or a document.
func uploaded(reply []byte, field string) string {
	type named struct {
		ID wire.Text `json:"file_id"`
	}
	var said struct {
		Result struct {
			Photo                         []named // in several sizes, the largest last
			Video, Audio, Voice, Document named
		}
	}
	_ = wire.Decode(reply, &said) // without a name the file is uploaded again
	file := map[string]named{
		"video": said.Result.Video, "audio": said.Result.Audio, "voice": said.Result.Voice, "document": said.Result.Document,
	}[field]
	if n := len(said.Result.Photo); field == "photo" && n > 0 {
		file = said.Result.Photo[n-1]
	}
	if file.ID == "" {
		return ""
	}
	return fmt.Sprintf("%s:%s", field, file.ID)
}
