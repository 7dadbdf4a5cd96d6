package waha

import (
	"net/url"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A media is the file of a message. Without a URL WAHA has not fetched it yet, or failed to.
type media struct {
	URL      wire.Text
	MIME     wire.Text `json:"mimetype"`
	Filename wire.Text
}

func (m *media) exists() bool { return m != nil && (m.URL != "" || m.MIME != "") }

// attachments lists the kinds of files, as WhatsApp and as GOWS's MediaType name them.
var attachments = []struct {
	kind, short string
	t           domain.MessageType
}{
	{"audioMessage", "audio", domain.TypeAudio},
	{"imageMessage", "image", domain.TypeImage},
	{"videoMessage", "video", domain.TypeVideo},
	{"ptvMessage", "ptv", domain.TypeVideo},
	{"stickerMessage", "sticker", domain.TypeSticker},
	{"lottieStickerMessage", "1p_sticker", domain.TypeSticker},
	{"documentMessage", "document", domain.TypeFile},
	{"documentWithCaptionMessage", "", domain.TypeFile},
}

// file reads a message with a file.
func (m *message) file() content {
	c := content{Text: string(m.Body), Media: &domain.Media{ID: m.source()}}
	var about struct {
		PTT     bool
		Seconds wire.Integer
		Size    wire.Integer `json:"fileLength"`
		MIME    wire.Text    `json:"mimetype"`
		Name    wire.Text    `json:"fileName"`
	}
	for _, a := range attachments {
		if m.Data.Message.has(a.kind) || a.short != "" && m.Data.Info.MediaType == a.short {
			c.Type = a.t
			_ = wire.Decode(m.Data.Message[a.kind], &about) // what can be read of it is enough
			break
		}
	}
	if m.Media != nil {
		c.Media.MIME, c.Media.Name = wire.Clean(string(m.Media.MIME)), wire.Clean(string(m.Media.Filename))
	}
	if c.Media.MIME == "" {
		c.Media.MIME = wire.Clean(string(about.MIME))
	}
	if c.Media.Name == "" {
		c.Media.Name = wire.Clean(string(about.Name))
	}
	c.Media.Size, c.Media.Seconds = int64(about.Size), int64(about.Seconds)
	if c.Type == "" {
		c.Type = typeByMIME(c.Media.MIME)
	}
	voice := about.PTT || m.Data.Info.MediaType == "ptt"
	if c.Type == domain.TypeAudio && voice {
		c.Type = domain.TypeVoice
	}
	return c
}

// typeByMIME is for engines that tell nothing else. They give recorded voices, and
// hardly anything else, as Opus.
func typeByMIME(mime string) domain.MessageType {
	switch kind, _, _ := strings.Cut(mime, "/"); {
	case strings.HasPrefix(mime, "audio/ogg"):
		return domain.TypeVoice
	case kind == "audio":
		return domain.TypeAudio
	case mime == "image/webp":
		return domain.TypeSticker
	case kind == "image":
		return domain.TypeImage
	case kind == "video":
		return domain.TypeVideo
	}
	return domain.TypeFile
}

// source is what the file is fetched with: the chat and the bare id of the message,
// and the path of the URL where there is one. The host in it is WAHA's own idea of
// where it is.
func (m *message) source() string {
	source := wire.Clean(string(m.chat()) + " " + m.ID.bare)
	if m.Media == nil {
		return source
	}
	u, err := url.Parse(string(m.Media.URL))
	if err != nil || u.Path == "" {
		return source
	}
	return source + " " + wire.Clean(u.EscapedPath())
}
