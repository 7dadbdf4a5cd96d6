package console

import (
	"fmt"
	"testing"
	"time"

	"recado/domain"
)

// A state of the page is what an employee sees at an address, after what they did there.
type state struct {
	name string
	path string
	does func(b *browser) // nil: nothing
}

// statesOf furnishes an office, and lists the states that its pages have.
func statesOf(o *office) (employees, strangers []state) {
	furnish(o)
	everything := o.client(wabaLine, "34611000001", "Todo")
	everything.sendsEverything()
	everything.accepts(everything.isAnswered("ana", domain.SendRequested{
		Type: domain.TypeTemplate, Text: "Hola, Luz.", Template: &domain.Template{Name: "saludo", Language: "es"},
	}))
	closed := o.client(wabaLine, "34611000002", "Cerrada")
	closed.sends(25*time.Hour, closed.arrived("Hola"))
	group := o.client(botLine, "-1009", "Grupo de padres")
	hello := group.arrived("Hola a todos")
	hello.IsGroup, hello.Author = true, &domain.Author{ID: "5", Name: "Marta"}
	group.sends(0, hello)
	bot := o.client(botLine, "700555", "Blas")
	bot.writes("Hola")
	own := bot.isAnswered("ana", domain.SendRequested{Text: "Buenas"})
	bot.accepts(own)
	o.apply(domain.Update{Company: "clinica", Connection: botLine, Rights: domain.AllRights, Received: o.now(), Fact: domain.ActionRequested{
		ID: "msg_00000000000000000000000001", Target: own.ID, Type: domain.TypeEdit, By: "ana", Origin: domain.OriginEmployee, Text: "Buenas tardes",
	}})
	bot.refuses(bot.action(), domain.ReasonUnrecognized, domain.Cause{Source: "telegram_bot", Code: "400", Title: "message can't be edited"})
	byPhone, byName := o.client(wabaLine, "34611000003", "Eva"), o.client(wabaLine, "ES.700", "Eva (por su nombre)")
	byPhone.writes("Hola")
	merged := "/chat/c/" + string(byName.writes("Soy yo").Chat)
	both := byPhone.arrived("Con los dos nombres")
	both.AlsoKnown = []domain.PeerID{"ES.700"}
	byPhone.sends(0, both)
	at := func(c *client) string { return "/chat/c/" + string(c.chat().ID) }
	luz, spam := at(o.client(wabaLine, "34611204518", "")), at(o.client(botLine, "700666", ""))
	clicks := func(selectors ...string) func(*browser) {
		return func(b *browser) {
			b.ready()
			for _, s := range selectors {
				b.clicks(s)
			}
		}
	}
	tool := func(name string) func(*browser) {
		return func(b *browser) {
			b.ready()
			b.hovers("#" + string(own.ID))
			b.clicks("#tools [data-do=" + name + "]")
		}
	}
	employees = []state{
		{"the list", "/chat", nil},
		{"an empty list", "/chat?q=nobody", nil},
		{"a chat", luz, nil},
		{"a blocked chat", spam, nil},
		{"a group", at(group), nil},
		{"a chat that goes on in another", merged, nil},
		{"a closed window", at(closed), nil},
		{"every content", at(everything), func(b *browser) { b.size(1200, 3600) }},
		{"the employee's menu", "/chat", clicks(".nav summary")},
		{"the chat's menu", luz, clicks("#head summary")},
		{"the question before a block", luz, clicks("#head summary", "#head .item")},
		{"the question before a deletion", at(bot), tool("delete")},
		{"a template that is filled", luz, func(b *browser) {
			b.ready()
			b.clicks("#add-template")
			b.clicks("dialog [name=body]")
			b.types("Hola {{1}}.\tLuz")
			b.sees("#preview", "Hola Luz.")
		}},
		{"a reply", at(bot), tool("reply")},
		{"an edit", at(bot), tool("edit")},
		{"the emojis", at(bot), tool("emojis")},
		{"why a message failed", luz, func(b *browser) {
			b.ready()
			b.hovers(".bang-button")
			b.clicks(".why summary")
			b.sees(".cause")
		}},
		{"an action that failed", at(bot), func(b *browser) { b.clicks(".action.bad summary") }},
		{"a recording", at(bot), func(b *browser) {
			b.ready()
			b.clicks("#mic")
			b.sees("#recording")
		}},
		{"what was recorded", at(bot), func(b *browser) {
			b.ready()
			b.clicks("#mic")
			b.clicks("[data-do=record-listen]")
			b.sees("#recording audio")
		}},
		{"a text that is too long", at(bot), func(b *browser) {
			b.ready()
			b.js(`(f => { f.value = "a".repeat(4097); f.dispatchEvent(new Event("input")); return true; })(document.querySelector("#text"))`, nil)
			b.sees("#too-long")
			b.js(`localStorage.clear(), true`, nil)
		}},
		{"a notice", at(bot), func(b *browser) {
			b.ready()
			b.js(`import(document.querySelector("script").src.replace("page.js", "kit.js")).then(kit => kit.notice("Un aviso", true))`, nil)
			b.sees("#notice")
		}},
		{"a lost connection, and what waits for it", at(bot), func(b *browser) {
			b.ready()
			o.cut(true)
			b.clicks("#text")
			b.types("Espera\r")
			b.sees(".pending")
			b.sees("#offline")
		}},
		{"the account", "/chat/account", func(b *browser) { b.size(1200, 2000) }},
		{"an endpoint", "/chat/account/endpoints/crm", nil},
		{"an error", "/chat/c/nothing", nil},
	}
	strangers = []state{
		{"the log-in", "/chat/login", nil},
		{"a wrong key", "/chat/login", func(b *browser) {
			b.types("wrong\r")
			b.sees("#wrong")
		}},
	}
	return employees, strangers
}

// Each state of the page is accessible in each language and each theme. A theme changes
// nothing but colours: in the second only their contrast is looked at.
func TestEveryStateIsAccessible(t *testing.T) {
	o := newOffice(t)
	employees, strangers := statesOf(o)
	visit := func(b *browser, language string, states []state) {
		b.looks(language, themes[1])
		for _, s := range states {
			t.Run(language+" "+s.name, func(t *testing.T) {
				b := b.of(t)
				defer o.cut(false)
				b.size(1200, 800)
				b.goes(s.path)
				if s.does != nil {
					s.does(b)
				}
				for i, theme := range themes[1:] {
					b.js(fmt.Sprintf(`document.documentElement.dataset.theme = %q, true`, theme), nil)
					b.passes([]string{"", "color-contrast"}[i])
					b.shot(theme)
				}
			})
		}
	}
	ana, stranger := o.as("ana"), o.browser()
	stranger.goes("/chat/login")
	for _, language := range languages {
		visit(stranger, language, strangers)
		visit(ana, language, employees)
	}
}

// On a small telephone, and at 200 % on a small screen, nothing is wider than the page
// and an employee can write.
func TestEveryStateFitsASmallScreen(t *testing.T) {
	o := newOffice(t)
	states, _ := statesOf(o)
	b := o.as("ana")
	for _, s := range states {
		if s.does != nil {
			continue
		}
		b.goes(s.path)
		b.size(360, 740)
		b.accessible()
		for _, size := range [][2]int64{{360, 740}, {640, 360}} {
			t.Run(fmt.Sprint(s.name, " ", size), func(t *testing.T) {
				b := b.of(t)
				b.size(size[0], size[1])
				b.shot("small")
				if !b.is(`document.documentElement.scrollWidth <= innerWidth`) {
					t.Error("the page scrolls sideways")
				}
				if b.is(`document.querySelector("#text:enabled")`) && !(b.reached("#text") && b.reached("#send")) {
					t.Error("the field is out of reach")
				}
			})
		}
	}
}
