package voice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A Converter reads recordings of every browser.
type Converter struct {
	// FFmpeg is the program that decodes Safari's MP4; empty: MP4 is refused.
	FFmpeg string
}

// encodeTime is how long the program may take for a recording: it needs a second or
// two for an hour of sound.
const encodeTime = time.Minute

// Read reads a recording as the function Read does, and MP4 by FFmpeg.
func (c Converter) Read(ctx context.Context, recording *os.File) (Recording, error) {
	head := make([]byte, 8)
	if _, err := recording.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Recording{}, err
	}
	if _, err := recording.Seek(0, io.SeekStart); err != nil {
		return Recording{}, err
	}
	switch {
	case string(head[4:]) != "ftyp":
		return Read(recording)
	case c.FFmpeg == "":
		return Recording{}, refused("it is MP4, which needs the program that RECADO_FFMPEG names; record WebM or OGG, or send it as audio")
	}
	return c.encode(ctx, recording)
}

// encode runs the program over the file. It reads MP4 alone, and nothing that the file
// points to: a file of another format could name files of this machine, or hosts.
func (c Converter) encode(ctx context.Context, recording *os.File) (Recording, error) {
	ctx, cancel := context.WithTimeout(ctx, encodeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.FFmpeg, // #nosec G204 -- the operator's own program
		"-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", "mov", "-i", "/dev/stdin",
		"-map", "0:a:0", "-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "ogg", "pipe:1")
	var out, complaints limited
	out.left, complaints.left = MaxSize+1, 4<<10
	cmd.Stdin, cmd.Stdout, cmd.Stderr = recording, &out, &complaints
	cmd.Env = []string{}
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Recording{}, refused("its MP4 takes too long to decode")
	case ctx.Err() != nil:
		return Recording{}, ctx.Err()
	case out.left == 0:
		return Recording{}, refused("it is larger than %d bytes", MaxSize)
	case errors.As(err, new(*exec.ExitError)):
		return Recording{}, refused("its MP4 cannot be decoded: %s", strings.TrimSpace(string(complaints.kept)))
	case err != nil:
		return Recording{}, fmt.Errorf("RECADO_FFMPEG: %w", err)
	}
	return readOGG(out.kept)
}

// limited keeps the first bytes that are written to it.
type limited struct {
	kept []byte
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.kept = append(l.kept, p[:n]...)
	return len(p), nil
}
