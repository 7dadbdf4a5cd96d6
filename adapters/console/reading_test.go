package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"testing"
	"time"

	"recado/domain"
)

func TestAVoiceMessagePlaysOnWhenItsStatusChanges(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.clicks("#mic")
	b.sees("#recording", "0:03")
	b.clicks("[data-do=record-send]")
	b.sees(".message.mine audio")
	b.seesNo(".pending")
	const audio = `document.querySelector(".message.mine audio")`
	b.js(`(a => { a.addEventListener("pause", () => window.paused = !a.ended); return a.play().then(() => true); })(`+audio+`)`, nil)
	b.until(audio + `.currentTime > 0.3`)
	luz.accepts(luz.messages()[0])
	b.sees(".message.mine .ticks.one")
	b.until(audio + `.ended`)
	if b.is(`window.paused`) {
		t.Error("the status stopped it")
	}
}

func TestAChatWhoseNewestRecordsAreActionsShowsItsMessages(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	for i := range 30 {
		luz.writes(fmt.Sprint("Mensaje ", i))
	}
	mine := luz.isAnswered("ana", domain.SendRequested{Text: "Texto"})
	luz.accepts(mine)
	for i := range 130 {
		o.apply(domain.Update{Company: "clinica", Connection: botLine, Rights: domain.AllRights, Received: time.Now(), Fact: domain.ActionRequested{
			ID: domain.MessageID(fmt.Sprintf("msg_0000000000000000000000%04d", i)), Target: mine.ID, Type: domain.TypeEdit, By: "ana", Origin: domain.OriginAPI, Text: fmt.Sprint("Texto ", i),
		}})
		luz.accepts(luz.action())
	}
	b := o.as("ana")
	b.opens("Luz")
	b.sees("#messages", "Mensaje 0")
	b.until(`(s => s.scrollHeight > s.clientHeight && s.scrollTop + s.clientHeight >= s.scrollHeight - 1)(document.querySelector("#stream"))`)
}

// attached uploads a picture, as a browser would.
func (c *caller) attached(to *client, name string, side int) *domain.Media {
	c.t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.o.url+"/chat/c/"+string(to.chat().ID)+"/media?name="+name, &picture)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "image/png")
	answer, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ Media domain.MediaID }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Media == "" {
		c.t.Fatalf("%d: %v", answer.StatusCode, err)
	}
	m, err := c.o.store.Media(c.t.Context(), "clinica", got.Media)
	if err != nil {
		c.t.Fatal(err)
	}
	return m.Media()
}

func TestPicturesThatLoadAboveLeaveWhatIsReadWhereItIs(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	ana := o.caller()
	ana.as("ana")
	picture := luz.isAnswered("ana", domain.SendRequested{Type: domain.TypeImage, Media: ana.attached(luz, "plano.png", 300)})
	for i := range 20 {
		luz.writes(fmt.Sprint("Mensaje ", i))
	}
	b := o.as("ana")
	held := o.holds("/media/")
	b.opens("Luz")
	const top = `document.querySelector("#messages .message:nth-last-child(15)").getBoundingClientRect().top`
	var before, after float64
	b.js(fmt.Sprintf(`new Promise(done => {
		const s = document.querySelector("#stream");
		s.addEventListener("scroll", () => requestAnimationFrame(() => done(%s)), {once: true});
		s.scrollTop += document.querySelector("#%s").getBoundingClientRect().bottom - s.getBoundingClientRect().top - 10;
	})`, top, picture.ID), &before)
	held.waits()
	held.Leave()
	b.until(fmt.Sprintf(`document.querySelector("#%s img").naturalWidth === 300`, picture.ID))
	b.js(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(`+top+`))))`, &after)
	if before != after {
		t.Errorf("it was moved from %v to %v", before, after)
	}
}

func TestTheDaysOfAPageThatIsOpenPastMidnight(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.sees("#messages .day", "Hoy")
	const day = 24 * time.Hour
	o.ahead.Store(int64(11 * time.Hour)) // within the session
	b.js(`(now => { Date.now = () => now() + 24 * 3600000; return true; })(Date.now)`, nil)
	o.apply(domain.Update{Connection: luz.via, Fact: luz.arrived("De hoy"), At: time.Now().Add(day), Received: time.Now().Add(day)})
	b.sees("#messages .message", "De hoy")
	var days []string
	b.js(`[...document.querySelectorAll("#messages .day")].map(d => d.textContent)`, &days)
	if fmt.Sprint(days) != "[Ayer Hoy]" {
		t.Errorf("the days are %q", days)
	}
}

func TestAChatInATimeZoneThatTheBrowserDoesNotKnowGoesOn(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	b.js(`document.querySelector(".conversation").dataset.zone = "Mars/Phobos", true`, nil)
	luz.writes("De hoy")
	b.sees("#messages .message", "De hoy")
	b.sees("#messages .day")
}

func TestWhyAMessageFailedIsHiddenByEscape(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	m := luz.isAnswered("leo", domain.SendRequested{Text: "Este no llega"})
	luz.refuses(m, domain.ReasonNoAccount, domain.Cause{Source: "waba", Code: "131026", Title: "x"})
	b := o.as("ana")
	b.opens("Luz")
	expanded := func(want string) {
		t.Helper()
		b.until(`document.querySelector(".bang-button").getAttribute("aria-expanded") === "` + want + `"`)
	}
	expanded("false")
	b.js(`document.querySelector(".bang-button").focus(), true`, nil)
	b.sees(".why")
	expanded("true")
	b.types("\x1b")
	b.seesNo(".why")
	expanded("false")
	b.js(`document.querySelector("#text").focus(), true`, nil)
	b.hovers(".bang-button")
	b.sees(".why")
	expanded("true")
	b.types("\x1b")
	b.seesNo(".why")
	expanded("false")
	b.hovers("#head h1")
	b.hovers(".bang-button")
	b.sees(".why")
}

func TestEachMessageIsReadOutOnce(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	first := luz.messages()[0]
	luz.report(domain.MessageReacted{ProviderID: first.ProviderID, ByPeer: true, By: "700123", Emoji: "👍"})
	b.sees("#messages .reactions", "👍")
	now := time.Now()
	var together []domain.Update
	for i, text := range []string{"Uno", "Dos", "Tres"} {
		together = append(together, domain.Update{Connection: botLine, Fact: luz.arrived(text), At: now.Add(time.Duration(i) * time.Millisecond), Received: now})
	}
	o.apply(together...)
	b.sees("#messages", "Tres")
	var said string
	b.js(`document.querySelector("#say").textContent`, &said)
	if said != "Luz: UnoLuz: DosLuz: Tres" {
		t.Errorf("read out is %q", said)
	}
}

func TestAnEditIsSentOnce(t *testing.T) {
	o := newOffice(t)
	luz, _, b := twoChats(o)
	m := luz.isAnswered("ana", domain.SendRequested{Text: "A"})
	luz.accepts(m)
	b.sees("#" + string(m.ID) + " .ticks.one")
	b.hovers("#" + string(m.ID))
	b.clicks("#tools [data-do=edit]")
	held := o.holds("/edit")
	b.types("B\r\r")
	held.waits()
	held.Leave()
	b.sees("#"+string(m.ID)+" .action", "Editando…")
	b.seesNo("#replying")
	list, err := o.store.Messages(t.Context(), "clinica", domain.MessageQuery{Chat: luz.chat().ID, Limit: 20, Actions: true})
	if err != nil || len(list) != 3 {
		t.Errorf("%d records, want two messages and an edit; %v", len(list), err)
	}
}

func TestTheListDoesNotGrowWithItsNews(t *testing.T) {
	o := newOffice(t)
	const n = 400
	fills := func(id string) {
		o.fills(n, func(i int) domain.Update {
			return incoming(fmt.Sprint(700_000+i), fmt.Sprint(id, i), fmt.Sprint("Mensaje ", id), 0)
		})
	}
	fills("a")
	b := o.as("ana")
	fills("b")
	b.sees("#list > ul:first-child > .row:first-child", "Mensaje b")
	b.until(fmt.Sprintf(`document.querySelector("#scroll-list").scrollHeight > %d * 60`, n)) // all have moved up
	b.until(`document.querySelectorAll("#list .row").length < 240`)
	var seen int
	b.js(`new Promise(async done => {
		const ids = new Set(), s = document.querySelector("#scroll-list");
		for (let i = 0; i < 400 && ids.size < 400; i++) {
			for (const row of document.querySelectorAll("#list .row")) ids.add(row.id);
			s.scrollTop += 700;
			await new Promise(done => setTimeout(done, 20));
		}
		done(ids.size);
	})`, &seen)
	if seen != n {
		t.Errorf("scrolling down shows %d chats, want %d", seen, n)
	}
}
