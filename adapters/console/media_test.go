package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recado/domain"
)

func TestGrabacionDeMensajesDeVoz(t *testing.T) {
	o := newOffice(t)
	luz, ines := o.client(botLine, "700123", "Luz"), o.client(oldLine, "700200", "Inés")
	luz.writes("Hola")
	ines.writes("Hola")
	b := o.as("ana")
	b.opens("Luz")
	t.Run("La grabación de mensajes de voz se inicia haciendo clic en el icono del micrófono", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#mic")
		b.sees("#recording", "0:01")
		b.until(`document.querySelector("#recording meter").value > 0`)
		b.shot("recording")
	})
	t.Run("Haciendo clic en la cruz, puede cancelar el envío", func(t *testing.T) {
		b := b.of(t)
		b.clicks("[data-do=record-cancel]")
		b.seesNo("#recording")
		b.sees("#text")
		if n := len(luz.messages()); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
	t.Run("Haciendo clic en la marca de verificación - enviar un registro de un mensaje de voz", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#mic")
		b.sees("#recording", "0:01")
		b.until(`document.querySelector("#recording meter").value > 0 && (window.heard = Date.now())`) // a busy browser counts before it hears
		b.until(`Date.now() - window.heard > 1000`)
		b.clicks("[data-do=record-listen]")
		b.sees("#recording audio")
		b.clicks("[data-do=record-send]")
		b.sees(".message.mine audio")
		b.until(`!document.querySelector(".pending")`)
		m := luz.messages()[0]
		if m.Type != domain.TypeVoice || m.Media == nil {
			t.Fatalf("stored %+v", m)
		}
		plays(t, o, m.MediaID())
	})
	t.Run("Los mensajes de voz están disponibles en las tarifas Estándar y Avanzada", func(t *testing.T) {
		b := b.of(t)
		for _, tariff := range []domain.Tariff{domain.Estandar, domain.Avanzada} {
			o.subscription("clinica-bots", func(s *domain.Subscription) { s.Tariff = tariff })
			b.goes("/chat/c/" + string(luz.chat().ID))
			b.ready()
			b.clicks("#mic")
			b.sees("#recording")
			b.clicks("[data-do=record-cancel]")
			b.seesNo("#recording")
		}
	})
	t.Run("En la tarifa Inicial, al enviar un mensaje de voz, aparecerá el mensaje Los mensajes de voz sólo están disponibles en las tarifas Avanzadas", func(t *testing.T) {
		rosa := o.as("rosa").of(t)
		rosa.opens("Inés")
		rosa.clicks("#mic")
		rosa.sees("#notice", "Los mensajes de voz sólo están disponibles en las tarifas Avanzadas")
		rosa.seesNo("#recording")
	})
}

// plays checks that a voice message is one that messengers play.
func plays(t *testing.T, o *office, id domain.MediaID) {
	t.Helper()
	if _, err := exec.LookPath("opusdec"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("opusdec is not installed; see deploy/services")
		}
		t.Skip("opusdec is not installed; see deploy/services")
	}
	file, err := o.files.Open(t.Context(), "clinica/"+string(id))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sound, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	ogg, wav := filepath.Join(t.TempDir(), "voice.ogg"), filepath.Join(t.TempDir(), "voice.wav")
	if err := os.WriteFile(ogg, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "opusdec", ogg, wav).CombinedOutput(); err != nil {
		t.Fatalf("opusdec: %v\n%s", err, out)
	}
	if info, err := os.Stat(wav); err != nil || info.Size() < 48_000 {
		t.Errorf("it plays less than half a second: %v, %v", info, err)
	}
}

// What Firefox makes of its microphone is sent as Chromium's recordings are.
func TestFirefoxsRecordingIsSent(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	ana := o.caller()
	ana.as("ana")
	chat := "/chat/c/" + string(luz.chat().ID)
	for _, format := range []string{"ogg", "webm"} {
		sound, err := os.Open(filepath.Join("..", "voice", "testdata", "firefox."+format))
		if err != nil {
			t.Fatal(err)
		}
		var taken struct {
			Media domain.MediaID
			Type  string
		}
		if err := json.Unmarshal([]byte(ana.uploads(chat+"/media?as=voice", "audio/"+format+";codecs=opus", sound)), &taken); err != nil {
			t.Fatal(err)
		}
		form := url.Values{"media": {string(taken.Media)}, "type": {taken.Type}, "ref": {format}}
		if a, body := ana.ask("POST", chat+"/send", form); a.StatusCode != http.StatusOK || !strings.Contains(body, "<audio") {
			t.Fatalf("%s: %d %s", format, a.StatusCode, body)
		}
		plays(t, o, luz.messages()[0].MediaID())
	}
}

// uploads sends a file, and returns the answer.
func (c *caller) uploads(path, mime string, file io.ReadCloser) string {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.o.url+path, file)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", mime)
	answer, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %d %s, %v", path, answer.StatusCode, body, err)
	}
	return string(body)
}

func TestFiles(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	photo := luz.arrived("Mire")
	photo.Type, photo.Media = domain.TypeImage, &domain.Media{ID: "p1", MIME: "image/png", Name: "foto.png"}
	m := luz.sends(0, photo)
	b := o.as("ana")
	b.opens("Luz")
	b.sees("#"+string(m.ID)+" .file", "foto.png", "Descargando del mensajero…")
	t.Run("a file that cannot be had says why", func(t *testing.T) {
		b := b.of(t)
		luz.report(domain.MediaFetched{Message: m.ID, Media: m.MediaID(), Result: domain.FetchResult{State: domain.MediaLost, Cause: domain.MediaGone}})
		b.sees("#"+string(m.ID)+" .file", "No disponible: el mensajero ya no lo tiene.")
	})
	t.Run("a file that is attached is shown", func(t *testing.T) {
		b := b.of(t)
		path := filepath.Join(t.TempDir(), "plano.png")
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, picture.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		b.run(chooses("#file", path))
		b.until(`document.querySelector(".message.mine img")?.naturalWidth === 40`)
		if m := luz.messages()[0]; m.Type != domain.TypeImage || m.Media.Name != "plano.png" {
			t.Errorf("stored %+v", m)
		}
	})
	for _, way := range []struct{ name, event string }{
		{"pasted", `document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))`},
		{"dropped", `document.querySelector("#stream").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}))`},
	} {
		t.Run("a file that is "+way.name+" is sent", func(t *testing.T) {
			b := b.of(t)
			before := b.count(".message.mine img")
			b.js(`new Promise(done => document.createElement("canvas").toBlob(blob => {
				const data = new DataTransfer();
				data.items.add(new File([blob], "`+way.name+`.png", {type: "image/png"}));
				`+way.event+`;
				done(true);
			}))`, nil)
			b.until(fmt.Sprintf(`document.querySelectorAll(".message.mine img").length === %d`, before+1))
			if m := luz.messages()[0]; m.Type != domain.TypeImage || m.Media.Name != way.name+".png" {
				t.Errorf("stored %+v", m)
			}
		})
	}
}
