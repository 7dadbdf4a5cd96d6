package mtproto

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gotd/td/tg"
)

// A jsonFile is what the Bot API says of a file. Its id names the message that holds it,
// so that Telegram is asked for it anew each time.
type jsonFile struct {
	ID       string `json:"file_id"`
	Unique   string `json:"file_unique_id"`
	MIME     string `json:"mime_type,omitempty"`
	Name     string `json:"file_name,omitempty"`
	Size     int64  `json:"file_size,omitempty"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Duration int    `json:"duration,omitempty"`
	Emoji    string `json:"emoji,omitempty"`

	Performer string `json:"performer,omitempty"`
	Title     string `json:"title,omitempty"`
}

func fileID(chat int64, message int) string { return fmt.Sprintf("%d.%d", chat, message) }

// A size is one of a photo's.
type size struct {
	kind          string
	width, height int
	bytes         int64
}

// largest returns the largest size of a photo that Telegram has as a file.
func largest(p *tg.Photo) size {
	var all []size
	for _, c := range p.Sizes {
		switch s := c.(type) {
		case *tg.PhotoSize:
			all = append(all, size{s.Type, s.W, s.H, int64(s.Size)})
		case *tg.PhotoSizeProgressive:
			all = append(all, size{s.Type, s.W, s.H, int64(slices.Max(append(s.Sizes, 0)))})
		}
	}
	if len(all) == 0 {
		return size{}
	}
	return slices.MaxFunc(all, func(a, b size) int { return cmp.Compare(a.width*a.height, b.width*b.height) })
}

func photoJSON(chat int64, message int, p *tg.Photo) jsonFile {
	s := largest(p)
	return jsonFile{ID: fileID(chat, message), Unique: fmt.Sprint(p.ID), Size: s.bytes, Width: s.width, Height: s.height}
}

// document adds a document as what it is.
func (made *jsonMessage) document(message int, d *tg.Document) {
	f := &jsonFile{ID: fileID(made.Chat.ID, message), Unique: fmt.Sprint(d.ID), MIME: d.MimeType, Size: d.Size}
	place := &made.Document
	for _, c := range d.Attributes {
		switch a := c.(type) {
		case *tg.DocumentAttributeFilename:
			f.Name = a.FileName
		case *tg.DocumentAttributeAudio:
			f.Duration, f.Performer, f.Title = a.Duration, a.Performer, a.Title
			place = &made.Audio
			if a.Voice {
				place = &made.Voice
			}
		case *tg.DocumentAttributeVideo:
			f.Width, f.Height, f.Duration = a.W, a.H, int(a.Duration)
			if strings.HasPrefix(d.MimeType, "video/") {
				place = &made.Video
			}
		case *tg.DocumentAttributeSticker:
			f.Emoji, place = a.Alt, &made.Sticker
		}
	}
	*place = f
}
