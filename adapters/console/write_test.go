package console

import (
	"strings"
	"testing"

	"recado/domain"
)

func TestWriting(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	asked := luz.writes("¿Tienen hora?")
	b := o.as("ana")
	b.opens("Luz")
	t.Run("Enter sends and Shift+Enter starts a line", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#text")
		b.types("Sí.")
		b.run(shiftEnter)
		b.types("A las 10.\r")
		b.sees(".message.mine .text", "Sí.\nA las 10.")
		b.until(`!document.querySelector(".pending")`)
		if m := luz.messages()[0]; m.Text != "Sí.\nA las 10." || m.By != "ana" || m.Origin != domain.OriginEmployee {
			t.Errorf("stored %+v", m)
		}
		b.until(`document.querySelector("#text").value.trim() === ""`)
	})
	t.Run("a reply names what it answers", func(t *testing.T) {
		b := b.of(t)
		b.hovers("#" + string(asked.ID))
		b.clicks("#tools [data-do=reply]")
		b.sees("#replying", "¿Tienen hora?")
		b.types("Una sola.\r")
		b.sees(".message.mine .quote", "Luz", "¿Tienen hora?")
		b.until(`!document.querySelector(".pending")`)
		if m := luz.messages()[0]; m.ReplyTo != asked.ProviderID {
			t.Errorf("it answers %q", m.ReplyTo)
		}
	})
	t.Run("a draft survives a reload", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#text")
		b.types("A medio escribir")
		b.goes("/chat/c/" + string(luz.chat().ID))
		b.until(`document.querySelector("#text")?.value.trim() === "A medio escribir"`)
		b.js(`localStorage.clear(), document.querySelector("#text").value = "", true`, nil)
	})
	t.Run("the window's remaining time is shown", func(t *testing.T) {
		b.of(t).sees("#window", "La ventana se cierra en 23 h")
	})
	t.Run("a template is filled and previewed", func(t *testing.T) {
		b := b.of(t)
		b.ready()
		b.clicks("#add-template")
		b.sees("dialog[open]", "Vista previa")
		b.clicks("dialog [name=template]")
		b.types("cita")
		b.clicks("dialog [name=body]")
		b.types("Hola {{1}}, su cita es {{2}}.")
		b.clicks("#parameters label")
		b.types("Luz\tel martes")
		b.sees("#preview", "Hola Luz, su cita es el martes.")
		b.shot("template")
		b.clicks("dialog .primary")
		b.sees(".message.mine", "Hola Luz, su cita es el martes.", "cita")
		b.until(`!document.querySelector(".pending")`)
		if m := luz.messages()[0]; m.Type != domain.TypeTemplate || m.Template.Name != "cita" || !strings.Contains(string(m.Template.Components), "el martes") {
			t.Errorf("stored %+v", m)
		}
	})
	t.Run("an answer that was lost sends nothing twice", func(t *testing.T) {
		b := b.of(t)
		o.loseAnswer.Store(true)
		b.clicks("#text")
		b.types("Una vez\r")
		b.until(`!document.querySelector(".pending") && [...document.querySelectorAll(".message .text")].filter(e => e.textContent === "Una vez").length === 1`)
		n := 0
		for _, m := range luz.messages() {
			if m.Text == "Una vez" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("it was stored %d times", n)
		}
	})
}

func TestHostileTextDoesNothing(t *testing.T) {
	o := newOffice(t)
	evil := o.client(wabaLine, "34611204518", "<img src=x onerror=alert(1)>\u202e\u0007nombre")
	texts := []string{
		`<script>document.title = "owned"</script>`,
		`"><svg onload=alert(1)>`,
		`javascript:alert(1) y https://ok.example/<b>?a="b"`,
		strings.Repeat("palabralarguísima", 6000),
		"{{constructor.constructor('alert(1)')()}} ${alert(1)}",
		"\u202etxet desrever\u202c \u200f",
	}
	for _, text := range texts {
		evil.writes(text)
	}
	file := evil.arrived("")
	file.Type, file.Media = domain.TypeFile, &domain.Media{ID: "m", MIME: `text/html"><script>`, Name: "factura\u202efdp.exe"}
	evil.writes("x")
	evil.sends(0, file)
	card := evil.arrived("")
	card.Type, card.Content = domain.TypeLocation, &domain.Content{Location: &domain.Location{Latitude: "1", Longitude: "2", URL: "javascript:alert(1)", Name: "<b>aquí</b>"}}
	evil.sends(0, card)
	b := o.as("ana")
	b.opens("nombre")
	b.sees(".message .text", `<script>document.title = "owned"</script>`)
	b.sees(".file", "facturafdp.exe")
	if !b.is(`document.querySelectorAll("#pane script, #pane img, [onload], [onerror]").length === 0 && !document.title.includes("owned")`) {
		t.Error("the text became more than text")
	}
	if !b.is(`[...document.querySelectorAll("#pane a")].every(a => ["https:", "http:"].includes(a.protocol))`) {
		t.Error("a link is not one of the web")
	}
	if !b.is(`document.documentElement.scrollWidth <= innerWidth && document.querySelector("#stream").scrollWidth <= document.querySelector("#stream").clientWidth`) {
		t.Error("a long word widens the page")
	}
	b.shot("hostile")
}
