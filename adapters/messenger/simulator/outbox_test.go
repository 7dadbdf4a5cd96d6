package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answers gives the statuses in turn to webhooks that hold the text, the last to
// all after them; 200 to others.
func answers(text string, statuses ...int) func(received) int {
	return func(r received) int {
		if !strings.Contains(string(r.body), text) {
			return http.StatusOK
		}
		status := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		return status
	}
}

// when lists in seconds when the webhooks that hold the text came.
func when(hooks []received, began time.Time, text string) string {
	var times []string
	for _, h := range hooks {
		if strings.Contains(string(h.body), text) {
			times = append(times, fmt.Sprintf("%.1f", h.at.Sub(began).Seconds()))
		}
	}
	return strings.Join(times, " ")
}

func TestAWebhookIsSentUntilItIsTaken(t *testing.T) {
	tests := []struct {
		name     string
		client   string
		statuses []int
		want     string // begins with
		times    int    // in a quarter of an hour; zero: many
		told     string
	}{
		{"taken by Meta", "Sheena", []int{200}, "0.0", 1, ""},
		{"Meta wants 200", "Sheena", []int{202, 404, 503, 200}, "0.0 1.2 3.4 7.8", 4, "a webhook of Sheena Nelson, after the answer 202"},
		{"a slow answer to Meta", "Sheena", []int{slow, 200}, "0.0 6.2", 2, "a webhook of Sheena Nelson, after no answer in 5s"},
		{"a redirect is no 200", "Sheena", []int{307, 200}, "0.0 1.2", 2, "a webhook of Sheena Nelson, after the answer 307"},
		{"taken by Telegram with any 2xx", "Marta", []int{204}, "0.0", 1, ""},
		{"Telegram's waits", "Marta", []int{500, 500, 500, 500, 500, 500, 500, 500, 200}, "0.0 0.0 0.2 0.6 1.4 3.0 6.2 12.6 ", 9, "a webhook of Marta Gil, after the answer 500"},
		{"a slow answer to Telegram", "Marta", []int{slow, 200}, "0.0 6.0", 2, "a webhook of Marta Gil, after no answer in 6s"},
		{"Telegram waits as long as it is told", "Marta", []int{429, 200}, "0.0 3.0", 2, "a webhook of Marta Gil, after the answer 429"},
		{"Meta does not", "Sheena", []int{429, 200}, "0.0 1.2", 2, "a webhook of Sheena Nelson, after the answer 429"},
		{"Telegram does not tire", "Marta", []int{500}, "0.0 0.0 0.2", 0, "a webhook of Marta Gil, after the answer 500"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, stop := play(t, config())
				defer stop()
				w.recado.answer = answers("Hola", test.statuses...)
				began := time.Now()
				if _, err := w.Client(test.client).Writes("Hola"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(15 * time.Minute)
				hooks := w.recado.webhooks()
				if got := when(hooks, began, "Hola"); !strings.HasPrefix(got, test.want) || test.times > 0 && len(hooks) != test.times {
					t.Errorf("it came at %s, want %s", got, test.want)
				}
				for _, h := range hooks {
					if diff := cmp.Diff(string(hooks[0].body), string(h.body)); diff != "" {
						t.Errorf("it came again changed (-first +again):\n%s", diff)
					}
				}
				got := ""
				for _, line := range w.heard() {
					if line.Habit == "sent-again" {
						got += line.What
					}
				}
				if got != test.told {
					t.Errorf("told %q, want %q", got, test.told)
				}
			})
		})
	}
}

// Telegram holds back the chat of a webhook that is not taken, and no other.
func TestTelegramKeepsTheOrderOfAChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		w.recado.answer = answers("Marta 1", 503, slow, 500, 200)
		for i := 1; i <= 3; i++ {
			for _, name := range []string{"Marta", "Tomás"} {
				if _, err := w.Client(name).Writes(fmt.Sprintf("%s %d", name, i)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := w.Client("Marta").WritesToGroup("In the group"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		held := func(fact string) bool { return strings.HasPrefix(fact, "text Marta ") }
		got := map[bool][]string{}
		for _, f := range w.recado.facts() {
			got[held(f)] = append(got[held(f)], f)
		}
		if diff := cmp.Diff([]string{"text Marta 1", "text Marta 1"}, got[true]); diff != "" {
			t.Errorf("of the chat that is held back came (-want +got):\n%s", diff)
		}
		if len(got[false]) != 4 {
			t.Errorf("of the others came %q", got[false])
		}
		time.Sleep(time.Minute)
		var all []string
		for _, f := range w.recado.facts() {
			if held(f) {
				all = append(all, f)
			}
		}
		want := []string{"text Marta 1", "text Marta 1", "text Marta 1", "text Marta 1", "text Marta 2", "text Marta 3"}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("the chat came as (-want +got):\n%s", diff)
		}
	})
}

// Recado is away for longer than a messenger keeps what it has to tell.
func TestAWebhookIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		w.recado.answer = answers("Hola", 503)
		if _, err := w.Client("Marta").Writes("Hola"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Minute)
		before := len(w.recado.webhooks())
		time.Sleep(time.Hour)
		if after := len(w.recado.webhooks()); after != before {
			t.Errorf("it still came %d times", after-before)
		}
		heard := w.heard()
		if line := heard[len(heard)-1].What; line != "a webhook of Marta Gil is given up, after the answer 503" {
			t.Errorf("told %q", line)
		}
	})
}

func TestWhatWaitsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		stop() // nothing is sent any more
		var err error
		for written := 0; err == nil; written++ {
			if _, err = w.Client("Sheena").Writes("Hola"); written > 100_000 {
				t.Fatal("there is always room")
			}
		}
		if a := w.send(t, "waba", "34600110222", "Hola"); answerInWords(a) != "refused throttled 1s" {
			t.Errorf("without room Meta answers %+v", a)
		}
		if _, err := w.Client("Marta").Writes("Hola"); err != nil {
			t.Errorf("there is no room for another hook: %v", err)
		}
	})
}
