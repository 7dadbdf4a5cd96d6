package console

import (
	"time"

	"recado/domain"
)

// furnish fills the office with chats of every state.
func furnish(o *office) {
	luz := o.client(wabaLine, "34611204518", "Luz Marín")
	luz.sends(20*time.Hour, luz.arrived("Buenos días, ¿tienen hora para el martes?"))
	first := luz.isAnswered("leo", domain.SendRequested{Text: "¡Hola, Luz! Sí, a las 10 o a las 12:30."})
	luz.accepts(first, domain.Delivered, domain.Read)
	m := luz.arrived("A las 10, perfecto. Más detalles: https://clinica.example/citas")
	m.ReplyTo = domain.ProviderID("out-" + string(first.ID))
	luz.sends(3*time.Hour, m)
	second := luz.isAnswered("ana", domain.SendRequested{Text: "Reservado. Le esperamos."})
	luz.accepts(second, domain.Delivered)
	third := luz.isAnswered("ana", domain.SendRequested{Text: "¿Puede traer el informe anterior?"})
	luz.refuses(third, domain.ReasonNoAccount, domain.Cause{Source: "waba", HTTPStatus: 400, Code: "131026", Title: "Message undeliverable", TraceID: "Az8or2yhqkZfEZ"})
	fourth := luz.isAnswered("ana", domain.SendRequested{Text: "Gracias"})
	luz.accepts(fourth)
	photo := luz.arrived("El informe")
	photo.Type, photo.Media = domain.TypeFile, &domain.Media{ID: "m1", MIME: "application/pdf", Name: "informe-2026.pdf", Size: 482_133}
	luz.sends(2*time.Minute, photo)
	place := luz.arrived("")
	place.Type, place.Content = domain.TypeLocation, &domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Puerta del Sol", Address: "Madrid"}}
	got := luz.sends(time.Minute, place)
	luz.report(domain.MessageReacted{ProviderID: got.ProviderID, ByPeer: true, By: "34611204518", Emoji: "👍"})

	bruno := o.client(botLine, "700123", "Bruno Ortega")
	bruno.sends(50*time.Minute, bruno.arrived("¿Cuánto cuesta una limpieza?"))
	bruno.accepts(bruno.isAnswered("ana", domain.SendRequested{Text: "Desde 45 €."}))
	spam := o.client(botLine, "700666", "Ofertas increíbles")
	spam.sends(40*time.Minute, spam.arrived("¡Gane dinero ya!"))
	o.apply(domain.Update{Company: "clinica", Rights: domain.AllRights, Received: time.Now(), Fact: domain.BlockRequested{Chat: spam.chat().ID, By: "ana", Block: true}})
	ines := o.client(waLine, "34600110099", "Inés")
	ines.sends(10*time.Minute, ines.arrived("Hola"))
	ines.writes("¿Hay alguien?")
	if _, _, err := o.store.StartReplay(o.t.Context(), "clinica", "crm", domain.ReplayQuery{}); err != nil {
		o.t.Fatal(err)
	}
}
