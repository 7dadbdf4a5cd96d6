package transfer

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"recado/adapters/voice"
	"recado/domain"
)

// voiceType is the media type of a voice message.
const voiceType = "audio/ogg; codecs=opus"

// convert makes a voice message of the file. One is converted at a time, since it is in
// memory.
func (s *Service) convert(ctx context.Context, file *tempFile, m *domain.StoredMedia) error {
	select {
	case s.voices <- struct{}{}:
		defer func() { <-s.voices }()
	case <-ctx.Done():
		return ctx.Err()
	}
	recording, err := s.Voice.Read(ctx, file.file)
	switch {
	case errors.Is(err, voice.ErrFormat):
		return &Error{Status: http.StatusUnprocessableEntity, Code: codeNoVoice, Detail: "The voice message cannot be used: " + err.Error() + "."}
	case err != nil:
		return s.unavailable("convert", *m, err)
	}
	if err := file.fill(bytes.NewReader(recording.OGG)); err != nil {
		return s.unavailable("temporary file", *m, err)
	}
	m.MIME, m.Size, m.SHA = voiceType, file.size, file.sha
	m.Name = renamed(m.Name, ".ogg")
	m.Voice = recording.Channels == 1
	m.Seconds = int64((recording.Duration + time.Second - 1) / time.Second)
	return nil
}
