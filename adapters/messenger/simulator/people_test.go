package simulator_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// arrivals lists the messages that came so far.
func (w *world) arrivals() []domain.MessageArrived {
	var all []domain.MessageArrived
	for _, hook := range w.recado.webhooks() {
		for _, fact := range hook.facts {
			if m, ok := fact.(domain.MessageArrived); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

func TestAPersonBehindAUsernameHasNoPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		if _, err := w.Client("Noa").Writes("Hola"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		m := w.arrivals()[0]
		want := domain.Contact{Name: "Noa Salas", Username: "noa.salas"}
		if diff := cmp.Diff(want, m.Contact); diff != "" || m.Peer != "ES.13491208655302741918" {
			t.Errorf("the peer is %s, the contact (-want +got):\n%s", m.Peer, diff)
		}
	})
}

func TestAChatGoesOnUnderAnotherNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		client := w.Client("+34600110011")
		for _, text := range []string{"Hola", "Tengo otro número", "¿Me leen?"} {
			if _, err := client.Writes(text); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		w.send(t, domain.WABA, "34600110019", "Sí, le leemos")
		time.Sleep(time.Minute)
		var from []string
		for _, m := range w.arrivals() {
			from = append(from, strings.TrimSpace(string(m.Peer)+" "+string(m.MovedTo)))
		}
		if diff := cmp.Diff([]string{"34600110011", "34600110011 34600110019", "34600110019", "34600110019"}, from); diff != "" {
			t.Errorf("who wrote (-want +got):\n%s", diff)
		}
		notes := w.heard()
		if to := notes[len(notes)-1].To; to != notes[0].From {
			t.Errorf("who is written to at the new number is %q, want %q", to, notes[0].From)
		}
	})
}

func TestAGroupHasThreeAuthors(t *testing.T) {
	groups := map[domain.Kind]string{
		domain.WABA:        "Y2FwaV9ncm91cDoxOTUwNTU1MDA3OToxMjAzNjMzOTQzMjAdOTY0MTUZD",
		domain.TelegramBot: "-1001987654321",
	}
	clients := map[domain.Kind][]string{
		domain.WABA:        {"Lucía", "Mateo", "Camila"},
		domain.TelegramBot: {"Marta", "Tomás", "Joaquín"},
	}
	for kind, id := range groups {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, stop := play(t, config())
				defer stop()
				for _, name := range clients[kind] {
					if _, err := w.Client(name).WritesToGroup("Hola"); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				var authors []string
				for _, m := range w.arrivals() {
					if string(m.Peer) != id || !m.IsGroup || m.Author == nil {
						t.Fatalf("it came as %+v", m)
					}
					authors = append(authors, strings.Fields(m.Author.Name)[0])
				}
				if diff := cmp.Diff(clients[kind], authors); diff != "" {
					t.Errorf("who wrote (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A message to a group of WhatsApp has the statuses of each member.
func TestStatusesOfAGroupAreOfItsMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		const group = "Y2FwaV9ncm91cDoxOTUwNTU1MDA3OToxMjAzNjMzOTQzMjAdOTY0MTUZD"
		w.deliver(t, domain.WABA, domain.Outgoing{ID: "msg_1", Peer: group, IsGroup: true, Type: domain.TypeText, Text: "Hola"})
		time.Sleep(time.Minute)
		count := map[domain.PeerID]int{}
		for _, s := range w.statuses() {
			count[s.Participant]++
			if s.Price != nil && s.Price.Category != "group_service" {
				t.Errorf("the price is %+v", s.Price)
			}
		}
		if diff := cmp.Diff(map[domain.PeerID]int{"34611204518": 3, "51987340265": 3, "56961237754": 3}, count); diff != "" {
			t.Errorf("statuses of members (-want +got):\n%s", diff)
		}
	})
}

// statuses lists the statuses that came so far.
func (w *world) statuses() []domain.StatusReported {
	var all []domain.StatusReported
	for _, hook := range w.recado.webhooks() {
		for _, fact := range hook.facts {
			if s, ok := fact.(domain.StatusReported); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// Since October 2026 Meta charges what is sent within the 24 hours, too.
func TestPricesOfMeta(t *testing.T) {
	template := domain.Outgoing{
		ID: "msg_1", Peer: "34600110222", Type: domain.TypeTemplate, Template: &domain.Template{Name: "saludo", Language: "es"},
	}
	text := domain.Outgoing{ID: "msg_1", Peer: "34600110222", Type: domain.TypeText, Text: "Hola"}
	tests := []struct {
		name  string
		from  time.Time
		m     domain.Outgoing
		wrote bool
		want  domain.Price
	}{
		{"an answer", september, text, true, domain.Price{Category: "service", Type: "free_customer_service"}},
		{"a template within the 24 hours", september, template, true, domain.Price{Category: "utility", Type: "free_customer_service"}},
		{"a template", september, template, false, domain.Price{Category: "utility", Type: "regular"}},
		{"an answer since October", october, text, true, domain.Price{Category: "service", Type: "regular"}},
		{"a template within the 24 hours since October", october, template, true, domain.Price{Category: "utility", Type: "regular"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(test.from)) // the clock of a bubble begins in 2000
				w, stop := play(t, config())
				defer stop()
				if test.wrote {
					if _, err := w.Client("+34600110222").Writes("Hola"); err != nil {
						t.Fatal(err)
					}
				}
				w.deliver(t, domain.WABA, test.m)
				time.Sleep(time.Minute)
				for _, s := range w.statuses() {
					if s.Price != nil && *s.Price != test.want {
						t.Errorf("the price with %s is %+v, want %+v", s.Status, *s.Price, test.want)
					}
				}
				if all := w.statuses(); len(all) != 3 || all[0].Price == nil {
					t.Errorf("%d statuses, the first %+v", len(all), all[0])
				}
			})
		})
	}
}

var (
	september = time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)
	october   = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
)
