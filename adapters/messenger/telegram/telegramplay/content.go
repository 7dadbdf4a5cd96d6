package telegramplay

import (
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"recado/adapters/messenger/simulator"
)

// maxUpload is the largest file that the Bot API takes.
const maxUpload = 50 << 20

// sendMethods are the methods that make a message, with the parameter that it needs.
var sendMethods = map[string]string{
	"sendMessage": "text", "sendPhoto": "photo", "sendVideo": "video", "sendAudio": "audio", "sendVoice": "voice",
	"sendDocument": "document", "sendLocation": "latitude", "sendVenue": "latitude", "sendContact": "phone_number",
}

// changeMethods are the methods that change a message, and whether they answer with it.
var changeMethods = map[string]bool{
	"setMessageReaction": false, "deleteMessage": false, "deleteBusinessMessages": false, "editMessageText": true, "editMessageCaption": true,
}

// A file of a message that the bot sent, as Telegram describes it.
type file struct {
	ID       string `json:"file_id"`
	Unique   string `json:"file_unique_id"`
	MIME     string `json:"mime_type,omitempty"`
	Size     int64  `json:"file_size,omitempty"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Duration *int   `json:"duration,omitempty"`
}

// own is what the player needs of a message beside its text.
type own struct {
	replyTo int64
	client  string // Recado's id of it, at a gateway
	field   string // of its file or its other content; empty: it is a text
	file    string // the name that the bot gave; empty: its bytes came
	size    int64

	place   *place
	venue   *venue
	contact *contact
	markup  *markup
}

type place struct {
	Latitude  json.Number `json:"latitude"`
	Longitude json.Number `json:"longitude"`
}

type venue struct {
	Location *place `json:"location"`
	Title    string `json:"title"`
	Address  string `json:"address"`
}

type contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	VCard     string `json:"vcard,omitempty"`
}

// attach puts into the message what is beside its text, the file under its name.
func (o own) attach(m *message, number int64) {
	m.Location, m.Venue, m.Contact, m.Markup = o.place, o.venue, o.contact, o.markup
	if o.field == "" || o.field == "latitude" || o.field == "phone_number" {
		return
	}
	f := &file{ID: o.file, Size: o.size}
	if f.ID == "" {
		f.ID = fmt.Sprintf("SIM%s%d", o.field, number)
	}
	f.Unique = "U" + f.ID
	played := new(int)
	switch o.field {
	case "photo":
		f.Width, f.Height = 320, 240
		m.Photo = []*file{f}
	case "video":
		f.Width, f.Height, f.Duration = 320, 240, played
		m.Video = f
	case "audio":
		f.Duration, m.Audio = played, f
	case "voice":
		f.Duration, m.Voice = played, f
	case "document":
		m.Document = f
	}
	m.Caption, m.Text = m.Text, ""
}

// readForm reads a form of several parts to its end. A file is counted and forgotten;
// its parameter is the number of its bytes behind an "=".
func readForm(w http.ResponseWriter, r *http.Request, fields map[string]string) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+simulator.MaxBody)
	form, err := r.MultipartReader()
	if err != nil {
		return err
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := readPart(part, fields); err != nil {
			return err
		}
	}
}

func readPart(part *multipart.Part, fields map[string]string) error {
	if part.FileName() != "" {
		size, err := io.Copy(io.Discard, part)
		fields[part.FormName()] = "=" + strconv.FormatInt(size, 10)
		return err
	}
	text, err := io.ReadAll(io.LimitReader(part, simulator.MaxBody))
	fields[part.FormName()] = string(text)
	return err
}

// ownOf reads what is beside the text.
func ownOf(method string, fields map[string]string, replyTo int64) own {
	o := own{replyTo: replyTo}
	_ = json.Unmarshal([]byte(fields["reply_markup"]), &o.markup) // other keyboards are not shown
	if method == "sendMessage" {
		return o
	}
	o.field = sendMethods[method]
	switch o.field {
	case "latitude":
		o.place = &place{json.Number(fields["latitude"]), json.Number(fields["longitude"])}
		if method == "sendVenue" {
			o.venue = &venue{o.place, fields["title"], fields["address"]}
		}
		return o
	case "phone_number":
		o.contact = &contact{fields["phone_number"], fields["first_name"], fields["vcard"]}
		return o
	}
	if size, bytes := strings.CutPrefix(fields[o.field], "="); bytes {
		o.size, _ = strconv.ParseInt(size, 10, 64) // as readPart wrote it
	} else {
		o.file = fields[o.field]
	}
	return o
}

// change answers to a method that changes a message.
func change(method string, fields map[string]string) (any, *simulator.Refusal) {
	id, err := strconv.ParseInt(fields["message_id"], 10, 64)
	switch {
	case method == "deleteBusinessMessages":
		return true, nil
	case err != nil || id <= 0:
		return nil, badRequest("message_id_invalid")
	case !changeMethods[method]:
		return true, nil
	}
	chatID, _ := strconv.ParseInt(fields["chat_id"], 10, 64) // the bot wrote there before
	return map[string]any{"message_id": id, "date": 1, "chat": chat{ID: chatID, Type: "private"}, "text": fields["text"] + fields["caption"]}, nil
}
