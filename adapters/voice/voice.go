// Package voice makes what a browser records into what messengers take as a voice
// message: Opus in OGG. It copies the sound as it is and decodes nothing.
package voice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// MaxSize is how many bytes a recording may have. A recording is converted in
// memory; no messenger takes a voice message of more than 16 MB, which is an hour.
const MaxSize = 16 << 20

// ErrFormat is wrapped by the error for what is not a recording that this package
// can convert. Its text says what the file is or lacks.
var ErrFormat = errors.New("not a voice recording with Opus sound in WebM or OGG")

// A Recording is Opus sound in OGG.
type Recording struct {
	OGG      []byte
	Duration time.Duration
	Channels int // 1: mono, which WABA demands
}

// Read reads a recording in WebM, as Chromium makes it, or in OGG, as Firefox
// does. What it cannot convert, damaged files included, gives an error that wraps
// ErrFormat; an error of the reader is returned as it is.
func Read(r io.Reader) (Recording, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return Recording{}, err
	case len(data) > MaxSize:
		return Recording{}, refused("it is larger than %d bytes", MaxSize)
	case bytes.HasPrefix(data, []byte("OggS")):
		return readOGG(data)
	case bytes.HasPrefix(data, []byte{0x1A, 0x45, 0xDF, 0xA3}):
		return readWebM(data)
	}
	return Recording{}, refused("it begins like neither")
}

func refused(why string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(why, args...))
}
