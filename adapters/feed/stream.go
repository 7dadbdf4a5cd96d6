package feed

import (
	"net/http"
	"time"
)

// writeTimeout bounds how long a reader may take for a part of a stream: one that
// takes no more loses its place.
const writeTimeout = 10 * time.Second

// StreamType is the media type of server-sent events.
const StreamType = "text/event-stream"

// A Stream writes server-sent events to one reader.
type Stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// OpenStream begins the answer to a request. The server's time for reading one does
// not end the stream.
func OpenStream(w http.ResponseWriter) *Stream {
	s := &Stream{w, http.NewResponseController(w)}
	_ = s.control.SetReadDeadline(time.Time{}) // not all can, and those have none
	w.Header().Set("Content-Type", StreamType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would gather the events
	return s
}

// Send writes events at once. An error means that the reader left, or takes no more.
func (s *Stream) Send(events []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all can
	if _, err := s.w.Write(events); err != nil {
		return err
	}
	return s.control.Flush()
}
