package domain

import (
	"context"
	"crypto/sha256"
	"io"
	"strings"
	"time"
)

// MediaID is "med_" and 26 characters.
type MediaID string

// MediaIDOf returns the id of a file that came with a message. Source is what the
// messenger gave to fetch it with: an edit that brings another file makes another id.
func MediaIDOf(m MessageID, source string) MediaID {
	sum := sha256.Sum256([]byte(string(m) + "/" + source))
	return MediaID(mediaPrefix + ID([16]byte(sum[:16])))
}

// MediaID returns the id under which a message's file is stored; empty: it has none.
func (m *Message) MediaID() MediaID {
	switch {
	case m.Media == nil || m.Media.ID == "":
		return ""
	case m.Media.uploaded():
		return MediaID(m.Media.ID)
	}
	return MediaIDOf(m.ID, m.Media.ID)
}

// uploaded reports whether the file was uploaded to be sent; else the messenger
// named it.
func (m *Media) uploaded() bool { return m != nil && strings.HasPrefix(m.ID, mediaPrefix) }

// PublicMedia is the file of a message as CRMs see it.
type PublicMedia struct {
	ID      MediaID `json:"id,omitempty"`          // empty: the messenger did not say how to fetch it
	Source  string  `json:"provider_id,omitempty"` // the messenger's own name of the file; empty: it was uploaded
	MIME    string  `json:"mime,omitempty"`
	Name    string  `json:"name,omitempty"`
	Size    int64   `json:"size,omitempty"`    // bytes; zero: not given
	Seconds int64   `json:"seconds,omitempty"` // that it plays; zero: not given
}

// PublicMedia returns the file of the message as CRMs see it; nil: it has none.
func (m *Message) PublicMedia() *PublicMedia {
	if m.Media == nil {
		return nil
	}
	p := &PublicMedia{ID: m.MediaID(), MIME: m.Media.MIME, Name: FileName(m.Media.Name), Size: m.Media.Size, Seconds: m.Media.Seconds}
	if !m.Media.uploaded() {
		p.Source = m.Media.ID
	}
	return p
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

// MediaStates lists the states that others see: what is being erased is gone.
var MediaStates = []MediaState{MediaWaiting, MediaKept, MediaLost}

// StoredMedia is a file that a message names, or one that was uploaded to be sent.
type StoredMedia struct {
	ID         MediaID
	Company    CompanyID
	Connection ConnectionID // from which it is fetched; empty: it was uploaded
	Message    MessageID    // that brought it; empty: it was uploaded
	State      MediaState
	Source     string     // what the messenger gave to fetch it with
	ToldMIME   string     // as the messenger or the caller said
	MIME       string     // as it was found, once it is kept
	Name       string     // of the file; empty: not given
	Size       int64      // bytes; zero: not known
	Seconds    int64      // that it plays; zero: not given
	SHA        string     // SHA-256 of the bytes in hex, once it is kept
	Voice      bool       // it can be sent as a voice message
	Cause      MediaCause // why it is lost, or was not had at the last try
	Tries      int
	NextAt     time.Time // no try before, or no erasing; by the database's clock
	GiveUpAt   time.Time // then it is lost
	CreatedAt  time.Time
}

// Key names the file in Files. It never changes: a file that is stored once more,
// after a crash, takes its own place.
func (m *StoredMedia) Key() string { return string(m.Company) + "/" + string(m.ID) }

// Media is the file as it stands in the message that sends it.
func (m *StoredMedia) Media() *Media {
	return &Media{ID: string(m.ID), MIME: m.MIME, Name: m.Name, Size: m.Size, Seconds: m.Seconds, SHA: m.SHA}
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
