package demo

import (
	"context"
	"time"

	"recado/adapters/messenger/simulator"
)

// scenes are what the employees do, one after another, over and over. The simulator
// misbehaves for phone numbers with certain endings.
var scenes = []struct {
	title string
	play  func(ctx context.Context, p *people)
}{
	{"24 hours after the client wrote WABA allows only a template, for a paid dialog", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110021", "Su cita es mañana a las 10.")
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110021", "recordatorio_cita")
		_ = pause(ctx, 1500*time.Millisecond) // if the context ended, the next call fails
		p.balance(ctx, "Ana", "ana-clinica")
	}},
	{"a number without an account costs nothing", func(ctx context.Context, p *people) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110000", "recordatorio_cita")
	}},
	{"Meta throttles: Recado tries again", func(ctx context.Context, p *people) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "33612340002", "cita_confirmada")
	}},
	{"the company did not pay Meta for this number", func(ctx context.Context, p *people) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110001", "pedido_listo")
	}},
	{"a template that Meta does not know", func(ctx context.Context, p *people) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110021", "unknown_offer")
	}},
	{"a blocked client writes: the message is dropped", func(ctx context.Context, p *people) {
		p.writes("Mateo", "34910000001", "¿Hola? ¡Contesten!")
		p.command(ctx, "Leo", "leo-clinica", "51987340265", "block")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "block")
		p.writes("Mateo", "34910000001", "¿Por qué no contestan?")
		_ = pause(ctx, 2*time.Second)
		p.dropped(ctx)
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "51987340265", "Hola, Mateo.")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "unblock")
	}},
	{"Meta's answer is lost: Recado does not send twice, a status settles the outcome", func(ctx context.Context, p *people) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "573001230003", "paquete_en_camino")
	}},
	{"Meta accepts a message, then reports that it failed", func(ctx context.Context, p *people) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110005", "encuesta")
	}},
	{"the peer blocked the bot: an unknown error, with its cause", func(ctx context.Context, p *people) {
		p.send(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "600110006", "Hoy hay pan de trigo.")
		p.settled(ctx, "rosa-panaderia", "600110006")
		_ = pause(ctx, time.Second) // Telegram's times are seconds, and what they write next must be later
	}},
	{"they write: that unblocks the bot, until they block it again", func(ctx context.Context, p *people) {
		p.writes("600110006", "panaderia-bot", "¿Todavía queda pan de trigo?")
		_ = pause(ctx, time.Second)
		p.send(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "600110006", "Sí, ¿cuántos le guardo?")
	}},
	{"the tariff inicial limits outgoing dialogs, here to two", func(ctx context.Context, p *people) {
		for _, peer := range []string{"612000011", "612000012", "612000013"} {
			p.send(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", peer, "Hoy hay rosquillas.")
		}
	}},
	{"the subscription is overdue", func(ctx context.Context, p *people) {
		p.send(ctx, "Eva", "eva-tienda", "tienda-bot", "612000014", "Mañana empiezan las rebajas.")
	}},
	{"the tariff inicial has no voice, and no blacklist", func(ctx context.Context, p *people) {
		p.voice(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "612000011")
		p.command(ctx, "Rosa", "rosa-panaderia", "612000011", "block")
	}},
	{"the paid dialogs of this shop are used up", func(ctx context.Context, p *people) {
		// More than the balance holds, whatever became of the paid dialogs of the scenes before.
		for _, peer := range []string{"34600110031", "34600110032", "34600110033", "34600110034", "34600110035"} {
			p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", peer, "rebajas")
		}
		_ = pause(ctx, 1500*time.Millisecond)
		p.balance(ctx, "Eva", "eva-tienda")
	}},
	{"a client sends a photo and a voice message: Recado fetches and stores both; Ana answers with a document", func(ctx context.Context, p *people) {
		p.sends("+34611204521", "34910000001", simulator.Photo, "¿Les sirve esta foto?")
		p.sends("+34611204521", "34910000001", simulator.Voice, "")
		_ = pause(ctx, 2*time.Second)
		p.document(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34611204521", "instrucciones.txt", "Venga en ayunas, por favor.\n")
	}},
	{"statuses arrive in any order", func(ctx context.Context, p *people) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "5215512340004", "resultados_listos")
	}},
	{"a client changes their number: the chat goes on", func(ctx context.Context, p *people) {
		p.writes("+34600110011", "34910000001", "Desde mañana tengo otro número.")
		_ = pause(ctx, 2*time.Second)
		p.writes("+34600110011", "34910000001", "Este es el nuevo.")
	}},
	{"an ordinary WhatsApp account, linked by QR: a number without an account is found before anything is sent", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-phone", "34633000000", "Le esperamos mañana.")
	}},
	{"WAHA's answer is lost: Recado looks the message up by its own id, and does not send it twice", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-phone", "34644120003", "Su receta está lista.")
	}},
	{"a client sends a photo to the ordinary account; Ana answers with a document", func(ctx context.Context, p *people) {
		p.sends("Iker", "clinica-phone", simulator.Photo, "¿Es esta la receta?")
		_ = pause(ctx, 2*time.Second)
		p.document(ctx, "Ana", "ana-clinica", "clinica-phone", "34688102934", "receta.txt", "Una cada ocho horas.\n")
	}},
	{"one client under two names: a phone number, and a hidden one", func(ctx context.Context, p *people) {
		p.writes("Luz", "clinica-phone", "Soy Luz, ¿puedo ir hoy?")
		_ = pause(ctx, 2*time.Second)
	}},
	{"the account has to be linked anew: messages wait, and go on by themselves", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-phone", "34633000012", "Hoy cerramos a las dos.")
		_ = pause(ctx, 15*time.Second)
	}},
	{"a personal Telegram account: Ana writes to a phone number, and the chat goes on under the number of its user", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-telegram", "+34655120391", "Hola, Lucía: su análisis está listo.")
		_ = pause(ctx, 3*time.Second)
		p.writes("Lucía", "clinica-telegram", "¡Gracias! ¿Puedo pasar hoy?")
	}},
	{"Telegram has no account with this phone number", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-telegram", "+34633000000", "Le esperamos mañana.")
	}},
	{"the gateway's answer is lost: Recado sends again with the same id, which Telegram recognises", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-telegram", "8655120003", "Su receta está lista.")
	}},
	{"Telegram freezes the account for a moment: nothing is sent, and it goes on when the gateway says so", func(ctx context.Context, p *people) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-telegram", "8655120012", "Hoy cerramos a las dos.")
		_ = pause(ctx, 9*time.Second)
	}},
	{"a client reports the company: Meta restricts its account, and frees it", func(ctx context.Context, p *people) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110012", "oferta_del_mes")
		_ = pause(ctx, 15*time.Second)
	}},
}

// act plays the scenes, with pauses, until the context ends.
func (p *people) act(ctx context.Context, between time.Duration) {
	for n := 0; pause(ctx, between) == nil; n++ {
		scene := scenes[n%len(scenes)]
		p.show.line("Scene", "%s", scene.title)
		scene.play(ctx, p)
	}
}
