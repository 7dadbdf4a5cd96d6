package domain

import (
	"context"
	"io"
	"time"
)

// A Fetcher is a Connector whose messenger keeps the files of messages for a while.
type Fetcher interface {
	// Fetch begins to read a file; the caller closes its Body. The credentials of the
	// connection go only to hosts that they are for. With every other fate than
	// FateAccepted there is no Body, and a Failure.
	Fetch(ctx context.Context, c Connection, m StoredMedia) (Fetched, SendResult)
}

// Fetched is a file that a messenger begins to give.
type Fetched struct {
	Lost MediaCause // with another fate than FateAccepted: it can never be had; empty: try again
	Body io.ReadCloser
	MIME string // as the messenger says; empty: it does not
	Size int64  // as the messenger says; negative: it does not
}

// A MediaCause is a code for why a file could not be had.
type MediaCause string

// The causes. The first four are tried again, until the file is given up.
const (
	MediaUnavailable MediaCause = "unavailable" // the messenger did not answer, or broke off
	MediaRefused     MediaCause = "refused"     // the messenger does not give it to the connection as it is now
	MediaEmpty       MediaCause = "empty"       // no bytes came
	MediaUnstored    MediaCause = "not_stored"  // our own store of files, or the disk, did not take it
	MediaTooBig      MediaCause = "too_big"     // bigger than RECADO_MEDIA_MAX, or than the messenger gives
	MediaGone        MediaCause = "gone"        // the messenger has it no more
	MediaForbidden   MediaCause = "forbidden"   // the messenger names an address that is not its own
	MediaBlocked     MediaCause = "chat_blocked"
	MediaEnded       MediaCause = "connection_ended"
	MediaUnsupported MediaCause = "unsupported" // no connector fetches files of the kind
)

// MediaCauses lists every MediaCause.
var MediaCauses = []MediaCause{
	MediaUnavailable, MediaRefused, MediaEmpty, MediaUnstored, MediaTooBig, MediaGone, MediaForbidden, MediaBlocked, MediaEnded, MediaUnsupported,
}

// A FetchResult is how a try to fetch a file ended.
type FetchResult struct {
	State      MediaState    // MediaKept, MediaLost, or MediaWaiting: try again
	MIME       string        // with MediaKept, as it was found
	Size       int64         // with MediaKept
	SHA        string        // with MediaKept
	Cause      MediaCause    // with every other state
	RetryAfter time.Duration // the messenger's own delay; zero: none
}

// FetchAnswer is what the answer of a messenger means that gives no file.
func FetchAnswer(f Fetched, answer SendResult) FetchResult {
	switch {
	case f.Lost != "":
		return FetchResult{State: MediaLost, Cause: f.Lost}
	case answer.Fate == FateRefused && !Policies[answer.Reason()].Retried():
		return FetchResult{State: MediaWaiting, Cause: MediaRefused, RetryAfter: answer.RetryAfter}
	}
	return FetchResult{State: MediaWaiting, Cause: MediaUnavailable, RetryAfter: answer.RetryAfter}
}

// FetchGiveUpAfter is how long after its message came we try to fetch a file.
const FetchGiveUpAfter = 7 * day

// fetchWaits are the times between the first tries; later ones are as far apart as
// the last of them.
var fetchWaits = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// arrivedMedia is the row of the file that came with a message.
func (m *Message) arrivedMedia(now time.Time) StoredMedia {
	return StoredMedia{
		ID: m.MediaID(), Company: m.Company, Connection: m.Connection, Message: m.ID, State: MediaWaiting,
		Source: m.Media.ID, ToldMIME: m.Media.MIME, Name: FileName(m.Media.Name), Size: m.Media.Size, Seconds: m.Media.Seconds,
		NextAt: now, GiveUpAt: now.Add(FetchGiveUpAfter), CreatedAt: now,
	}
}

// after returns the file as a try to fetch it leaves it.
func (m StoredMedia) after(r FetchResult, now time.Time) StoredMedia {
	m.Tries++
	m.State, m.Cause, m.NextAt = r.State, r.Cause, time.Time{}
	switch r.State {
	case MediaKept:
		m.MIME, m.Size, m.SHA = r.MIME, r.Size, r.SHA
	case MediaWaiting:
		wait := max(r.RetryAfter, fetchWaits[min(m.Tries, len(fetchWaits))-1])
		m.NextAt = now.Add(jitter(wait, m.Tries, string(m.ID)))
		if m.NextAt.After(m.GiveUpAt) {
			m.State, m.NextAt = MediaLost, time.Time{}
		}
	}
	return m
}

// decideFetched handles the end of a try to fetch a file. The company hears of a
// file that is kept or lost, unless it did not hear of its message.
func decideFetched(s State, f MediaFetched) Change {
	if s.Media == nil || s.Media.State != MediaWaiting {
		return Change{Outcome: Repeated}
	}
	media := s.Media.after(f.Result, s.Now)
	change := Change{Outcome: Applied, media: &media}
	if s.Message == nil || s.Message.Origin == OriginHistory || media.State == MediaWaiting {
		return change
	}
	change.addNotice(EventMessageMedia, messageMedia{s.Message.name(), media.public(), media.State, media.Cause})
	return change
}

// public is the file as CRMs see it; nil: it is lost.
func (m *StoredMedia) public() *PublicMedia {
	if m.State != MediaKept {
		return nil
	}
	return &PublicMedia{m.ID, m.Source, m.MIME, m.Name, m.Size, m.Seconds}
}
