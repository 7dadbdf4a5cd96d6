package console

import (
	"fmt"
	"strings"
	"testing"

	"recado/domain"
)

// drops drops pictures on the open chat, or pastes them into its field.
const drops = `(name, event, ...files) => new Promise(done => document.createElement("canvas").toBlob(blob => {
	const data = new DataTransfer();
	for (const file of files) file.includes(".") ? data.items.add(new File([blob], file, {type: "image/png"})) : data.setData("text/plain", file);
	document.querySelector(name).dispatchEvent(event === "drop" ? new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}) : new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
	done(true);
}))`

// twoChats opens the chat of Luz, beside that of Bruno.
func twoChats(o *office) (luz, bruno *client, b *browser) {
	o.t.Helper()
	luz, bruno = o.client(botLine, "700123", "Luz"), o.client(botLine, "700124", "Bruno")
	luz.writes("Hola")
	bruno.writes("Buenas")
	b = o.as("ana")
	b.opens("Luz")
	return luz, bruno, b
}

func TestFilesGoToTheChatInWhichTheyWereAttached(t *testing.T) {
	o := newOffice(t)
	luz, bruno, b := twoChats(o)
	held := o.holds("/media")
	b.js("("+drops+`)("#stream", "drop", "uno.png", "dos.png")`, nil)
	held.waits()
	b.sees(".pending progress")
	b.sees(".pending", "dos.png")
	b.shot("uploading")
	b.accessible()
	b.opens("Bruno")
	held.Leave()
	b.sees("#list .row", "Luz", "Imagen")
	b.opens("Luz")
	b.until(`document.querySelectorAll(".message.mine img").length === 2 && !document.querySelector(".pending")`)
	if n, m := len(luz.messages()), len(bruno.messages()); n != 3 || m != 1 {
		t.Errorf("Luz has %d messages, Bruno %d; want 3 and 1", n, m)
	}
}

func TestAVoiceMessageOutlivesALostConnection(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.clicks("#mic")
	b.sees("#recording", "0:01")
	o.cut(true)
	b.clicks("[data-do=record-send]")
	b.sees(".pending progress")
	b.sees("#offline", "Lo que escriba se enviará al volver.")
	if !b.is(`!dispatchEvent(new Event("beforeunload", {cancelable: true}))`) {
		t.Error("the page may be left without a question")
	}
	o.cut(false)
	b.sees(".message.mine audio")
	b.until(`!document.querySelector(".pending")`)
	if m := luz.messages()[0]; m.Type != domain.TypeVoice {
		t.Errorf("the newest message is %+v", m)
	}
}

func TestTheMicrophoneIsOnForOneRecordingAlone(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.js(`(get => { window.tracks = []; navigator.mediaDevices.getUserMedia = async (...a) => { const s = await get(...a); tracks.push(...s.getTracks()); return s; }; return true; })(navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices))`, nil)
	const off = `tracks.every(t => t.readyState === "ended")`
	t.Run("another chat ends it", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#mic")
		b.sees("#recording", "0:01")
		b.opens("Bruno")
		b.until(off)
	})
	t.Run("another chat ends it before it began", func(t *testing.T) {
		b := b.of(t)
		b.js(`document.querySelector("#mic").click(), true`, nil)
		b.opens("Luz")
		b.until(`tracks.length === 2 && ` + off)
		b.seesNo("#recording")
	})
	t.Run("a double click begins and sends one", func(t *testing.T) {
		b := b.of(t)
		b.js(`document.querySelector("#mic").click(), document.querySelector("#mic").click(), true`, nil)
		b.sees("#recording", "0:01")
		b.js(`document.querySelector("[data-do=record-send]").click(), document.querySelector("[data-do=record-send]").click(), true`, nil)
		b.sees(".message.mine audio")
		b.until(`tracks.length === 3 && ` + off)
		if n := len(luz.messages()); n != 2 {
			t.Errorf("%d messages, want 2", n)
		}
	})
}

func TestTextsThatAreRefusedLaterBecomeTheDraftOfTheirChat(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	o.cut(true)
	b.clicks("#text")
	b.types("Primero\r")
	b.types("Segundo\r")
	b.sees(".pending", "Segundo")
	b.sees("#offline")
	o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: o.now(), Fact: domain.BlockRequested{Chat: luz.chat().ID, By: "leo", Block: true}})
	o.cut(false)
	b.sees("#notice", "El chat está bloqueado")
	b.seesNo(".pending")
	b.until(`document.querySelector("#text").value === "Primero\nSegundo"`)
	b.opens("Bruno")
	b.until(`document.querySelector("#text").value === ""`)
	b.opens("Luz")
	b.until(`document.querySelector("#text").value === "Primero\nSegundo"`)
}

func TestAChatWithoutAnswersHoldsUpNoOther(t *testing.T) {
	o := newOffice(t)
	luz, bruno, b := twoChats(o)
	held := o.holds("/c/" + string(luz.chat().ID) + "/send")
	b.clicks("#text")
	b.types("Para Luz\r")
	held.waits()
	b.opens("Bruno")
	b.clicks("#text")
	b.types("Para Bruno\r")
	b.sees(".message.mine", "Para Bruno")
	b.seesNo(".pending")
	if n := len(bruno.messages()); n != 2 {
		t.Errorf("Bruno has %d messages, want 2", n)
	}
}

func TestCellsOfASpreadsheetArePastedAsText(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.js("("+drops+`)("#text", "paste", "celda", "image.png")`, nil)
	b.js("("+drops+`)("#text", "paste", "captura.png")`, nil)
	b.sees(".message.mine img")
	b.seesNo(".pending")
	var sent []string
	for _, m := range luz.messages() {
		if m.Media != nil {
			sent = append(sent, m.Media.Name)
		}
	}
	if fmt.Sprint(sent) != "[captura.png]" {
		t.Errorf("sent are %s", strings.Join(sent, ", "))
	}
}
