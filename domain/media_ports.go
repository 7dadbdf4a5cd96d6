package domain

import "context"

// A MediaCatalog holds the rows of files. What belongs to another company, and what
// is being erased, gives ErrNotFound.
type MediaCatalog interface {
	// BeginUpload stores the row of a file that is about to be put into Files, so that
	// a crash leaves no file without a row. Without an AddUpload within UploadTime the
	// sweep erases both.
	BeginUpload(ctx context.Context, company CompanyID, id MediaID) error

	// AddUpload stores an upload as MediaKept, after its file was put. It is erased
	// after UnusedUploadRetention if no message names it by then.
	AddUpload(ctx context.Context, m StoredMedia) error

	// Media returns a file of the company.
	Media(ctx context.Context, company CompanyID, id MediaID) (StoredMedia, error)

	// MediaList returns those of the files that exist.
	MediaList(ctx context.Context, company CompanyID, ids []MediaID) (map[MediaID]StoredMedia, error)

	// UploadedAs returns what the messenger of a connection calls an upload that it
	// still has; empty: it has to be uploaded.
	UploadedAs(ctx context.Context, id MediaID, c ConnectionID) (string, error)
}

// A MediaQueue lists the files to be fetched, and those to be erased. How a fetch
// ended is applied as MediaFetched.
type MediaQueue interface {
	// DueMedia lists up to limit files of a connection that may be fetched now, except
	// the busy ones. Of those that are due longest, the first to give up come first.
	DueMedia(ctx context.Context, c ConnectionID, busy []MediaID, limit int) ([]DueMedia, error)

	// ErasableMedia lists up to limit files that are being erased and that no process
	// can be putting any more.
	ErasableMedia(ctx context.Context, limit int) ([]StoredMedia, error)

	// ForgetMedia deletes the rows of erased files, after the files.
	ForgetMedia(ctx context.Context, erased []MediaID) error
}

// DueMedia is a file to be fetched.
type DueMedia struct {
	StoredMedia
	Blocked bool // the peer was blocked since it came: it is not fetched
}
