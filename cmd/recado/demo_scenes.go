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
	{"a number without an account", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "34600110000", "Su cita es mañana a las 10.")
	}},
	{"Meta throttles: it is tried again", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "33612340002", "Bonjour Omar, votre rendez-vous est confirmé.")
	}},
	{"nobody pays Meta for this number", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110001", "Su pedido está listo.")
	}},
	{"a client is blocked, writes, and is not heard", func(ctx context.Context, p *demoPeople) {
		p.writes("Mateo", "34910000001", "¿Hola? ¡Contesten!")
		_ = pause(ctx, 2*time.Second) // the next call sees that the context ended
		p.command(ctx, "Leo", "leo-clinica", "51987340265", "block")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "block")
		p.writes("Mateo", "34910000001", "¿Por qué no contestan?")
		_ = pause(ctx, 2*time.Second)
		p.dropped(ctx)
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "51987340265", "Hola, Mateo.")
		p.command(ctx, "Ana", "ana-clinica", "51987340265", "unblock")
	}},
	{"the answer is lost: not sent twice, a status settles it", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "573001230003", "Valentina, su paquete salió hoy.")
	}},
	{"taken, and failed a moment later", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Eva", "eva-tienda", "tienda-whatsapp", "34600110005", "¿Le llegó todo bien?")
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
	{"the tariff inicial has no voice", func(ctx context.Context, p *demoPeople) {
		p.voice(ctx, "Rosa", "rosa-panaderia", "panaderia-bot", "612000011")
	}},
	{"statuses in any order", func(ctx context.Context, p *demoPeople) {
		p.send(ctx, "Ana", "ana-clinica", "clinica-whatsapp", "5215512340004", "Diego, ya están sus resultados.")
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
