package transfer

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// chromium is a real recording of a browser.
func chromium(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../voice/testdata/chromium.webm")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestABrowsersRecordingBecomesAVoiceMessage(t *testing.T) {
	s := newSite(t)
	answer, id := s.do(t, "POST", "/?as=voice&name=blob.webm", strings.NewReader(chromium(t)), "Content-Type: audio/webm;codecs=opus")
	if answer.StatusCode != 200 {
		t.Fatalf("= %d %s", answer.StatusCode, id)
	}
	m := s.catalog.only(t)
	if m.MIME != "audio/ogg; codecs=opus" || m.Name != "blob.ogg" || !m.Voice || m.Seconds != 3 || m.ToldMIME != "audio/webm;codecs=opus" {
		t.Errorf("%+v", m)
	}
	_, ogg := s.do(t, "GET", "/"+id, nil)
	if m.SHA != sum(ogg) || m.Size != int64(len(ogg)) {
		t.Errorf("%d bytes come, %d were said", len(ogg), m.Size)
	}
	if _, err := exec.LookPath("opusinfo"); err != nil {
		t.Skip("opusinfo is not installed")
	}
	path := filepath.Join(t.TempDir(), "voice.ogg")
	if err := os.WriteFile(path, []byte(ogg), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "opusinfo", path).CombinedOutput(); err != nil || strings.Contains(string(out), "WARNING") {
		t.Errorf("opusinfo: %v\n%s", err, out)
	}

	t.Run("and once more as it is", func(t *testing.T) {
		again := newSite(t)
		again.do(t, "POST", "/?as=voice", strings.NewReader(ogg))
		if m := again.catalog.only(t); m.SHA != sum(ogg) || !m.Voice || m.Name != "voice.ogg" {
			t.Errorf("%+v", m)
		}
	})
}

func TestWithoutTheWordARecordingStaysAsItIs(t *testing.T) {
	s := newSite(t)
	if m := s.upload(t, chromium(t), "audio/webm;codecs=opus", "blob.webm"); m.MIME != "audio/webm; codecs=opus" || m.SHA != sum(chromium(t)) || m.Voice {
		t.Errorf("%+v", m)
	}
}

func TestWhatIsNoVoiceSaysWhatToDo(t *testing.T) {
	for name, tt := range map[string]struct{ file, want string }{
		"a picture":         {png, "not a voice recording"},
		"Safari's, but MP4": {"\x00\x00\x00\x18ftypmp42", "RECADO_FFMPEG"},
		"half a header":     {"\x1A\x45\xDF\xA3", "WebM"},
	} {
		s := newSite(t)
		answer, text := s.do(t, "POST", "/?as=voice", strings.NewReader(tt.file))
		if answer.StatusCode != 422 || !strings.HasPrefix(text, "voice_not_readable") || !strings.Contains(text, tt.want) || len(s.catalog.rows) > 0 {
			t.Errorf("%s: %d %s", name, answer.StatusCode, text)
		}
	}
}
