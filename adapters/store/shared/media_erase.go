package shared

import (
	"context"

	"recado/domain"
)

// EraseMedia marks files to be erased. One that waits may be on its way to Files at
// this moment: it is erased when it must have arrived.
var EraseMedia = `UPDATE media SET state = 'erasing', next_at = now_ms() + CASE state WHEN 'waiting' THEN ` + SQLMillis(domain.FetchTime) + ` ELSE 0 END
WHERE state <> 'erasing' AND `

// oldMedia lists which files outlived their retention.
var oldMedia = []struct{ name, are string }{
	{"old files", "created_at < now_ms() - " + SQLMillis(domain.MediaRetention)},
	{"unused uploads", "(message_id, created_at) < ('', now_ms() - " + SQLMillis(domain.UnusedUploadRetention) + ") ORDER BY message_id, created_at"}, // plan 1
}

// markMedia marks up to trimRows files to be erased, and returns how many.
func (q Queries) markMedia(ctx context.Context, are string, args ...any) (int64, error) {
	return q.db.Exec(ctx, EraseMedia+`id IN (SELECT id FROM media WHERE state <> 'erasing' AND `+are+` LIMIT $1)`, append([]any{trimRows}, args...)...)
}

// ErasableMedia implements domain.MediaQueue.
func (q Queries) ErasableMedia(ctx context.Context, limit int) ([]domain.StoredMedia, error) {
	return List(ctx, q.db, ScanMedia, SelectMedia+`WHERE f.state = 'erasing' AND f.next_at <= now_ms() ORDER BY f.next_at LIMIT $1`, limit)
}

// newForgetMedia writes the statements of ForgetMedia.
func newForgetMedia(d Dialect) []string {
	return []string{
		`DELETE FROM uploads WHERE media_id ` + someOf(d, "$1"),
		`DELETE FROM media WHERE state = 'erasing' AND next_at <= now_ms() AND id ` + someOf(d, "$1"),
	}
}

// ForgetMedia implements domain.MediaQueue.
func (q Queries) ForgetMedia(ctx context.Context, erased []domain.MediaID) error {
	for _, sql := range q.finds.forgetMedia {
		if _, err := q.db.Exec(ctx, sql, texts(erased)); err != nil {
			return err
		}
	}
	return nil
}
