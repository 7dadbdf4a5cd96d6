package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A body is what may be in a message: one of these, as a rule.
type body struct {
	Text            string
	Entities        []entity
	Caption         string
	CaptionEntities []entity `json:"caption_entities"`
	Voice           *file
	Audio           *file
	Photo           []file // the same picture in several sizes
	Document        *file
	Video           *file
	VideoNote       *file `json:"video_note"`
	Animation       *file
	LivePhoto       *file `json:"live_photo"`
	Sticker         *file
	Contact         *card
	Location        *place
	Venue           *venue
	Rich            *rich `json:"rich_message"`
	clientKinds
}

type file struct {
	ID     string       `json:"file_id"`
	MIME   string       `json:"mime_type"`
	Name   string       `json:"file_name"`
	Size   wire.Integer `json:"file_size"`
	Plays  wire.Integer `json:"duration"` // seconds
	Width  wire.Integer
	Height wire.Integer

	Performer, Title string // of an audio file

	Emoji    string // of a sticker
	Animated bool   `json:"is_animated"` // likewise
	Video    bool   `json:"is_video"`    // likewise
}

// A content is what a message says.
type content struct {
	Type    domain.MessageType
	Text    string
	Media   *domain.Media // or nil
	Content domain.Content
}

// content reads what the message says. False: nobody wrote it, it tells of the
// chat. What a client wrote wins over what looks like such a notice.
func (m *message) content(raw json.RawMessage) (c content, wrote bool) {
	if c, found := m.file(); found {
		return c, true
	}
	switch {
	case m.Contact != nil:
		return m.Contact.content(), true
	case m.Venue != nil:
		return m.Venue.content(), true
	case m.Location != nil:
		return m.Location.content(), true
	case m.Rich != nil:
		return m.Rich.content(), true
	case m.Text != "":
		return content{Type: domain.TypeText, Text: withLinks(m.Text, m.Entities)}, true
	}
	if c, found := m.clientKinds.content(); found {
		c.Text = wire.Lines(c.Text, withLinks(m.Caption, m.CaptionEntities))
		return c, true
	}
	return m.unknown(raw)
}

// file reads top to bottom: for the sake of old programs an animation comes as
// a document too, a live photo as a photo, and a venue as a location.
func (m *message) file() (content, bool) {
	t, f, mime := domain.TypeVoice, m.Voice, ""
	switch {
	case m.Voice.exists():
	case m.Audio.exists():
		t, f = domain.TypeAudio, m.Audio
	case m.Animation.exists():
		t, f = domain.TypeVideo, m.Animation
	case m.Video.exists():
		t, f = domain.TypeVideo, m.Video
	case m.VideoNote.exists():
		t, f, mime = domain.TypeVideo, m.VideoNote, "video/mp4"
	case len(m.Photo) > 0 && largest(m.Photo).exists():
		t, f, mime = domain.TypeImage, largest(m.Photo), "image/jpeg"
	case m.LivePhoto.exists():
		t, f, mime = domain.TypeVideo, m.LivePhoto, "video/mp4"
	case m.Document.exists():
		t, f = domain.TypeFile, m.Document
	case m.Sticker.exists():
		return content{Type: domain.TypeSticker, Text: m.Sticker.Emoji, Media: m.Sticker.media(m.Sticker.stickerMIME())}, true
	default:
		return content{}, false
	}
	return content{Type: t, Text: withLinks(m.Caption, m.CaptionEntities), Media: f.media(mime)}, true
}

func (f *file) exists() bool { return f != nil && f.ID != "" }

// media describes the file. Telegram names no MIME type where there is only one.
func (f *file) media(mime string) *domain.Media {
	return &domain.Media{
		ID: wire.Clean(f.ID), MIME: wire.Clean(cmp.Or(f.MIME, mime)), Name: wire.Clean(f.name()), Size: int64(f.Size), Seconds: int64(f.Plays),
	}
}

func (f *file) name() string {
	return cmp.Or(f.Name, strings.Trim(f.Performer+" - "+f.Title, "- "))
}

func (f *file) stickerMIME() string {
	switch {
	case f.Animated:
		return "application/x-tgsticker"
	case f.Video:
		return "video/webm"
	}
	return "image/webp"
}

func largest(sizes []file) *file {
	best := slices.MaxFunc(sizes, func(a, b file) int { return cmp.Compare(a.Width*a.Height, b.Width*b.Height) })
	return &best
}
