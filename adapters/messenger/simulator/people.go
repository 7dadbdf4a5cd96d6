package simulator

import "strings"

// A Person writes to companies, with one messenger.
type Person struct {
	First, Last string
	ID          string // the messenger's
	Username    string
	Language    string // of the texts
}

// Name is the whole name.
func (p Person) Name() string { return strings.TrimSpace(p.First + " " + p.Last) }

// A Group is a chat of several people with a company.
type Group struct {
	ID, Title string
	Members   []Person // who write in it by turns
}

// Names of people whom no Messenger lists.
var (
	firsts = []string{"Alba", "Bruno", "Clara", "Daniel", "Elena", "Fabián", "Gloria", "Hugo", "Irene", "Julián", "Laura", "Martín", "Noelia", "Óscar", "Paula", "Raúl", "Sofía", "Víctor", "Ximena", "Yago"}
	lasts  = []string{"Acosta", "Benítez", "Castaño", "Domínguez", "Estévez", "Flores", "Giménez", "Herrera", "Ibáñez", "Jara", "León", "Muñoz", "Núñez", "Ortega", "Peña", "Quintana", "Ríos", "Suárez", "Toledo", "Zúñiga"}
)

// personOf returns the person with the id. A stranger gets a name.
func (s *Simulator) personOf(player Player, id string) Person {
	for _, p := range player.Messenger().People {
		if id == p.ID {
			return p
		}
	}
	dice := s.dice("person", id)
	return Person{First: pick(dice, firsts), Last: pick(dice, lasts), ID: id, Language: "es"}
}
