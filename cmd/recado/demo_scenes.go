package main

import (
	"context"
	"time"
)

// demoScenes are what the employees do, one after another, again and again. The
// endings of the numbers are those that the simulator gives a habit.
var demoScenes = []struct {
	title string
	play  func(ctx context.Context, p *demoPeople)
}{
	{"outside the 24 hours WABA takes only a template, for a paid dialog", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110021", "Su cita es mañana a las 10.")
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110021", "recordatorio_cita")
		_ = pause(ctx, 1500*time.Millisecond) // the next call sees that the context ended
		p.balance(ctx, "Ana", "ana-clinica")
	}},
	{"a number without an account costs nothing", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110000", "recordatorio_cita")
	}},
	{"Meta throttles: it is tried again", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "33612340002", "cita_confirmada")
	}},
	{"nobody pays Meta for this number", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110001", "pedido_listo")
	}},
	{"a template that Meta does not know", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110021", "unknown_offer")
	}},
	{"a client is blocked, writes, and is not heard", func(ctx context.Context, p *demoPeople) {
		p.writes("Mateo", "34910000001", "¿Hola? ¡Contesten!")
		_ = pause(ctx, 2*time.Second)
		p.command(ctx, "Leo", "leo-clinica", "51987340265", "block")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "block")
		p.writes("Mateo", "34910000001", "¿Por qué no contestan?")
		_ = pause(ctx, 2*time.Second)
		p.dropped(ctx)
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "51987340265", "Hola, Mateo.")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "unblock")
	}},
	{"the answer is lost: not sent twice, a status settles it", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "573001230003", "paquete_en_camino")
	}},
	{"taken, and failed a moment later", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110005", "encuesta")
	}},
	{"somebody blocked the bot: an unknown error, and its cause", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "600110006", "Hoy hay pan de trigo.")
	}},
	{"the tariff inicial has a limit of outgoing dialogs, two here", func(ctx context.Context, p *demoPeople) {
		for _, peer := range []string{"612000011", "612000012", "612000013"} {
			p.send(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", peer, "Hoy hay rosquillas.")
		}
	}},
	{"a subscription that nobody paid", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Eva", "eva-tienda", "tienda-bot", "612000014", "Mañana empiezan las rebajas.")
	}},
	{"the tariff inicial has no voice, and no blacklist", func(ctx context.Context, p *demoPeople) {
		p.voice(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "612000011")
		p.command(ctx, "Rosa", "rosa-panaderia", "612000011", "block")
	}},
	{"the paid dialogs of this shop are used up", func(ctx context.Context, p *demoPeople) {
		for _, peer := range []string{"34600110031", "34600110032", "34600110033", "34600110034"} {
			p.template(ctx, "Eva", "eva-tienda", "tienda-whatsapp", peer, "rebajas")
		}
		_ = pause(ctx, 1500*time.Millisecond)
		p.balance(ctx, "Eva", "eva-tienda")
	}},
	{"statuses in any order", func(ctx context.Context, p *demoPeople) {
		p.template(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "5215512340004", "resultados_listos")
	}},
}

// act plays the scenes, a pause between them, until the context ends.
func (p *demoPeople) act(ctx context.Context, between time.Duration) {
	for n := 0; pause(ctx, between) == nil; n++ {
		scene := demoScenes[n%len(demoScenes)]
		p.show.line("Scene", "%s", scene.title)
		scene.play(ctx, p)
	}
}
