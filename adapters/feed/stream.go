package feed

import (
	"context"
	"net/http"
	"time"

	"recado/domain"
)

// writeTimeout bounds how long a reader may take for a part of a stream: one that
// takes no more loses its place.
const writeTimeout = 10 * time.Second

// StreamType is the media type of server-sent events.
const StreamType = "text/event-stream"

// A Reader is what a stream needs to know of the one who reads it.
type Reader struct {
	Company   domain.CompanyID
	Read      func(ctx context.Context, after domain.FeedPlace) (domain.EventPage, error)
	Show      func(context.Context, domain.EventPage) ([]byte, error) // as server-sent events; of a page without events a sign of life
	MayRead   func(context.Context) bool
	Recheck   time.Duration // from one question of MayRead to the next
	Heartbeat time.Duration // see Heartbeat
}

// Stream sends events after a place as they come, until the reader or the server
// leaves, or the reader may read no more. Events that the reader takes slowly are read
// slowly. An error is returned only before anything is sent.
func (f *Feed) Stream(w http.ResponseWriter, r *http.Request, after domain.FeedPlace, reader Reader) error {
	leave, err := f.Join(reader.Company)
	if err != nil {
		return err
	}
	defer leave()
	page, err := reader.Read(r.Context(), after)
	if err != nil {
		return err
	}
	if err := f.follow(r.Context(), openStream(w), page, reader); err != nil && r.Context().Err() == nil {
		f.log.Warn("a stream of events ended", "company", reader.Company, "err", err) // the reader connects again
	}
	return nil
}

// follow sends a page of events, and those that come after it.
func (f *Feed) follow(ctx context.Context, s *stream, page domain.EventPage, reader Reader) error {
	checked := time.Now()
	for !f.stopping() {
		events, err := reader.Show(ctx, page)
		if err != nil {
			return err
		}
		if s.send(events) != nil {
			return nil // the reader left
		}
		if !page.More {
			f.Wait(ctx, reader.Company, page.Next, reader.Heartbeat)
		}
		if time.Since(checked) > reader.Recheck {
			if !reader.MayRead(ctx) {
				return nil
			}
			checked = time.Now()
		}
		if page, err = reader.Read(ctx, page.Next); err != nil {
			return err
		}
	}
	return nil
}

func (f *Feed) stopping() bool {
	select {
	case <-f.stop:
		return true
	default:
		return false
	}
}

// A stream writes server-sent events to one reader.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// openStream begins the answer to a request. The server's time for reading one does
// not end the stream.
func openStream(w http.ResponseWriter) *stream {
	s := &stream{w, http.NewResponseController(w)}
	_ = s.control.SetReadDeadline(time.Time{}) // not all can, and those have none
	w.Header().Set("Content-Type", StreamType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would gather the events
	return s
}

// send writes events at once. An error means that the reader left, or takes no more.
func (s *stream) send(events []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all can
	if _, err := s.w.Write(events); err != nil {
		return err
	}
	return s.control.Flush()
}
