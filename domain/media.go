package domain

import (
	"context"
	"crypto/sha256"
	"io"
	"time"
)

// MediaID is "med_" and 26 characters.
type MediaID string

// MediaIDOf returns the id of a file that came with a message. Source is what the
// messenger gave to fetch it with: an edit that brings another file makes another id.
func MediaIDOf(m MessageID, source string) MediaID {
	sum := sha256.Sum256([]byte(string(m) + "/" + source))
	return MediaID("med_" + ID([16]byte(sum[:16])))
}

// A MediaState says where a file is.
type MediaState string

// The states. A file is fetched as MediaWaiting, or uploaded as MediaKept.
const (
	MediaWaiting MediaState = "waiting" // it is to be fetched from the messenger
	MediaKept    MediaState = "kept"    // Files has it
	MediaLost    MediaState = "lost"    // it cannot be had, see StoredMedia.Cause
	MediaErasing MediaState = "erasing" // first the file goes, then the row
)

// StoredMedia is a file that a message names, or one that was uploaded to be sent.
type StoredMedia struct {
	ID         MediaID
	Company    CompanyID
	Connection ConnectionID // from which it is fetched; empty: it was uploaded
	Message    MessageID    // that brought it; empty: it was uploaded
	State      MediaState
	Source     string // what the messenger gave to fetch it with
	ToldMIME   string // as the messenger or the caller said
	MIME       string // as it was found, once it is kept
	Name       string // of the file; empty: not given
	Size       int64  // bytes; zero: not known
	Seconds    int64  // that it plays; zero: not given
	SHA        string // SHA-256 of the bytes in hex, once it is kept
	Voice      bool   // it can be sent as a voice message
	Cause      string // why it is lost
	Tries      int
	NextAt     time.Time // no try before, or no erasing; by the database's clock
	GiveUpAt   time.Time // then it is lost
	CreatedAt  time.Time
}

// Key names the file in Files. It never changes: a file that is stored once more,
// after a crash, takes its own place.
func (m *StoredMedia) Key() string { return string(m.Company) + "/" + string(m.ID) }

// A Fetcher is a Connector whose messenger keeps the files of messages for a while.
type Fetcher interface {
	// Fetch begins to read a file; the caller closes its Body. The credentials of the
	// connection go only to hosts that they are for. With every other fate than
	// FateAccepted there is no Body, and a Failure.
	Fetch(ctx context.Context, c Connection, m StoredMedia) (Fetched, SendResult)
}

// Fetched is a file that a messenger begins to give.
type Fetched struct {
	Body io.ReadCloser
	MIME string // as the messenger says; empty: it does not
	Size int64  // as the messenger says; negative: it does not
}

// A MediaUpload is the file of an outgoing message.
type MediaUpload struct {
	ID      MediaID
	MIME    string
	Name    string
	Size    int64
	Seconds int64  // that it plays; zero: not known
	Known   string // what the messenger called it when it was uploaded before; empty: upload it
	Open    func(ctx context.Context) (io.ReadSeekCloser, error)
}
