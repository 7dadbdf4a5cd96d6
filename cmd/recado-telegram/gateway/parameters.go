package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"recado/cmd/recado-telegram/mtproto"
)

// Parameters are those of every method, as JSON or as the fields of a form.
type parameters struct {
	Chat    json.RawMessage `json:"chat_id"`
	Client  string          `json:"client_id"`
	Text    string          `json:"text"`
	Caption string          `json:"caption"`
	Reply   struct {
		Message int  `json:"message_id"`
		OrPlain bool `json:"allow_sending_without_reply"`
	} `json:"reply_parameters"`
	Duration int    `json:"duration"`
	Message  int    `json:"message_id"`
	FileID   string `json:"file_id"`
	Reaction []struct {
		Emoji string `json:"emoji"`
	} `json:"reaction"`

	Photo    string `json:"photo"` // one of these, if Telegram has the file
	Video    string `json:"video"`
	Audio    string `json:"audio"`
	Voice    string `json:"voice"`
	Document string `json:"document"`

	Latitude  *float64 `json:"latitude"`
	Longitude *float64 `json:"longitude"`
	Title     string   `json:"title"` // of a venue
	Address   string   `json:"address"`

	Phone     string `json:"phone_number"` // of a contact
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	VCard     string `json:"vcard"`

	upload *mtproto.File // the bytes of a file, which follow the other fields
	kind   string
}

// Limits of what is read.
const (
	maxFields = 1 << 20
	maxField  = 64 << 10
)

// readParameters reads them. A file's bytes are read later, while they are sent on.
func readParameters(r *http.Request) (*parameters, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // of none: JSON
	if kind != "multipart/form-data" {
		p := &parameters{}
		err := json.NewDecoder(io.LimitReader(r.Body, maxFields)).Decode(p)
		return p, err
	}
	if params["boundary"] == "" {
		return nil, errors.New("the form has no boundary")
	}
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return fromFields(fields)
		}
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			p, err := fromFields(fields)
			if err == nil {
				p.kind = part.FormName()
				p.upload = &mtproto.File{Kind: p.kind, Name: part.FileName(), MIME: part.Header.Get("Content-Type"), Body: part}
			}
			return p, err
		}
		text, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return nil, err
		}
		fields[part.FormName()] = fieldJSON(part.FormName(), text)
	}
}

// textFields are those whose text is no JSON.
var textFields = map[string]bool{
	"client_id": true, "text": true, "caption": true, "file_id": true, "photo": true, "video": true, "audio": true, "voice": true, "document": true,
	"title": true, "address": true, "phone_number": true, "first_name": true, "last_name": true, "vcard": true,
}

func fieldJSON(name string, text []byte) json.RawMessage {
	if !textFields[name] && json.Valid(text) {
		return text
	}
	quoted, _ := json.Marshal(string(text)) // a string
	return quoted
}

func fromFields(fields map[string]json.RawMessage) (*parameters, error) {
	all, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	p := &parameters{}
	return p, json.Unmarshal(all, p)
}

// chatName is what the chat is called: a number, a phone number, or a public name.
func (p *parameters) chatName() string {
	var name string
	if json.Unmarshal(p.Chat, &name) == nil {
		return name
	}
	return string(p.Chat)
}

// chat is the number of the chat; zero: it is called otherwise.
func (p *parameters) chat() int64 {
	id, _ := strconv.ParseInt(p.chatName(), 10, 64) // what is none is unknown to everybody
	return id
}

// file is the file of a kind; nil: there is none.
func (p *parameters) file(kind string) *mtproto.File {
	if p.upload != nil && p.kind == kind {
		p.upload.Duration = p.Duration
		return p.upload
	}
	known := map[string]string{"photo": p.Photo, "video": p.Video, "audio": p.Audio, "voice": p.Voice, "document": p.Document}[kind]
	if known == "" {
		return nil
	}
	return &mtproto.File{Kind: kind, Known: known, Duration: p.Duration}
}

// location is the point on the map.
func (p *parameters) location() (*mtproto.Location, *mtproto.Error) {
	switch {
	case p.Latitude == nil || *p.Latitude < -90 || *p.Latitude > 90:
		return nil, wrong("latitude must be a number from -90 to 90", "GEO_POINT_INVALID")
	case p.Longitude == nil || *p.Longitude < -180 || *p.Longitude > 180:
		return nil, wrong("longitude must be a number from -180 to 180", "GEO_POINT_INVALID")
	}
	return &mtproto.Location{Latitude: *p.Latitude, Longitude: *p.Longitude}, nil
}

// call reads the parameters, and answers with what the method does.
func call(w http.ResponseWriter, r *http.Request, a *Account, do method) {
	p, err := readParameters(r)
	if err != nil {
		writeError(w, &mtproto.Error{Code: http.StatusBadRequest, Type: "PARAMETERS_INVALID"})
		return
	}
	ctx := r.Context()
	if p.upload == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	result, failed := do(ctx, a, p)
	if failed != nil {
		a.calls.Add(strconv.Itoa(failed.Code))
		writeError(w, failed)
		return
	}
	a.calls.Add("ok")
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

// download gives the bytes of a file, or those of the ranges that are asked for.
func download(w http.ResponseWriter, r *http.Request, a *Account) {
	d, failed := a.Download(r.Context(), r.PathValue("id"))
	if failed != nil {
		writeError(w, failed)
		return
	}
	w.Header().Set("Content-Type", cmp.Or(d.MIME, "application/octet-stream"))
	http.ServeContent(w, r, "", time.Time{}, d) // a read that fails breaks the connection off
}
