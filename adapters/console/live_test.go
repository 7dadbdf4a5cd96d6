package console

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"recado/adapters/feed"
	"recado/domain"
)

func TestTwoEmployeesSeeEachOthersWork(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	ana, leo := o.as("ana"), o.as("leo")
	ana.opens("Luz")
	leo.opens("Luz")
	t.Run("within 500 ms", func(t *testing.T) {
		ana, leo := ana.of(t), leo.of(t)
		var times []time.Duration
		for i := range 5 {
			ana.clicks("#text")
			ana.types(fmt.Sprint("Buenos días ", i))
			began := time.Now()
			ana.types("\r")
			leo.sees(".message.mine", "Ana", fmt.Sprint("Buenos días ", i))
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		t.Logf("a colleague's message is seen after %v", times)
		if times[0] > 500*time.Millisecond { // the others may have waited for a busy machine
			t.Errorf("a colleague's message is seen after %v, want 500 ms", times[0])
		}
		leo.sees("#list .row", "Buenos días 4")
	})
	luz.writes("¿Siguen ahí?")
	ana.sees("#head .count", "2")
	leo.clicks("#head button", "No requiere una respuesta")
	ana.seesNo("#head .count")
	ana.clicks("#head summary")
	ana.clicks("#head .item", "Bloquear")
	ana.clicks("dialog[open] .danger")
	leo.until(`document.querySelector("#text").disabled`)
	leo.sees("#why-not", "El chat está bloqueado")
}

// What happens and what is written while the connection is lost, for 30 s in the long
// form, is there once when it is back.
func TestALostConnectionLosesAndDoublesNothing(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(wabaLine, "34611204518", "Luz"), o.client(botLine, "700123", "Bruno")
	bruno.writes("Buenas")
	luz.writes("Hola")
	before := luz.isAnswered("leo", domain.SendRequested{Text: "Antes"})
	luz.accepts(before)
	b := o.as("ana")
	b.opens("Luz")
	b.sees(".message", "Antes")
	o.cut(true)
	b.clicks("#text")
	for i := range 3 {
		b.types(fmt.Sprintf("Escrito sin conexión %d\r", i))
		b.sees(".message.pending", fmt.Sprint("Escrito sin conexión ", i), "Esperando conexión")
		luz.writes(fmt.Sprint("Mientras tanto ", i))
	}
	b.sees("#offline", "Sin conexión")
	luz.report(domain.StatusReported{ProviderID: "out-" + domain.ProviderID(before.ID), Status: domain.Read})
	luz.isAnswered("leo", domain.SendRequested{Text: "De Leo"})
	bruno.writes("¿Hay alguien?")
	time.Sleep(time.Duration(size(1, 30)) * time.Second) // the connection is lost
	o.cut(false)
	b.seesNo("#offline")
	b.until(`!document.querySelector(".pending")`)
	b.sees("#" + string(before.ID) + ` .ticks[aria-label="Leído"]`)
	b.sees("#list .row", "Bruno", "¿Hay alguien?", "2")
	want := []string{"Hola", "Antes", "De Leo"}
	for i := range 3 {
		want = append(want, fmt.Sprint("Mientras tanto ", i), fmt.Sprint("Escrito sin conexión ", i))
	}
	slices.Sort(want)
	var stored, shown []string
	for _, m := range luz.messages() {
		stored = append(stored, m.Text)
	}
	slices.Sort(stored)
	if !slices.Equal(stored, want) {
		t.Errorf("stored %q, want %q", stored, want)
	}
	b.until(fmt.Sprintf(`document.querySelectorAll("#messages .message").length === %d`, len(want)))
	b.js(`[...document.querySelectorAll("#messages .text")].map(e => e.textContent).sort()`, &shown)
	if !slices.Equal(shown, want) {
		t.Errorf("shown %q, want %q", shown, want)
	}
}

// hurries has the timers of the page run a hundred times as fast.
func (b *browser) hurries() {
	b.t.Helper()
	b.js(`(set => { window.setTimeout = (f, ms, ...list) => set(f, ms / 100, ...list); return true; })(setTimeout)`, nil)
}

func TestANetworkThatGoesSilentIsNoticed(t *testing.T) {
	o := newOffice(t)
	o.page.heartbeat = time.Hour
	luz, _, b := twoChats(o)
	b.hurries()
	held := o.holds("/live")
	luz.writes("Antes") // from now on the page waits for a sign of life
	b.sees("#offline", "Sin conexión")
	luz.writes("Mientras tanto")
	b.sees("#messages .message", "Mientras tanto")
	held.Leave()
}

func TestThePageConnectsAtOnceWhenTheBrowserIsOnline(t *testing.T) {
	o := newOffice(t)
	_, _, b := twoChats(o)
	b.js(`window.EventSource = class extends EventSource { constructor(url) { super(url); window.again = true; } }, dispatchEvent(new Event("online"))`, nil)
	if !b.is(`window.again`) {
		t.Error("it waits")
	}
}

// A browser has six connections for all pages of a server.
func TestAPageThatNobodySeesLeavesTheStreamAndLosesNothing(t *testing.T) {
	o := newOffice(t)
	luz, bruno, b := twoChats(o)
	streams := func(n int) {
		t.Helper()
		for range 2000 {
			if o.page.Feed.Waiting() == n {
				return
			}
			time.Sleep(5 * time.Millisecond) // the page is on its way
		}
		t.Fatalf("%d streams, want %d", o.page.Feed.Waiting(), n)
	}
	streams(1)
	b.hurries()
	b.js(`Object.defineProperty(document, "hidden", {get: () => window.unseen}), true`, nil)
	b.js(`window.unseen = true, document.dispatchEvent(new Event("visibilitychange"))`, nil)
	streams(0)
	luz.writes("Mientras tanto")
	bruno.writes("Yo también")
	b.js(`window.unseen = false, document.dispatchEvent(new Event("visibilitychange"))`, nil)
	b.sees("#messages .message", "Mientras tanto")
	b.sees("#list .row", "Bruno", "Yo también")
	streams(1)
}

func TestAStreamThatIsRefusedIsTriedAgainWithoutAReload(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.hurries()
	var leave []func()
	for range feed.MaxReaders - 1 { // the page is one of them
		l, err := o.page.Feed.Join("clinica")
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	b.js(`window.same = true`, nil)
	o.cut(true)
	b.sees("#offline")
	l, err := o.page.Feed.Join("clinica")
	if err != nil {
		t.Fatal(err)
	}
	o.cut(false)
	b.sees("#offline", "No disponible por ahora.")
	luz.writes("Mientras tanto")
	for _, leave := range append(leave, l) {
		leave()
	}
	b.sees("#messages .message", "Mientras tanto")
	if !b.is(`window.same`) {
		t.Error("the page was loaded anew")
	}
}
