package console

import (
	"cmp"
	"fmt"
	"strings"

	"recado/domain"
)

// A shownMedia is the file of a message.
type shownMedia struct {
	Name    string
	Details string // its type and size, for people
}

// media shows the file of a message; nil: it has none.
func (d *desk) media(m *domain.Message) *shownMedia {
	if m.Media == nil {
		return nil
	}
	var details []string
	if m.Media.MIME != "" {
		kind, _, _ := strings.Cut(m.Media.MIME, ";")
		details = append(details, kind)
	}
	if m.Media.Size > 0 {
		details = append(details, sizeText(m.Media.Size))
	}
	if m.Media.Seconds > 0 {
		details = append(details, fmt.Sprintf("%d:%02d", m.Media.Seconds/60, m.Media.Seconds%60))
	}
	return &shownMedia{cmp.Or(plain(m.Media.Name), d.text("type."+string(m.Type))), strings.Join(details, " · ")}
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
