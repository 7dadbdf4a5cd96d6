package voice

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onDisk is a file with the bytes, read to its end.
func onDisk(t *testing.T, data []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// script is a program that stands for ffmpeg.
func script(t *testing.T, text string) Converter {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return Converter{FFmpeg: path}
}

var mp4 = []byte("\x00\x00\x00\x18ftypmp42 and so on")

func TestAConverterReadsWhatNeedsNoProgram(t *testing.T) {
	r, err := Converter{}.Read(t.Context(), onDisk(t, chromium(t)))
	if err != nil || r.Channels != 1 || r.Duration < 2*time.Second {
		t.Errorf("%+v, %v", r.Duration, err)
	}
	if _, err := (Converter{}).Read(t.Context(), onDisk(t, []byte("no"))); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

func TestMP4NeedsTheProgram(t *testing.T) {
	if _, err := (Converter{}).Read(t.Context(), onDisk(t, mp4)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "RECADO_FFMPEG") {
		t.Error(err)
	}
}

func TestTheProgramGetsTheFileAndNothingElse(t *testing.T) {
	ogg, err := Read(bytes.NewReader(chromium(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("RECADO_SECRET_KEY", "hunter2")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "voice.ogg"), ogg.OGG, 0o600); err != nil {
		t.Fatal(err)
	}
	c := script(t, "cd "+dir+"; env >env; echo \"$@\" >arguments; cat /dev/stdin >input; cat voice.ogg")
	got, err := c.Read(t.Context(), onDisk(t, mp4))
	if err != nil || !bytes.Equal(got.OGG, ogg.OGG) || got.Duration != ogg.Duration {
		t.Fatalf("%d bytes of %s, %v", len(got.OGG), got.Duration, err)
	}
	for name, check := range map[string]func(string) bool{
		"env":       func(s string) bool { return !strings.Contains(s, "hunter2") },
		"input":     func(s string) bool { return s == string(mp4) },
		"arguments": func(s string) bool { return strings.Contains(s, "-f mov -i /dev/stdin") },
	} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !check(string(text)) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestWhatTheProgramCannotDecodeIsRefused(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"it fails":             {"echo moov atom not found >&2; exit 1", "moov atom not found"},
		"it writes no OGG":     {"echo sound", "damaged"},
		"it writes too much":   {"head -c 20000000 /dev/zero", "larger than"},
		"it complains at will": {"head -c 100000 /dev/zero >&2; exit 1", "cannot be decoded"},
	} {
		if _, err := script(t, tt.text).Read(t.Context(), onDisk(t, mp4)); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAProgramThatIsNotThereIsTheOperatorsMistake(t *testing.T) {
	_, err := Converter{FFmpeg: "/nowhere/ffmpeg"}.Read(t.Context(), onDisk(t, mp4))
	if err == nil || errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "RECADO_FFMPEG") {
		t.Error(err)
	}
}

func TestTheProgramEndsWithTheCall(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := script(t, "sleep 60").Read(ctx, onDisk(t, mp4))
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// Safari's recording is AAC in MP4.
func TestFFmpegMakesOGG(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	path := filepath.Join(t.TempDir(), "safari.mp4")
	make := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine=duration=3", "-ac", "2", "-c:a", "aac", path)
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Converter{FFmpeg: ffmpeg}.Read(t.Context(), onDisk(t, data))
	if err != nil || r.Channels != 1 || r.Duration < 2900*time.Millisecond || r.Duration > 3100*time.Millisecond {
		t.Errorf("%d channels, %v, %v", r.Channels, r.Duration, err)
	}
}
