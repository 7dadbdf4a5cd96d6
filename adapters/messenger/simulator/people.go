package simulator

import (
	"slices"
	"strconv"
	"strings"

	"recado/domain"
)

// A person writes to companies: with WhatsApp if there is a phone number, with
// Telegram if there is an id.
type person struct {
	first, last string
	phone       string
	telegram    int64
	username    string
	language    string // of the texts
}

func (p person) name() string { return strings.TrimSpace(p.first + " " + p.last) }

// named are the people who have a part of their own. Some meet a habit: what
// they are answered shows it.
var named = []person{
	{first: "Lucía", last: "Fernández", phone: "34611204518", language: "es"},
	{first: "Mateo", last: "Quispe", phone: "51987340265", language: "es"},
	{first: "Camila", last: "Rojas 🌻", phone: "56961237754", language: "es"},
	{first: "Sheena", last: "Nelson", phone: "16505551234", language: "en"},
	{first: "佐藤", last: "みどり", phone: "819012345678", language: "ja"},
	{first: "Иван", last: "Петров", phone: "79261234567", language: "ru"},
	{first: "Omar", last: "Haddad", phone: "33612340002", language: "en"},     // throttled
	{first: "Valentina", last: "Ruiz", phone: "573001230003", language: "es"}, // lost-answer
	{first: "Diego", last: "Torres", phone: "5215512340004", language: "es"},  // disorder
	{first: "Carla", last: "Méndez", phone: "5491123450007", language: "es"},  // repeated
	{first: "Marta", last: "Gil", telegram: 487120391, username: "martagil", language: "es"},
	{first: "Tomás", last: "Vega", telegram: 512340864, username: "tomas_vega", language: "es"},
	{first: "Ольга", last: "Смирнова", telegram: 7003418825, username: "olga_s", language: "ru"},
	{first: "Nia", telegram: 93340517, language: "en"},
	{first: "Joaquín", last: "Paz", telegram: 603110002, username: "quinopaz", language: "es"}, // throttled
	{first: "Inés", last: "Núñez 🎈", telegram: 601230007, language: "es"},                      // repeated
}

// group is a group of Telegram with a bot among its members.
var group = struct{ id, title string }{"-1001987654321", "Vecinos de la calle Luna 🏘️"}

// members are who writes in the group.
func members() []person {
	return slices.DeleteFunc(slices.Clone(named), func(p person) bool {
		return p.username == "" || p.language != "es"
	})
}

// Names of those who have no part of their own.
var (
	firsts = []string{"Alba", "Bruno", "Clara", "Daniel", "Elena", "Fabián", "Gloria", "Hugo", "Irene", "Julián", "Laura", "Martín", "Noelia", "Óscar", "Paula", "Raúl", "Sofía", "Víctor", "Ximena", "Yago"}
	lasts  = []string{"Acosta", "Benítez", "Castaño", "Domínguez", "Estévez", "Flores", "Giménez", "Herrera", "Ibáñez", "Jara", "León", "Muñoz", "Núñez", "Ortega", "Peña", "Quintana", "Ríos", "Suárez", "Toledo", "Zúñiga"}
)

// personOf returns who has the phone number, or the Telegram id. A stranger gets
// a name.
func (s *Simulator) personOf(kind domain.Kind, peer string) person {
	for _, p := range named {
		if peer == p.peer(kind) {
			return p
		}
	}
	dice := s.dice("person", peer)
	p := person{first: pick(dice, firsts), last: pick(dice, lasts), language: "es"}
	if kind == domain.WABA {
		p.phone = peer
	} else {
		p.telegram, _ = strconv.ParseInt(peer, 10, 64) // a public name has none
	}
	return p
}

// peer is the person's name with a messenger; empty: not there.
func (p person) peer(kind domain.Kind) string {
	switch {
	case kind == domain.WABA:
		return p.phone
	case p.telegram != 0:
		return strconv.FormatInt(p.telegram, 10)
	}
	return ""
}

// crowd returns n people without a part of their own, by turns with WhatsApp
// and Telegram. None of them always meets a habit.
func (s *Simulator) crowd(n int) []person {
	var people []person
	for i := range n {
		peer := strconv.Itoa(34_600_000_000 + 10*(i/2) + 9)
		kind := domain.WABA
		if i%2 == 1 {
			peer, kind = strconv.Itoa(800_000_000+10*(i/2)+9), domain.TelegramBot
		}
		people = append(people, s.personOf(kind, peer))
	}
	return people
}
