package console

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"recado/domain"
)

// A shownMedia is the file of a message.
type shownMedia struct {
	Name    string
	Details string // its type and size, for people
	URL     string // where it is; empty: it is not kept
	Show    string // image, audio, video; empty: it is only named
	Waiting bool   // it is being fetched from the messenger
	Lost    string // why it cannot be had; empty: it can
}

// readFiles reads what is stored of the files of messages, for the desk to show them.
func (c *Console) readFiles(ctx context.Context, d *desk, messages []domain.Message) error {
	var ids []domain.MediaID
	for i := range messages {
		if id := messages[i].MediaID(); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var err error
	d.files, err = c.Store.MediaList(ctx, d.by.Company, ids)
	return err
}

// media shows the file of a message; nil: it has none.
func (d *desk) media(m *domain.Message) *shownMedia {
	if m.Media == nil {
		return nil
	}
	file := *m.Media
	stored, found := d.files[m.MediaID()]
	if found && stored.State == domain.MediaKept {
		file.MIME, file.Size = stored.MIME, stored.Size
		file.Seconds = cmp.Or(stored.Seconds, file.Seconds)
	}
	shown := &shownMedia{Name: cmp.Or(domain.FileName(file.Name), d.text("type."+string(m.Type))), Details: detailsOf(file)}
	switch {
	case !found:
	case stored.State == domain.MediaKept:
		shown.URL = d.base + "/media/" + string(stored.ID)
		if general, _, _ := strings.Cut(file.MIME, "/"); domain.ShownInline(file.MIME) {
			shown.Show = general
		}
	case stored.State == domain.MediaWaiting:
		shown.Waiting = true
	default:
		shown.Lost = d.text("media." + string(cmp.Or(stored.Cause, domain.MediaUnavailable)))
	}
	return shown
}

// detailsOf says what a file is: its type, its size, and how long it plays.
func detailsOf(m domain.Media) string {
	var details []string
	if m.MIME != "" {
		kind, _, _ := strings.Cut(m.MIME, ";")
		details = append(details, kind)
	}
	if m.Size > 0 {
		details = append(details, sizeText(m.Size))
	}
	if m.Seconds > 0 {
		details = append(details, fmt.Sprintf("%d:%02d", m.Seconds/60, m.Seconds%60))
	}
	return strings.Join(details, " · ")
}

// sizeText writes a number of bytes for people.
func sizeText(bytes int64) string {
	size, unit := float64(bytes), "B"
	for _, next := range []string{"KiB", "MiB", "GiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// giveFile handles GET /chat/media/{media}.
func (c *Console) giveFile(_ context.Context, v *visit) error {
	return c.Files.Serve(v.w, v.r, v.by.Company, domain.MediaID(v.r.PathValue("media")))
}

// takeFile handles POST /chat/c/{chat}/media. It answers with the id and the type by
// which the file is sent in the chat.
func (c *Console) takeFile(ctx context.Context, v *visit) error {
	chat, err := c.Store.Chat(ctx, v.by.Company, domain.ChatID(v.r.PathValue("chat")))
	if err != nil {
		return err
	}
	voice := v.r.URL.Query().Get("as") == "voice"
	m, err := c.Files.Receive(v.w, v.r, v.by.Company, voice)
	if err != nil {
		return err
	}
	t := typeOf(m, voice)
	if c.limit(chat.Kind, t).Check(domain.SendRequested{}, &m) != nil && !voice {
		t = domain.TypeFile // which takes more, but does not show it
	}
	if err := c.checkLimit(v, chat.Kind, domain.SendRequested{Type: t}, &m); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(map[string]any{"media": m.ID, "type": t})
}

// typeOf returns the type of a message that shows or plays a file.
func typeOf(m domain.StoredMedia, voice bool) domain.MessageType {
	switch {
	case voice:
		return domain.TypeVoice
	case m.MIME == "image/jpeg" || m.MIME == "image/png":
		return domain.TypeImage
	case m.MIME == "video/mp4":
		return domain.TypeVideo
	case strings.HasPrefix(m.MIME, "audio/"):
		return domain.TypeAudio
	}
	return domain.TypeFile
}

// upload returns a file that was taken, for a message; nil: the message has none.
func (c *Console) upload(ctx context.Context, v *visit, id domain.MediaID) (*domain.StoredMedia, error) {
	if id == "" {
		return nil, nil
	}
	m, err := c.Store.Media(ctx, v.by.Company, id)
	if err != nil {
		return nil, err
	}
	return &m, nil
}
