package console

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/domain"
)

// What the messenger does not take is named before anything is sent.
func TestLimitsAreNamedBeforeASend(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	b := o.as("ana")
	b.opens("Luz")
	t.Run("a text that is too long", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#text")
		b.js(`(f => { f.value = "😀".repeat(2049); f.dispatchEvent(new Event("input")); return true; })(document.querySelector("#text"))`, nil)
		b.sees("#too-long", "El texto tiene 4098 caracteres; Telegram admite 4096.")
		b.shot("too-long")
		b.until(`document.querySelector("#send").disabled`)
		b.types("\r")
		b.until(`document.querySelector("#text").value.trim().length === 4098`)
		b.types("\b\b") // also the line that the key of a test leaves
		b.seesNo("#too-long")
		b.until(`!document.querySelector("#send").disabled`)
		b.types("\r")
		b.sees(".message.mine")
		b.until(`!document.querySelector(".pending")`)
	})
	t.Run("a file that is too large, or of another type, and the draft is untouched", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#text")
		b.types("Un borrador")
		for _, f := range []struct {
			name string
			size int
			says string
		}{
			{"plano.pdf", 3 << 20, "plano.pdf: El archivo es demasiado grande: Telegram admite hasta 2 MiB."},
			{"datos.csv", 10, "datos.csv: Telegram no admite archivos de este tipo."},
		} {
			path := filepath.Join(t.TempDir(), f.name)
			if err := os.WriteFile(path, make([]byte, f.size), 0o600); err != nil {
				t.Fatal(err)
			}
			b.run(chooses("#file", path))
			b.sees("#notice", f.says)
		}
		b.until(`document.querySelector("#text").value.trim() === "Un borrador"`)
		if n := len(luz.messages()); n != 2 {
			t.Errorf("%d messages, want the client's and the text", n)
		}
	})
}

func TestLimitsAreCheckedOnTheServer(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	mine := luz.isAnswered("ana", domain.SendRequested{Text: "Hola"})
	luz.accepts(mine)
	ana := o.caller()
	ana.as("ana")
	long := strings.Repeat("😀", 2049)
	for path, form := range map[string]url.Values{
		"/chat/c/" + string(luz.chat().ID) + "/send":  {"text": {long}, "ref": {"1"}},
		"/chat/messages/" + string(mine.ID) + "/edit": {"text": {long}},
	} {
		a, body := ana.ask("POST", path, form)
		if a.StatusCode != 422 || !strings.Contains(body, "too_long") || !strings.Contains(body, "Telegram admite textos de hasta 4096 caracteres") {
			t.Errorf("%s: %d %s", path, a.StatusCode, body)
		}
	}
}
