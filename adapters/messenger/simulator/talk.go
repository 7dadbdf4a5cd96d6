package simulator

// A talk is where two are in a conversation.
type talk struct {
	count int      // conversations that were begun
	lines []string // of the present one that are not said yet
}

// next returns what the people of a chat say next. Where a conversation is at
// its end it returns the beginning of another, or nothing if only an answer is
// looked for. The caller holds mu.
func (s *Simulator) next(c *Chat, answering bool) string {
	if len(c.talk.lines) == 0 {
		texts := talks[c.People[0].Language]
		switch {
		case answering && c.talk.count > 0:
			return ""
		case answering:
			texts = surprised
		case c.Group != nil:
			texts = groupTalks
		}
		c.talk.count++
		c.talk.lines = pick(s.diceOf(c, "talk", c.talk.count), texts)
	}
	line := c.talk.lines[0]
	c.talk.lines = c.talk.lines[1:]
	return line
}

// talks holds what people say, by language: a conversation is what one of the
// two says in it.
var talks = map[string][][]string{
	"es": {
		{"Hola, ¿tienen la chaqueta azul en talla M?", "Perfecto, ¿y cómo va lo del envío a Valencia?", "Genial, me la quedo 😊", "¡Muchas gracias!"},
		{"Buenos días, mi pedido 4711 no ha llegado 😕", "Lo hice el lunes pasado, pagué con tarjeta.", "Vale, espero su respuesta.", "Ya llegó, gracias 🙌"},
		{"¿A qué hora abren mañana?", "¿Y los domingos?", "Estupendo, allí estaré 👍"},
		{"Quería cambiar una cita que tengo el jueves.", "El viernes a las 17:30 me viene bien.", "Perfecto, anotado ✍️"},
		{"Hola 👋 vi su anuncio. ¿Todavía hay descuento del 20 %?", "¿Sirve también para dos unidades?", "Bien, mándeme el enlace para pagar."},
		{"La factura de septiembre está mal: pone «Ibañez» y es «Ibáñez».", "Sí, el mismo NIF de siempre.", "Gracias, ya la veo corregida."},
		{"¿Hacen envíos a Perú? 🇵🇪", "¿Cuántos días tarda?", "Entonces pido tres cajas 📦📦📦"},
	},
	"en": {
		{"Hi! Is the red bike still available? 🚲", "Great. Could I come and see it on Saturday?", "See you then, thanks!"},
		{"I can't log in, it says \"wrong code\" <again>", "Same e-mail as always & the new phone.", "That worked 🎉"},
		{"Do you take returns without the box?", "It's been two weeks.", "OK, thank you."},
	},
	"ru": {
		{"Здравствуйте! Заказ 1832 уже отправили?", "А трек-номер есть?", "Спасибо большое 🙏"},
		{"Добрый день, подскажите цену за две штуки?", "Хорошо, беру.", "Адрес: ул. Лунная, 5."},
	},
	"ja": {
		{"こんにちは。緑色の在庫はありますか?", "送料はいくらですか。", "ありがとうございます😊"},
		{"予約を金曜日に変更できますか?", "18時でお願いします。", "助かります🙇‍♀️"},
	},
}

// surprised is said by those to whom the company wrote first.
var surprised = [][]string{
	{"Hola 👋 ¿quién es?", "Ah, vale. ¿Me lo pueden mandar por escrito?", "De acuerdo, gracias 👍"},
	{"¡Hola! Justo les iba a escribir.", "¿Mañana a las diez les va bien?", "Perfecto 😊"},
}

// groupTalks are said by the members by turns.
var groupTalks = [][]string{
	{"Buenas, ¿alguien sabe cuándo arreglan el ascensor?", "El lunes, dijo el portero.", "Eso dijo también el lunes pasado 😂", "@recado ¿nos confirman la fecha?"},
	{"¿Quién tiene las llaves del trastero?", "Yo, las dejo en portería 🔑", "¡Gracias!"},
	{"Reunión el jueves a las 20:00 🏠", "Yo no llego antes de y media.", "Empezamos sin ti 😅"},
}
