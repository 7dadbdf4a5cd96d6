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
	Text      string
	Caption   string
	Voice     *file
	Audio     *file
	Photo     []file // the same picture in several sizes
	Document  *file
	Video     *file
	VideoNote *file `json:"video_note"`
	Animation *file
	Sticker   *file
	Contact   *card
	Location  *place
	Venue     *venue
}

type file struct {
	ID     string `json:"file_id"`
	MIME   string `json:"mime_type"`
	Name   string `json:"file_name"`
	Size   int64  `json:"file_size"`
	Width  int64
	Height int64

	Emoji    string // of a sticker
	Animated bool   `json:"is_animated"` // likewise
	Video    bool   `json:"is_video"`    // likewise
}

type card struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

type place struct{ Latitude, Longitude json.Number }

type venue struct {
	Location       place
	Title, Address string
}

// A content is what a message says.
type content struct {
	Type  domain.MessageType
	Text  string
	Media *domain.Media // or nil
}

// content reads top to bottom: for the sake of old programs an animation comes
// as a document too, a live photo as a photo, and a venue as a location.
func (b body) content() content {
	switch {
	case b.Voice != nil:
		return content{domain.TypeVoice, b.Caption, b.Voice.media("")}
	case b.Audio != nil:
		return content{domain.TypeAudio, b.Caption, b.Audio.media("")}
	case b.Animation != nil:
		return content{domain.TypeVideo, b.Caption, b.Animation.media("")}
	case b.Video != nil:
		return content{domain.TypeVideo, b.Caption, b.Video.media("")}
	case b.VideoNote != nil:
		return content{domain.TypeVideo, b.Caption, b.VideoNote.media("video/mp4")}
	case len(b.Photo) > 0:
		return content{domain.TypeImage, b.Caption, largest(b.Photo).media("image/jpeg")}
	case b.Document != nil:
		return content{domain.TypeFile, b.Caption, b.Document.media("")}
	case b.Sticker != nil:
		return content{domain.TypeSticker, b.Sticker.Emoji, b.Sticker.media(b.Sticker.stickerMIME())}
	case b.Contact != nil:
		return content{domain.TypeContacts, b.Contact.text(), nil}
	case b.Venue != nil:
		return content{domain.TypeLocation, lines(b.Venue.Title, b.Venue.Address, b.Venue.Location.text()), nil}
	case b.Location != nil:
		return content{domain.TypeLocation, b.Location.text(), nil}
	case b.Text != "":
		return content{domain.TypeText, b.Text, nil}
	}
	return content{domain.TypeUnsupported, b.Caption, nil}
}

// media describes the file. Telegram names no MIME type where there is only one.
func (f file) media(mime string) *domain.Media {
	return &domain.Media{
		ID: wire.Clean(f.ID), MIME: wire.Clean(cmp.Or(f.MIME, mime)), Name: wire.Clean(f.Name), Size: f.Size,
	}
}

func (f file) stickerMIME() string {
	switch {
	case f.Animated:
		return "application/x-tgsticker"
	case f.Video:
		return "video/webm"
	}
	return "image/webp"
}

func largest(sizes []file) file {
	return slices.MaxFunc(sizes, func(a, b file) int { return cmp.Compare(a.Width*a.Height, b.Width*b.Height) })
}

func (c card) text() string {
	return strings.Trim(strings.TrimSpace(c.FirstName+" "+c.LastName)+": "+c.Phone, ": ")
}

func (p place) text() string { return string(p.Latitude + ", " + p.Longitude) }

// lines puts each text that is not empty on a line.
func lines(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), "\n")
}
