package console

import (
	"fmt"
	"testing"
	"time"

	"recado/domain"
)

// The tests of this file are the sentences of the help page that the product was
// described by, in its words.

func TestSePuedeBloquearEnTodasLasConexiones(t *testing.T) {
	o := newOffice(t)
	lines := []struct {
		sentence string
		via      domain.ConnectionID
		peer     domain.PeerID
	}{
		{"WhatsApp Business", waLine, "34600000001"},
		{"WhatsApp Business API", wabaLine, "34600000002"},
		{"Personal De Telegramas", tgLine, "600003"},
		{"Telegram Bot", botLine, "600004"},
	}
	for i, l := range lines {
		o.client(l.via, l.peer, fmt.Sprint("Cliente ", i)).writes("Hola")
	}
	group := o.client(botLine, "-1009", "Grupo de padres")
	hello := group.arrived("Hola a todos")
	hello.IsGroup, hello.Author = true, &domain.Author{ID: "5", Name: "Marta"}
	group.sends(0, hello)
	b := o.as("ana")
	for i, l := range lines {
		t.Run(l.sentence, func(t *testing.T) {
			b := b.of(t)
			b.opens(fmt.Sprint("Cliente ", i))
			b.clicks("#head summary")
			b.sees("#head .item", "Bloquear")
			b.types("\x1b")
			b.seesNo("#head .item")
		})
	}
	t.Run("excepto los chats grupales", func(t *testing.T) {
		b := b.of(t)
		b.opens("Grupo de padres")
		b.sees(".message .author", "Marta")
		b.seesNo("#head summary")
	})
}

func TestListaNegra(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz Marín")
	luz.writes("Hola")
	b := o.as("ana")
	b.opens("Luz Marín")
	t.Run("Al hacer clic en bloquear, la ventana de selección de acción se cierra y, en su lugar, aparece una ventana emergente de confirmación", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#head summary")
		b.clicks("#head .item", "Bloquear")
		b.sees("dialog[open]", "¿Bloquear este chat?", "Bloquear", "Cancelar")
		b.seesNo("#head .item")
		b.shot("confirm")
	})
	t.Run("Si hace clic en Cancelar o en la Cruz, la ventana de confirmación se cierra", func(t *testing.T) {
		b := b.of(t)
		for _, way := range []string{"dialog .buttons button[value=cancel]", "dialog .close"} {
			if !b.is(`document.querySelector("dialog[open]")`) {
				b.clicks("#head summary")
				b.clicks("#head .item", "Bloquear")
			}
			b.clicks(way)
			b.seesNo("dialog")
		}
		if c := luz.chat(); c.Blocked() {
			t.Error("the chat is blocked")
		}
	})
	t.Run("Si hace clic en el botón Bloquear, el chat se agregará a la lista negra y aparecerá un mensaje emergente que indica que el chat se agregó correctamente", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#head summary")
		b.clicks("#head .item", "Bloquear")
		b.clicks("dialog .danger", "Bloquear")
		b.sees("#notice", "El chat se agregó a la lista negra.")
		if c := luz.chat(); c.BlockedBy != "ana" {
			t.Errorf("blocked by %q", c.BlockedBy)
		}
	})
	t.Run("Los chats bloqueados en la lista se muestran en un color más claro y con un icono de bloqueo", func(t *testing.T) {
		b := b.of(t)
		b.sees(`.row.blocked .lock[aria-label="Bloqueado"]`)
		if !b.is(`getComputedStyle(document.querySelector(".row.blocked .title")).color !== getComputedStyle(document.body).color`) {
			t.Error("the blocked chat has the colour of the others")
		}
	})
	t.Run("El campo de entrada de mensaje en el chat bloqueado se bloquea. Los botones agregar plantilla y enviar están inactivos", func(t *testing.T) {
		b := b.of(t)
		b.until(`document.querySelector("#text").disabled && document.querySelector("#add-template").disabled && document.querySelector("#send").disabled`)
		b.sees("#why-not", "El chat está bloqueado")
		b.shot("blocked")
	})
	t.Run("La acción Desbloquear se muestra en lugar de la acción Bloquear en los chats ya bloqueados", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#head summary")
		b.sees("#head .item", "Desbloquear")
		b.until(`document.querySelectorAll("#head .item").length === 1`)
	})
	t.Run("Al hacer clic en Desbloquear, la lista de acciones se cierra, el chat se elimina de la lista negra y aparece un mensaje emergente. El estado Desbloquear cambia automáticamente a Bloquear", func(t *testing.T) {
		b := b.of(t)
		b.clicks("#head .item", "Desbloquear")
		b.sees("#notice", "El chat se quitó de la lista negra.")
		b.seesNo("#head .item")
		b.until(`document.querySelector("[data-do=block]") && !document.querySelector("#text").disabled`)
		if c := luz.chat(); c.Blocked() {
			t.Error("the chat is blocked")
		}
	})
	t.Run("La acción sólo está disponible para los empleados con el derecho Agregar a emergencias", func(t *testing.T) {
		leo := b.o.as("leo").of(t)
		leo.opens("Luz Marín")
		leo.seesNo("#head summary")
		leo.sees("#text")
	})
	t.Run("La acción sólo se muestra en las conexiones que tienen una suscripción de pago, y la tarifa no es Inicial", func(t *testing.T) {
		o.client(oldLine, "700200", "Inés").writes("Hola")
		rosa := b.o.as("rosa").of(t)
		rosa.opens("Inés")
		rosa.seesNo("#head summary")
		o.subscription("clinica-waba", func(s *domain.Subscription) { s.PaidUntil, s.TrialUntil = "", "2099-12-31" })
		b := b.of(t)
		b.goes("/chat/c/" + string(luz.chat().ID))
		b.sees("#messages")
		b.seesNo("#head summary")
	})
}

func TestListaDeChats(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(wabaLine, "34611204518", "Luz"), o.client(botLine, "700123", "Bruno")
	luz.sends(2*time.Hour, luz.arrived("Hola"))
	bruno.sends(time.Hour, bruno.arrived("Buenas"))
	b := o.as("ana")
	first := func(title string) {
		b.until(fmt.Sprintf(`document.querySelector("#list .row .title").innerText === %q`, title))
	}
	t.Run("Los chats están ordenados en función del chat al que llegó el último mensaje entrante", func(t *testing.T) {
		b = b.of(t)
		first("Bruno")
		luz.accepts(luz.isAnswered("leo", domain.SendRequested{Text: "Una respuesta no mueve nada", KeepUnanswered: true}))
		b.sees("#list .row", "Una respuesta no mueve nada")
		first("Bruno")
		luz.writes("¿Siguen ahí?")
		first("Luz")
	})
	t.Run("El contador se ilumina en verde, indicando cuántos mensajes entrantes proceden del cliente", func(t *testing.T) {
		b = b.of(t)
		b.sees("#list .row", "Luz", "2")
		b.opens("Luz")
		b.sees("#head .count", "2") // not "unread": opening changes nothing
		b.sees("#list .row .count", "2")
		if !b.is(`(() => { const [r, g, bl] = getComputedStyle(document.querySelector("#list .count")).backgroundColor.match(/\d+/g).map(Number); return g > r && g > bl; })()`) {
			t.Error("the counter is not green")
		}
	})
	t.Run("Hay dos maneras de poner a cero el contador: 2 - hacer clic en el botón no requiere una respuesta", func(t *testing.T) {
		b = b.of(t)
		b.clicks("#head button", "No requiere una respuesta")
		b.seesNo("#head .count")
		b.until(`!document.querySelector("#list .row[id=` + string(luz.chat().ID) + `] .count")`)
		if c := luz.chat(); c.Unanswered != 0 {
			t.Errorf("%d unanswered", c.Unanswered)
		}
	})
	t.Run("1 - enviar un mensaje de respuesta al cliente", func(t *testing.T) {
		b = b.of(t)
		luz.writes("¿Y mañana?")
		b.sees("#head .count", "1")
		b.clicks("#text")
		b.types("Sí, mañana también.")
		b.types("\r")
		b.sees(".message.mine", "Sí, mañana también.")
		b.until(`!document.querySelector(".pending")`)
		luz.accepts(luz.messages()[0])
		b.seesNo("#head .count")
	})
}

func TestEstadosDeMensajes(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	b := o.as("ana")
	b.opens("Luz")
	m := luz.isAnswered("leo", domain.SendRequested{Text: "Buenos días"})
	bubble := "#" + string(m.ID)
	colour := func(name string) string {
		return fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).color === (e => { document.body.append(e); e.style.color = "var(%s)"; const c = getComputedStyle(e).color; e.remove(); return c; })(document.createElement("i"))`, bubble+" .ticks", name)
	}
	b.sees(bubble + ` .ticks[aria-label="En cola"]`)
	luz.accepts(m)
	id := domain.ProviderID("out-" + string(m.ID))
	t.Run("Enviado (1 marca de verificación gris)", func(t *testing.T) {
		b := b.of(t)
		b.sees(bubble + ` .ticks.one[aria-label="Enviado"]`)
		b.until(colour("--tick"))
	})
	t.Run("Entregado (2 marcas de verificación grises)", func(t *testing.T) {
		b := b.of(t)
		luz.report(domain.StatusReported{ProviderID: id, Status: domain.Delivered})
		b.sees(bubble + ` .ticks.two[aria-label="Entregado"]`)
		b.until(colour("--tick"))
	})
	t.Run("Leído (2 marcas de verificación verdes)", func(t *testing.T) {
		b := b.of(t)
		luz.report(domain.StatusReported{ProviderID: id, Status: domain.Read})
		b.sees(bubble + ` .ticks.two[aria-label="Leído"]`)
		b.until(colour("--accent"))
	})
	t.Run("Error de entrega: el fondo del mensaje será rojo con un icono de signo de exclamación rojo. Al pasar sobre el icono, se mostrará la causa del error", func(t *testing.T) {
		b := b.of(t)
		m := luz.isAnswered("leo", domain.SendRequested{Text: "Este no llega"})
		luz.refuses(m, domain.ReasonNoAccount, domain.Cause{Source: "waba", HTTPStatus: 400, Code: "131026", Title: "Message undeliverable"})
		failed := "#" + string(m.ID)
		b.sees(failed + ".failed .bang-button")
		b.sees(failed + ` .bubble[aria-label^="Mensaje de las"][aria-label$="no entregado"]`)
		b.seesNo(failed + " .why")
		b.hovers(failed + " .bang-button")
		b.sees(failed+" .why", "No se encontró la cuenta de mensajero", "Compruebe el número")
		b.shot("failed-hover")
		b.hovers("#head")
		b.seesNo(failed + " .why")
		b.tabsBackTo(failed + " .bang-button")
		b.sees(failed+" .why", "No se encontró la cuenta de mensajero")
		b.clicks(failed + " .why summary")
		b.sees(failed+" .cause", "131026", "Message undeliverable")
	})
}

func TestErroresDeEntrega(t *testing.T) {
	o := newOffice(t)
	luz, bruno := o.client(wabaLine, "34611204518", "Luz"), o.client(botLine, "700123", "Bruno")
	bruno.writes("Hola")
	luz.sends(25*time.Hour, luz.arrived("Hola"))
	b := o.as("ana")
	shows := func(t *testing.T, b *browser, m domain.Message, texts ...string) {
		t.Helper()
		why := fmt.Sprintf("#%s .why", m.ID)
		b.until(fmt.Sprintf(`(e => e && %s.every(t => e.textContent.includes(t)))(document.querySelector(%q))`, jsonOf(texts), why))
	}
	t.Run("No se encontró la cuenta de mensajero", func(t *testing.T) {
		b := b.of(t)
		b.opens("Bruno")
		m := bruno.isAnswered("ana", domain.SendRequested{Text: "Uno"})
		bruno.refuses(m, domain.ReasonNoAccount, domain.Cause{Source: "telegram_bot", Code: "400", Title: "chat not found"})
		shows(t, b, m, "No se encontró la cuenta de mensajero")
	})
	t.Run("Error desconocido. Póngase en contacto con el soporte técnico.", func(t *testing.T) {
		b := b.of(t)
		m := bruno.isAnswered("ana", domain.SendRequested{Text: "Dos"})
		bruno.refuses(m, domain.ReasonUnrecognized, domain.Cause{Source: "telegram_bot", Code: "499", Title: "what is this"})
		shows(t, b, m, "Error desconocido. Póngase en contacto con el soporte técnico.", "what is this")
	})
	t.Run("Suscripción no pagada", func(t *testing.T) {
		b := b.of(t)
		o.subscription("clinica-bots", func(s *domain.Subscription) { s.PaidUntil = "2020-01-01" })
		m := bruno.isAnswered("ana", domain.SendRequested{Text: "Tres"})
		shows(t, b, m, "Suscripción no pagada")
		b.until(`document.querySelector("#text").disabled`)
		b.sees("#why-not", "Suscripción no pagada")
	})
	t.Run("No hay diálogos Waba pagados", func(t *testing.T) {
		b := b.of(t)
		b.opens("Luz")
		b.sees("#why-not", "sólo se puede enviar una plantilla")
		b.until(`document.querySelector("#text").disabled && !document.querySelector("#add-template").disabled`)
		b.shot("window-closed")
		o.subscription("clinica-waba", func(s *domain.Subscription) { s.WABADialogs = 0 })
		m := luz.isAnswered("ana", domain.SendRequested{Type: domain.TypeTemplate, Template: &domain.Template{Name: "saludo", Language: "es"}})
		shows(t, b, m, "No hay diálogos Waba pagados")
		b.until(`document.querySelector("#add-template").disabled`)
	})
	t.Run("Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción. Hay que mejorar la tarifa", func(t *testing.T) {
		ines, paco := o.client(oldLine, "700200", "Inés"), o.client(oldLine, "700201", "Paco")
		ines.isAnswered("rosa", domain.SendRequested{Text: "El primero del mes"})
		m := paco.isAnswered("rosa", domain.SendRequested{Text: "El segundo"})
		rosa := o.as("rosa").of(t)
		rosa.opens("700201")
		shows(t, rosa, m, "Se ha alcanzado el límite de diálogo saliente en la tarifa de suscripción", "Hay que mejorar la tarifa.")
		rosa.sees("#why-not", "Se ha alcanzado el límite")
	})
}
