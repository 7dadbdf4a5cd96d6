package domain

import (
	"cmp"
	"slices"
	"time"
)

// An UploadKey names a file that was uploaded over a connection.
type UploadKey struct {
	Media      MediaID
	Connection ConnectionID
}

// An Upload is what a messenger calls a file that was uploaded to it.
type Upload struct {
	UploadKey
	Name  string
	Until time.Time // then the messenger deletes it
}

// A MediaUse says that a message names an upload.
type MediaUse struct {
	Media   MediaID
	Message MessageID
}

// recordFile enters in the book the file that a message has from now on, and reports
// whether it is to be fetched.
func (b *Book) recordFile(before, m *Message) (fetch bool) {
	id := m.MediaID()
	switch {
	case id == "" || before != nil && before.MediaID() == id:
	case m.Media.uploaded():
		b.writes.used = append(b.writes.used, MediaUse{id, m.ID})
	default:
		b.writes.arrived = append(b.writes.arrived, m.arrivedMedia(b.now))
		return true
	}
	return false
}

// recordMedia enters in the book what became of a file that was fetched, or uploaded
// to the messenger.
func (b *Book) recordMedia(s State, e *bookEntry, change *Change) {
	if change.media != nil {
		b.media[change.media.ID] = change.media
		b.writes.fetched = append(b.writes.fetched, *change.media)
	}
	f, ended := e.Fact.(SendEnded)
	if ended && f.Result.Uploaded != "" && s.Message != nil && s.Message.Media.uploaded() {
		key := UploadKey{s.Message.MediaID(), s.Message.Connection}
		b.writes.uploads[key] = Upload{key, f.Result.Uploaded, cmp.Or(f.Result.UploadedUntil, b.now.Add(MediaRetention))}
	}
}

// sortMedia sorts what is written of files by its keys.
func sortMedia(w Writes) {
	byID := func(x, y StoredMedia) int { return cmp.Compare(x.ID, y.ID) }
	slices.SortStableFunc(w.Arrived, byID)
	slices.SortStableFunc(w.Fetched, byID)
	slices.SortStableFunc(w.Used, func(x, y MediaUse) int { return cmp.Compare(x.Media, y.Media) })
	slices.SortFunc(w.Uploads, func(x, y Upload) int {
		return cmp.Or(cmp.Compare(x.Media, y.Media), cmp.Compare(x.Connection, y.Connection))
	})
}
