package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// chromium is 2.5 s that Chromium recorded from its fake microphone.
func chromium(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/chromium.webm")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tool runs a program of Debian's opus-tools.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing; deploy/services installs opus-tools", name)
		}
		t.Skipf("%s is missing", name)
	}
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// What the browsers record of their fake microphones in 2.5 s: Chromium, and Firefox 153
// (its preference media.navigator.streams.fake), which can do both and, asked by the page,
// makes WebM.
func TestABrowsersRecordingPlaysAsOGG(t *testing.T) {
	for _, name := range []string{"chromium.webm", "firefox.webm", "firefox.ogg"} {
		t.Run(name, func(t *testing.T) {
			file, err := os.Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			r, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			if r.Channels != 1 || r.Duration < 2400*time.Millisecond || r.Duration > 2700*time.Millisecond {
				t.Errorf("%d channels, %s; want one of about 2.5 s", r.Channels, r.Duration)
			}
			plays(t, r)
		})
	}
}

// plays checks that a player of Opus takes a recording, and plays what it is said to last.
func plays(t *testing.T, r Recording) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "voice.ogg")
	if err := os.WriteFile(path, r.OGG, 0o600); err != nil {
		t.Fatal(err)
	}
	info := tool(t, "opusinfo", path)
	for _, trouble := range []string{"WARNING", "ERROR", "negative"} {
		if strings.Contains(info, trouble) {
			t.Errorf("opusinfo complains:\n%s", info)
		}
	}
	wav := path + ".wav"
	tool(t, "opusdec", "--quiet", "--force-wav", "--rate", "48000", path, wav) // else at that of the microphone
	sound, err := os.ReadFile(wav)
	if err != nil {
		t.Fatal(err)
	}
	got := time.Duration(len(sound)) * time.Second / (2 * sampleRate) // 16 bits, mono
	if d := got - r.Duration; d < -5*time.Millisecond || d > 5*time.Millisecond {
		t.Errorf("it plays %s, said to be %s", got, r.Duration)
	}
}

func TestOGGPassesAsItIs(t *testing.T) {
	first, err := Read(bytes.NewReader(chromium(t)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(first.OGG))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.OGG, first.OGG) || again.Duration != first.Duration || again.Channels != 1 {
		t.Errorf("%d bytes of %s become %d of %s", len(first.OGG), first.Duration, len(again.OGG), again.Duration)
	}
}

func TestStereoIsSaid(t *testing.T) {
	r, err := writeOGG(newHead(2), [][]byte{{0xFC, 0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = Read(bytes.NewReader(r.OGG)); err != nil || r.Channels != 2 {
		t.Errorf("%d channels, %v; want 2", r.Channels, err)
	}
}

func TestALongPacketSpansSegments(t *testing.T) {
	packet := append([]byte{0xFC}, bytes.Repeat([]byte{1}, 3*maxSegment-1)...) // an exact multiple needs an empty segment
	r, err := writeOGG(newHead(1), [][]byte{packet, packet})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "long.ogg")
	if err := os.WriteFile(path, r.OGG, 0o600); err != nil {
		t.Fatal(err)
	}
	if info := tool(t, "opusinfo", path); strings.Contains(info, "WARNING") {
		t.Error(info)
	}
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	webm := chromium(t)
	ogg, err := Read(bytes.NewReader(webm))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(ogg.OGG)
	flipped[len(flipped)/2] ^= 1
	vorbis := bytes.Clone(ogg.OGG)
	copy(vorbis[headerSize+1:], "\x01vorbis")
	clear(vorbis[22:26])
	binary.LittleEndian.PutUint32(vorbis[22:], checksum(vorbis[:headerSize+1+19]))
	for name, data := range map[string][]byte{
		"nothing":               nil,
		"a picture":             []byte("\x89PNG\r\n\x1a\n"),
		"an MP4":                []byte("\x00\x00\x00\x18ftypmp42"),
		"WebM without a track":  webm[:40],
		"WebM with a video":     bytes.Replace(webm, []byte("A_OPUS"), []byte("V_VP9\x00"), 1),
		"WebM without sound":    webm[:bytes.Index(webm, []byte{0x1F, 0x43, 0xB6, 0x75})],
		"OGG with a bit turned": flipped,
		"OGG cut short":         ogg.OGG[:len(ogg.OGG)-1],
		"OGG with Vorbis":       vorbis,
		"OGG of headers alone":  ogg.OGG[:headerSize+1+19+headerSize+1+len(tags)],
		"too much":              append([]byte("OggS"), make([]byte, MaxSize)...),
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := Read(bytes.NewReader(data)); !errors.Is(err, ErrFormat) {
				t.Errorf("%d bytes of %s, %v", len(r.OGG), r.Duration, err)
			}
		})
	}
}

func TestAReadersErrorIsNoRefusal(t *testing.T) {
	if _, err := Read(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// A browser that is closed leaves half a file.
func TestHalfARecordingGivesWhatItHas(t *testing.T) {
	data := chromium(t)
	whole, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	half, err := Read(bytes.NewReader(data[:len(data)/2]))
	if err != nil {
		t.Fatal(err)
	}
	if half.Duration < whole.Duration/3 || half.Duration > whole.Duration*2/3 {
		t.Errorf("half of %s is %s", whole.Duration, half.Duration)
	}
}

func FuzzRead(f *testing.F) {
	data := chromium(f)
	f.Add(data[:2000])
	if r, err := Read(bytes.NewReader(data)); err == nil {
		f.Add(r.OGG[:2000])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := Read(bytes.NewReader(r.OGG))
		if err != nil || again.Duration != r.Duration {
			t.Errorf("%s becomes %s, %v", r.Duration, again.Duration, err)
		}
	})
}
