package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// wholePlay lets the cast write for two minutes while Recado writes to
// some of them, and lists all that happened.
func wholePlay(t *testing.T, seed uint64) []string {
	var all []string
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Seed, cfg.Pace, cfg.Steady, cfg.Crowd = seed, 4*time.Second, false, 6
		w, stop := play(t, cfg)
		for range 120 {
			time.Sleep(time.Second)
			for _, peer := range []string{"34611204518", "5215512340004", "34699999999"} {
				all = append(all, fmt.Sprintf("%+v", w.send(t, domain.WABA, peer, "¿Qué tal?").ProviderID))
			}
			all = append(all, fmt.Sprint(w.send(t, domain.TelegramBot, "487120391", "¿Qué tal?").ProviderID))
		}
		synctest.Wait() // what is due at this moment is done
		stop()
		for _, line := range w.heard() {
			all = append(all, line.String())
		}
		for _, h := range w.recado.webhooks() {
			for _, f := range h.facts {
				fact, err := json.Marshal(f)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, string(fact))
			}
		}
	})
	return all
}

func TestTheSameSeedPlaysTheSame(t *testing.T) {
	one, again, other := wholePlay(t, 1), wholePlay(t, 1), wholePlay(t, 2)
	// What happens at one moment has no order.
	slices.Sort(one)
	slices.Sort(again)
	if diff := cmp.Diff(one, again); diff != "" || len(one) < 1000 {
		t.Errorf("%d things happened; the same seed (-one +again):\n%s", len(one), diff)
	}
	slices.Sort(other)
	if slices.Equal(one, other) {
		t.Error("another seed plays the same")
	}
}

// Chats do not disturb one another: what happens in each is the same whether
// they go on one after the other or all at once.
func TestAChatIsTheSameInACrowd(t *testing.T) {
	const chats, messages = 20, 10
	run := func(t *testing.T, together bool) map[string]string {
		said := map[string]string{}
		synctest.Test(t, func(t *testing.T) {
			cfg := config()
			cfg.Steady = false
			s := simulator.New(cfg)
			w := &world{Simulator: s, client: clientOf(s)}
			var mu sync.Mutex // guards said
			var all sync.WaitGroup
			for i := range chats {
				chat := func() {
					peer := fmt.Sprint(34600000050 + i)
					for n := range messages {
						id, err := s.Client("+" + peer).Writes(fmt.Sprint("Hola ", n))
						a := w.send(t, domain.WABA, peer, "¿Qué tal?")
						mu.Lock()
						said[peer] += fmt.Sprintln(id, err, answerInWords(a), a.ProviderID)
						mu.Unlock()
					}
				}
				if together {
					all.Go(chat)
				} else {
					chat()
				}
			}
			all.Wait()
		})
		return said
	}
	if diff := cmp.Diff(run(t, false), run(t, true)); diff != "" {
		t.Errorf("what was said (-one by one +together):\n%s", diff)
	}
}

func TestTheCast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Pace = time.Second
		w, stop := play(t, cfg)
		time.Sleep(10 * time.Minute)
		stop()
		who, groups, texts := map[string]bool{}, 0, map[string]bool{}
		for _, line := range w.heard() {
			who[line.From] = true
			texts[line.Text] = true
			if strings.Contains(line.From, "Vecinos") {
				groups++
			}
		}
		if n := len(w.heard()); n < 400 || n > 900 {
			t.Errorf("%d messages in 600 s, want about one in a second", n)
		}
		if len(who) < 18 || groups == 0 || len(texts) < 50 {
			t.Errorf("%d people wrote %d texts, %d of them in the group", len(who), len(texts), groups)
		}
		for _, h := range w.recado.webhooks() {
			if ascii := strings.Trim(string(h.body), asciiOnly) == ""; !ascii && strings.Contains(h.path, "waba") {
				t.Errorf("Meta sends %s", h.body)
			}
		}
	})
}

// A person answers until his conversation is at its end.
func TestWhoIsWrittenToAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Pace = 1000 * time.Hour // the first of the cast writes at once
		w, stop := play(t, cfg)
		defer stop()
		for range 10 {
			w.send(t, domain.WABA, "34600110222", "Hola")
			w.send(t, domain.TelegramBot, "600000009", "Hola")
			w.send(t, domain.TelegramBot, "-1001987654321", "Hola")
			w.send(t, domain.WABA, "34600110006", "Hola") // blocked us
			time.Sleep(time.Minute)
		}
		count := map[string]int{}
		for _, h := range w.recado.webhooks() {
			for _, f := range h.facts {
				if m, ok := f.(domain.MessageArrived); ok {
					count[string(m.Peer)]++
				}
			}
		}
		for _, peer := range []string{"34600110222", "600000009", "-1001987654321"} {
			if count[peer] != 3 {
				t.Errorf("%s answered %d times, want 3", peer, count[peer])
			}
		}
		if count["34600110006"] != 0 {
			t.Error("who blocked us answers")
		}
	})
}
