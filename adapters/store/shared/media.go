package shared

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"recado/domain"
)

// MediaBirth is what a file has from its creation and keeps.
var MediaBirth = []Column[domain.StoredMedia]{
	textColumn("id", func(m *domain.StoredMedia) *domain.MediaID { return &m.ID }),
	textColumn("company_id", func(m *domain.StoredMedia) *domain.CompanyID { return &m.Company }),
	textColumn("connection_id", func(m *domain.StoredMedia) *domain.ConnectionID { return &m.Connection }),
	textColumn("message_id", func(m *domain.StoredMedia) *domain.MessageID { return &m.Message }),
	textColumn("source", func(m *domain.StoredMedia) *string { return &m.Source }),
	textColumn("told_mime", func(m *domain.StoredMedia) *string { return &m.ToldMIME }),
	textColumn("name", func(m *domain.StoredMedia) *string { return &m.Name }),
	momentColumn("give_up_at", func(m *domain.StoredMedia) *time.Time { return &m.GiveUpAt }),
	momentColumn("created_at", func(m *domain.StoredMedia) *time.Time { return &m.CreatedAt }),
}

// MediaState is what changes in a file.
var MediaState = []Column[domain.StoredMedia]{
	textColumn("state", func(m *domain.StoredMedia) *domain.MediaState { return &m.State }),
	textColumn("mime", func(m *domain.StoredMedia) *string { return &m.MIME }),
	numberColumn("size", func(m *domain.StoredMedia) *int64 { return &m.Size }),
	numberColumn("seconds", func(m *domain.StoredMedia) *int64 { return &m.Seconds }),
	textColumn("sha256", func(m *domain.StoredMedia) *string { return &m.SHA }),
	flagColumn("voice", func(m *domain.StoredMedia) *bool { return &m.Voice }),
	textColumn("cause", func(m *domain.StoredMedia) *domain.MediaCause { return &m.Cause }),
	numberColumn("tries", func(m *domain.StoredMedia) *int { return &m.Tries }),
	momentColumn("next_at", func(m *domain.StoredMedia) *time.Time { return &m.NextAt }),
}

// MediaColumns are those of a file.
var MediaColumns = slices.Concat(MediaBirth, MediaState)

// MediaKey names a file.
var MediaKey = MediaBirth[:1]

// MediaUseColumns are those of a message that names an upload.
var MediaUseColumns = []Column[domain.MediaUse]{
	textColumn("message_id", func(u *domain.MediaUse) *domain.MessageID { return &u.Message }),
	textColumn("id", func(u *domain.MediaUse) *domain.MediaID { return &u.Media }),
}

// UploadColumns are those of a file that a messenger has.
var UploadColumns = []Column[domain.Upload]{
	textColumn("media_id", func(u *domain.Upload) *domain.MediaID { return &u.Media }),
	textColumn("connection_id", func(u *domain.Upload) *domain.ConnectionID { return &u.Connection }),
	textColumn("name", func(u *domain.Upload) *string { return &u.Name }),
	momentColumn("until", func(u *domain.Upload) *time.Time { return &u.Until }),
}

// ReplaceUpload is what becomes of an upload that is there already.
const ReplaceUpload = `
ON CONFLICT (media_id, connection_id) DO UPDATE SET name = excluded.name, until = excluded.until`

// SelectMedia reads files f.
var SelectMedia = "SELECT " + read("f.%s", MediaColumns) + " FROM media f\n"

// ScanMedia scans a row of SelectMedia.
func ScanMedia(row Row) (domain.StoredMedia, error) { return scan(row, MediaColumns) }

// BeginUpload implements domain.MediaCatalog.
func (q Queries) BeginUpload(ctx context.Context, company domain.CompanyID, id domain.MediaID) error {
	m := domain.StoredMedia{ID: id, Company: company, State: domain.MediaErasing}
	return q.insertUpload(ctx, m, domain.UploadTime, "")
}

// AddUpload implements domain.MediaCatalog.
func (q Queries) AddUpload(ctx context.Context, m domain.StoredMedia) error {
	m.State, m.Connection = domain.MediaKept, ""
	set := make([]string, len(MediaColumns))
	for i, c := range MediaColumns {
		set[i] = c.Name + " = excluded." + c.Name
	}
	return q.insertUpload(ctx, m, 0, " ON CONFLICT (id) DO UPDATE SET "+strings.Join(set, ", "))
}

// insertUpload stores a file of now, whose NextAt is after that time.
func (q Queries) insertUpload(ctx context.Context, m domain.StoredMedia, next time.Duration, conflict string) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		at, err := now(ctx, tx)
		if err != nil {
			return err
		}
		m.CreatedAt = at
		if next > 0 {
			m.NextAt = at.Add(next)
		}
		holes, args := row(MediaColumns, &m)
		_, err = tx.Exec(ctx, "INSERT INTO media ("+Names(MediaColumns)+") VALUES ("+holes+")"+conflict, args...)
		return err
	})
}

// Media implements domain.MediaCatalog.
func (q Queries) Media(ctx context.Context, company domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) {
	return One(ctx, q.db, ScanMedia, SelectMedia+`WHERE f.id = $1 AND f.company_id || '' = $2 AND f.state <> 'erasing'`, id, company)
}

// MediaList implements domain.MediaCatalog.
func (q Queries) MediaList(ctx context.Context, company domain.CompanyID, ids []domain.MediaID) (map[domain.MediaID]domain.StoredMedia, error) {
	found := map[domain.MediaID]domain.StoredMedia{}
	if len(ids) == 0 {
		return found, nil
	}
	list, err := List(ctx, q.db, ScanMedia, q.finds.media, company, texts(ids))
	for _, m := range list {
		found[m.ID] = m
	}
	return found, err
}

// newMediaFind writes the statement of MediaList.
func newMediaFind(d Dialect) string {
	return SelectMedia + `WHERE f.company_id || '' = $1 AND f.state <> 'erasing' AND f.id ` + someOf(d, "$2")
}

// someOf is the condition that a value is one of a list of texts.
func someOf(d Dialect, list string) string {
	return fmt.Sprintf(d.In, "SELECT k.value FROM "+fmt.Sprintf(d.Texts, list))
}

// UploadedAs implements domain.MediaCatalog.
func (q Queries) UploadedAs(ctx context.Context, id domain.MediaID, c domain.ConnectionID) (string, error) {
	name, _, err := find(ctx, q.db, Value[string],
		`SELECT name FROM uploads WHERE media_id = $1 AND connection_id = $2 AND until > now_ms()`, id, c)
	return name, err
}

func texts[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, t := range list {
		all[i] = string(t)
	}
	return all
}
