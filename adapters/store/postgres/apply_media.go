package postgres

import (
	"recado/adapters/store/shared"
	"recado/domain"
)

var (
	loadMedia  = shared.SelectMedia + `WHERE f.id = ANY (ARRAY(SELECT unnest($1::text[]))) -- plan 2`
	eraseMedia = shared.EraseMedia + `message_id = ANY (ARRAY(SELECT unnest($1::text[]))) -- plan 2`

	insertMedia = `INSERT INTO media (` + shared.Names(shared.MediaColumns) + `) SELECT ` + shared.Names(shared.MediaColumns) + ` FROM %s ON CONFLICT DO NOTHING`
	updateMedia = `UPDATE media SET ` + sets(shared.MediaState, "u") + ` FROM %s WHERE media.id = u.id AND media.state = 'waiting'`
)

const (
	useMedia      = `UPDATE media SET message_id = u.message_id FROM %s WHERE media.id = u.id AND media.message_id = ''`
	insertUploads = `INSERT INTO uploads (media_id, connection_id, name, until) SELECT media_id, connection_id, name, until FROM %s` + shared.ReplaceUpload
)

// writeMedia stores what a book writes of files.
func writeMedia(t *tx, w domain.Writes) {
	if len(w.Removed) > 0 {
		t.queue(eraseMedia, w.Removed)
	}
	if len(w.Arrived) > 0 {
		insert, args := insertAll(insertMedia, shared.MediaColumns, w.Arrived)
		t.queue(insert, args...)
	}
	if len(w.Fetched) > 0 {
		update, args := insertAll(updateMedia, append(shared.MediaKey[:1:1], shared.MediaState...), w.Fetched)
		t.queue(update, args...)
	}
	if len(w.Used) > 0 {
		update, args := insertAll(useMedia, shared.MediaUseColumns, w.Used)
		t.queue(update, args...)
	}
	if len(w.Uploads) > 0 {
		insert, args := insertAll(insertUploads, shared.UploadColumns, w.Uploads)
		t.queue(insert, args...)
	}
}
