package sqlite

import (
	"context"
	"slices"

	"recado/adapters/store/shared"
	"recado/domain"
)

var (
	loadMedia  = shared.SelectMedia + `WHERE f.id IN (SELECT value FROM json_each($1))`
	eraseMedia = shared.EraseMedia + `message_id IN (SELECT value FROM json_each($1))`

	updateMedia = `UPDATE media SET ` + equal(shared.MediaState, ", ") + ` WHERE id = ? AND state = 'waiting'`
)

const useMedia = `UPDATE media SET message_id = ? WHERE id = ? AND message_id = ''`

// writeMedia stores what a book writes of files.
func writeMedia(ctx context.Context, t *tx, w domain.Writes) error {
	if len(w.Removed) > 0 {
		if _, err := t.Exec(ctx, eraseMedia, list(w.Removed)); err != nil {
			return err
		}
	}
	for _, step := range []func() error{
		func() error { return insert(ctx, t, "media", shared.MediaColumns, w.Arrived, "ON CONFLICT DO NOTHING") },
		func() error {
			return each(ctx, t, updateMedia, slices.Concat(shared.MediaState, shared.MediaKey), w.Fetched)
		},
		func() error { return each(ctx, t, useMedia, shared.MediaUseColumns, w.Used) },
		func() error { return insert(ctx, t, "uploads", shared.UploadColumns, w.Uploads, shared.ReplaceUpload) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
