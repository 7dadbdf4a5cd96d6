package console

import (
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// action returns the last action on a message that waits for the messenger.
func (c *client) action() domain.Message {
	c.o.t.Helper()
	list, err := c.o.store.Messages(c.o.t.Context(), company(c.via), domain.MessageQuery{Chat: c.chat().ID, Limit: 1, Actions: true})
	if err != nil || len(list) == 0 || list[0].Target == "" {
		c.o.t.Fatalf("the newest of the chat is no action: %+v, %v", list, err)
	}
	return list[0]
}

// acted waits until the chat has an action of the type, and returns it.
func (c *client) acted(t domain.MessageType) domain.Message {
	c.o.t.Helper()
	for range 1000 {
		if a := c.action(); a.Type == t {
			return a
		}
		time.Sleep(5 * time.Millisecond) // the browser is on its way to the server
	}
	c.o.t.Fatalf("no action %s", t)
	return domain.Message{}
}

func TestActionsOnMessages(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	asked := luz.writes("¿Tienen hora?")
	mine := luz.isAnswered("ana", domain.SendRequested{Text: "A las 10"})
	luz.accepts(mine)
	theirs, own := "#"+string(asked.ID), "#"+string(mine.ID)
	b := o.as("ana")
	b.opens("Luz")
	t.Run("a reaction is put on a message and taken back", func(t *testing.T) {
		b := b.of(t)
		b.hovers(theirs)
		b.clicks("#tools [data-do=emojis]")
		b.shot("emojis")
		b.clicks("#emojis button", "👍")
		b.sees(theirs+" .action", "Reaccionando…")
		luz.accepts(luz.action())
		b.sees(theirs+" .reactions", "👍")
		b.seesNo(theirs + " .action")
		b.hovers(theirs)
		b.clicks("#tools [data-do=emojis]")
		b.clicks("#emojis [aria-pressed=true]", "👍")
		b.sees(theirs + " .action")
		if a := luz.action(); a.Type != domain.TypeReaction || a.Text != "" || a.By != "ana" {
			t.Errorf("the action is %+v", a)
		}
		luz.accepts(luz.action())
		b.seesNo(theirs + " .reactions")
	})
	t.Run("an edit begins with the text, and a draft survives it", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#text")
		b.types("A medias")
		b.hovers(own)
		b.clicks("#tools [data-do=edit]")
		b.sees("#replying", "Editar", "A las 10")
		b.types(" o a las 12\r")
		b.sees(own+" .action", "Editando…")
		b.until(`document.querySelector("#text").value === "A medias"`)
		if a := luz.action(); a.Type != domain.TypeEdit || a.Text != "A las 10 o a las 12" {
			t.Errorf("the action is %+v", a)
		}
		luz.accepts(luz.action())
		b.sees(own, "A las 10 o a las 12", "editado")
		b.seesNo(own + " .action")
	})
	t.Run("an action that failed says why on its message, also after a reload", func(t *testing.T) {
		b := b.of(t)
		b.hovers(own)
		b.clicks("#tools [data-do=edit]")
		b.types("!\r")
		b.sees(own + " .action")
		luz.refuses(luz.action(), domain.ReasonUnrecognized, domain.Cause{Source: "telegram_bot", Code: "400", Title: "message can't be edited"})
		failed := []string{"No se pudo editar.", "Error desconocido. Póngase en contacto con el soporte técnico."}
		b.sees(own+" .action.bad", failed...)
		b.clicks(own + " .action summary")
		b.sees(own+" .cause", "message can't be edited")
		b.shot("failed")
		luz.report(domain.StatusReported{ProviderID: domain.ProviderID("out-" + string(mine.ID)), Status: domain.Read})
		b.sees(own + ` .ticks[aria-label="Leído"]`)
		b.sees(own+" .action.bad", failed...)
		b.goes("/chat/c/" + string(luz.chat().ID))
		b.sees(own+" .action.bad", failed...)
		b.ready()
	})
	t.Run("a deletion is confirmed", func(t *testing.T) {
		b := b.of(t)
		b.hovers(own)
		b.clicks("#tools [data-do=delete]")
		b.sees("dialog[open]", "¿Eliminar este mensaje?", "También se eliminará para el cliente.")
		b.clicks("dialog[open] .close")
		b.seesNo("dialog")
		b.hovers(own)
		b.clicks("#tools [data-do=delete]")
		b.clicks("dialog[open] .danger", "Eliminar")
		b.sees(own+" .action", "Eliminando…")
		luz.accepts(luz.action())
		b.sees(own+" .gone", "Mensaje eliminado")
		b.hovers(own)
		b.seesNo("#tools")
	})
	t.Run("at a touch the tools come, too", func(t *testing.T) {
		b := b.of(t)
		b.touches(theirs + " .bubble")
		b.sees("#tools [data-do=emojis]")
	})
	t.Run("what the connection cannot do is not offered", func(t *testing.T) {
		b := b.of(t)
		eva := o.client(wabaLine, "34611204518", "Eva")
		eva.writes("Hola")
		m := eva.isAnswered("ana", domain.SendRequested{Text: "Buenas"})
		eva.accepts(m)
		b.opens("Eva")
		b.sees("#" + string(m.ID))
		b.hovers("#" + string(m.ID))
		b.sees("#tools [data-do=emojis]")
		b.seesNo("#tools [data-do=edit], #tools [data-do=delete]")
		o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: o.now(), Fact: domain.BlockRequested{Chat: eva.chat().ID, By: "ana", Block: true}})
		b.until(`document.querySelector("#text").disabled`)
		b.hovers("#head")
		b.hovers("#" + string(m.ID))
		b.seesNo("#tools")
	})
}

func TestActionsByKeyboardAlone(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	luz.writes("Hola")
	mine := luz.isAnswered("ana", domain.SendRequested{Text: "A las 10"})
	luz.accepts(mine)
	own := "#" + string(mine.ID)
	b := o.as("ana")
	b.opens("Luz")
	onMessage := func() {
		t.Helper()
		b.tabsBackTo("#stream")
		b.run(arrowUp)
		b.until(`document.activeElement.matches(".message")`)
	}
	onMessage()
	b.tabsTo("#tools [data-do=emojis]")
	b.types("\r")
	b.until(`document.activeElement.value === "👍"`)
	b.types("\r")
	b.sees(own+" .action", "Reaccionando…")
	luz.accepts(luz.action())
	b.sees(own+" .reactions", "👍")
	b.until(`document.activeElement.id === "` + string(mine.ID) + `"`)

	b.tabsTo("#tools [data-do=edit]")
	b.types("\r")
	b.until(`document.activeElement.id === "text"`)
	b.types("!")
	b.types("\x1b")
	b.seesNo("#replying")
	b.until(`document.querySelector("#text").value === ""`)
	onMessage()
	b.tabsTo("#tools [data-do=edit]")
	b.types("\r")
	b.types(" en punto\r")
	luz.accepts(luz.acted(domain.TypeEdit))
	b.sees(own, "A las 10 en punto", "editado")

	onMessage()
	b.tabsTo("#tools [data-do=delete]")
	b.types("\r")
	b.sees("dialog[open]")
	b.tabsTo("dialog[open] .danger")
	b.types("\r")
	luz.accepts(luz.acted(domain.TypeDelete))
	b.sees(own+" .gone", "Mensaje eliminado")
}

// What the page hides the server refuses.
func TestActionsAreRefusedOnTheServer(t *testing.T) {
	o := newOffice(t)
	luz, eva := o.client(botLine, "700123", "Luz"), o.client(wabaLine, "34611204518", "Eva")
	theirs, onCloud := luz.writes("Hola"), eva.isAnswered("ana", domain.SendRequested{Text: "Buenas"})
	eva.writes("Hola")
	eva.accepts(onCloud)
	tests := []struct {
		name, employee, path string
		text                 string
		status               int
		says                 string
	}{
		{"another company's", "rosa", string(theirs.ID) + "/reaction", "👍", 404, "not_found"},
		{"an edit of what the client wrote", "ana", string(theirs.ID) + "/edit", "otro", 409, "not_editable"},
		{"an edit without a text", "ana", string(theirs.ID) + "/edit", "", 422, "invalid"},
		{"a deletion that the messenger does not have", "ana", string(onCloud.ID) + "/delete", "", 422, `"unsupported_type","text":"Eliminación: esta conexión no lo permite. Lo permiten: WhatsApp Business, Telegram."`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := o.caller()
			c.as(tt.employee)
			a, body := c.ask("POST", "/chat/messages/"+tt.path, map[string][]string{"text": {tt.text}})
			if a.StatusCode != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%d %s", a.StatusCode, body)
			}
		})
	}
}
