package shared

import (
	"context"

	"recado/domain"
)

const (
	eraseMessageRows = 500  // messages that one transaction erases
	eraseEventRows   = 5000 // events that one transaction looks at
)

// eraseMessages are the statements that erase messages of a chat.
type eraseMessages struct{ fetched, uploaded, refs, queued, messages string }

func newEraseMessages(d Dialect) eraseMessages {
	return eraseMessages{
		fetched: EraseMedia + `connection_id <> '' AND message_id ` + someOf(d, "$1"),
		uploaded: EraseMedia + `connection_id = '' AND company_id || '' = $1 AND NOT EXISTS (
    SELECT 1 FROM messages m WHERE substr(m.media, 8, 30) = media.id AND substr(m.media, 8, 4) = 'med_' AND m.chat_id <> $2 -- plan 4
) AND id ` + someOf(d, "$3"),
		refs:     `DELETE FROM client_refs WHERE company_id = $1 AND client_ref ` + someOf(d, "$2"),
		queued:   `DELETE FROM outbox WHERE message_id ` + someOf(d, "$1"),
		messages: `DELETE FROM messages WHERE id ` + someOf(d, "$1"),
	}
}

// EraseChats implements domain.Eraser. The events of a chat have no index: those of the
// company are read. A chat that got another event since they were is erased again.
func (q Queries) EraseChats(ctx context.Context, company domain.CompanyID, chats []domain.ChatID) error {
	for left := chats; len(left) > 0; {
		seqs := map[domain.ChatID]int64{}
		for _, id := range left {
			seq, err := q.eraseMessages(ctx, company, id)
			if err != nil {
				return err
			}
			seqs[id] = seq
		}
		if err := q.eraseEvents(ctx, company, seqs); err != nil {
			return err
		}
		var again []domain.ChatID
		for _, id := range left {
			erased, err := q.eraseChat(ctx, company, id, seqs[id])
			if err != nil {
				return err
			}
			if !erased {
				again = append(again, id)
			}
		}
		left = again
	}
	return nil
}

// lockChat locks a chat of the company and returns how many events it had; false: there
// is no such chat.
func lockChat(ctx context.Context, tx Tx, company domain.CompanyID, id domain.ChatID) (seq int64, exists bool, err error) {
	if _, err := tx.Exec(ctx, `UPDATE chats SET seq = seq WHERE id = $1 AND company_id || '' = $2`, id, company); err != nil {
		return 0, false, err
	}
	return find(ctx, tx, Value[int64], `SELECT seq FROM chats WHERE id = $1 AND company_id || '' = $2`, id, company)
}

// eraseMessages erases the messages of a chat, and returns how many events it had then.
func (q Queries) eraseMessages(ctx context.Context, company domain.CompanyID, id domain.ChatID) (seq int64, err error) {
	for more := true; more && err == nil; {
		err = q.transact(ctx, func(ctx context.Context, tx Tx) (err error) {
			var exists bool
			if seq, exists, err = lockChat(ctx, tx, company, id); err != nil || !exists {
				more = false
				return err
			}
			more, err = q.eraseSomeMessages(ctx, tx, company, id)
			return err
		})
	}
	return seq, err
}

// eraseSomeMessages erases messages of a chat that is locked, and reports whether there
// may be more.
func (q Queries) eraseSomeMessages(ctx context.Context, tx Tx, company domain.CompanyID, id domain.ChatID) (more bool, err error) {
	messages, refs, uploads := []string{}, []string{}, []string{}
	err = tx.Query(ctx, func(row Row) error {
		var message, ref, media string
		if err := row.Scan(&message, &ref, &media); err != nil {
			return err
		}
		messages = append(messages, message)
		if ref != "" {
			refs = append(refs, ref)
		}
		var file domain.Media
		if err := fromJSON(media, &file); err != nil {
			return err
		}
		uploads = append(uploads, file.ID) // the messenger's own names are no file's
		return nil
	}, `SELECT id, client_ref, media FROM messages WHERE chat_id = $1 ORDER BY chat_id, at, id LIMIT $2`, id, eraseMessageRows)
	if err != nil || len(messages) == 0 {
		return false, err
	}
	sql := q.finds.eraseMessages
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{sql.fetched, []any{messages}},
		{sql.uploaded, []any{company, id, uploads}},
		{sql.refs, []any{company, refs}},
		{sql.queued, []any{messages}},
		{sql.messages, []any{messages}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return false, err
		}
	}
	return len(messages) == eraseMessageRows, nil
}

// selectFeedSpan reads events of the company $1 after the place ($2, $3).
const selectFeedSpan = `
SELECT id, chat_id, stamp, feed_pos FROM events
WHERE company_id = $1 AND (stamp, feed_pos) > ($2, $3)
ORDER BY company_id, stamp, feed_pos LIMIT $4`

// eraseEvents erases the events of chats. Deliveries of what is gone are never made.
func (q Queries) eraseEvents(ctx context.Context, company domain.CompanyID, chats map[domain.ChatID]int64) error {
	var after domain.FeedPlace
	for looked := eraseEventRows; looked == eraseEventRows; {
		looked = 0
		gone := []string{}
		err := q.db.Query(ctx, func(row Row) error {
			var id string
			var chat domain.ChatID
			err := row.Scan(&id, &chat, &after.Stamp, &after.Pos)
			if _, erased := chats[chat]; erased {
				gone = append(gone, id)
			}
			looked++
			return err
		}, selectFeedSpan, company, after.Stamp, after.Pos, eraseEventRows)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			if _, err := q.db.Exec(ctx, q.finds.eraseEvents, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteDue deletes what endpoints of the company $2 would hear of the chat $1.
const deleteDue = `
DELETE FROM deliveries
WHERE state = 'due' AND chat_id = $1 AND endpoint_id IN (SELECT id FROM endpoints WHERE company_id = $2)`

// eraseChat erases a chat without messages, unless it got an event or a message since
// it had seq events.
func (q Queries) eraseChat(ctx context.Context, company domain.CompanyID, id domain.ChatID, seq int64) (erased bool, err error) {
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		erased = true
		now, exists, err := lockChat(ctx, tx, company, id)
		if err != nil || !exists {
			return err
		}
		_, written, err := find(ctx, tx, Value[int], `SELECT 1 FROM messages WHERE chat_id = $1 LIMIT 1`, id)
		if err != nil {
			return err
		}
		if erased = now == seq && !written; !erased {
			return ErrRollback
		}
		if _, err := tx.Exec(ctx, `DELETE FROM aliases WHERE chat_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, deleteDue, id, company); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM chats WHERE id = $1`, id)
		return err
	})
	return erased, err
}
