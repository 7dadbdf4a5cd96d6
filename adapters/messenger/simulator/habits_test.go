package simulator_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// Each message is tried as Recado would, until it is taken, lost, or refused for good.
func TestHabitsOfWhatRecadoSends(t *testing.T) {
	taken, lost := string(domain.FateAccepted), string(domain.FateUnknown)
	refused := func(r domain.Reason) string { return string(domain.FateRefused) + " " + string(r) }
	tests := []struct {
		habit   string
		kind    domain.Kind
		peer    string
		answers []string
		facts   []string
	}{
		{"nothing odd", domain.WABA, "34600110222", []string{taken}, []string{"sent", "delivered", "read"}},
		{"no-account", domain.WABA, "34600110000", []string{refused(domain.ReasonNoAccount)}, nil},
		{"payment", domain.WABA, "34600110001", []string{refused(domain.ReasonPayment)}, nil},
		{
			"throttled", domain.WABA, "34600110002",
			[]string{refused(domain.ReasonThrottled) + " 1s", refused(domain.ReasonPairThrottled), taken},
			[]string{"sent", "delivered", "read"},
		},
		{"lost-answer", domain.WABA, "34600110003", []string{lost}, []string{"sent", "delivered", "read"}},
		{
			"disorder", domain.WABA, "34600110004",
			[]string{taken},
			[]string{"delivered", "read", "sent", "read", "delivered", "sent"},
		},
		{"fails-later", domain.WABA, "34600110005", []string{taken}, []string{"failed no_account"}},
		{"blocked-us", domain.WABA, "34600110006", []string{taken}, []string{"sent"}},
		{
			"reports-us", domain.WABA, "34600110012",
			[]string{taken},
			[]string{"sent", "delivered", "read", "critical ACCOUNT_RESTRICTION", "info ACCOUNT_RESTRICTION"},
		},
		{"a user without a phone number", domain.WABA, "US.13491208655302741918", []string{taken}, []string{"sent", "delivered", "read"}},

		{"nothing odd", domain.TelegramBot, "487120391", []string{taken}, nil},
		{"no-account", domain.TelegramBot, "487120000", []string{refused(domain.ReasonNoAccount)}, nil},
		{"payment", domain.TelegramBot, "487120001", []string{refused(domain.ReasonNoAccount)}, nil},
		{
			"throttled", domain.TelegramBot, "487120002",
			[]string{refused(domain.ReasonPairThrottled) + " 1s", refused(domain.ReasonPairThrottled) + " 1s", taken},
			nil,
		},
		{"lost-answer", domain.TelegramBot, "487120003", []string{lost}, nil},
		{"fails-later", domain.TelegramBot, "487120005", []string{refused(domain.ReasonUnavailable), taken}, nil},
		{"blocked-us", domain.TelegramBot, "487120006", []string{refused(domain.ReasonPeerRefuses)}, nil},
		{"the group", domain.TelegramBot, "-1001987654321", []string{taken}, nil},
		{"a group that is not there", domain.TelegramBot, "-100200", []string{refused(domain.ReasonNoAccount)}, nil},
		{"a public name", domain.TelegramBot, "@MartaGil", []string{taken}, nil},
		{"a public name that is not there", domain.TelegramBot, "@nobody", []string{refused(domain.ReasonNoAccount)}, nil},
	}
	for _, test := range tests {
		t.Run(string(test.kind)+" "+test.habit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, stop := play(t, config())
				defer stop()
				var answers []string
				for try := 1; try <= 5; try++ {
					a := w.send(t, test.kind, test.peer, "¡Hola!")
					answers = append(answers, answerInWords(a))
					if a.Fate != domain.FateRefused || !retried(a) {
						break
					}
				}
				if diff := cmp.Diff(test.answers, answers); diff != "" {
					t.Errorf("answers (-want +got):\n%s", diff)
				}
				time.Sleep(time.Minute) // of the bubble
				if diff := cmp.Diff(test.facts, w.recado.facts()); diff != "" {
					t.Errorf("what came (-want +got):\n%s", diff)
				}
				for _, f := range w.recado.webhooks() {
					for _, fact := range f.facts {
						if _, signal := fact.(domain.ConnectionSignaled); signal {
							continue
						}
						if s, ok := fact.(domain.StatusReported); !ok || s.Message != "msg_1" {
							t.Errorf("%+v gives not back what was sent along", fact)
						}
					}
				}
			})
		})
	}
}

func retried(a domain.SendResult) bool {
	return a.Retry != nil || domain.Policies[a.Failure.Reason].Retry != (domain.Backoff{})
}

func answerInWords(a domain.SendResult) string {
	words := string(a.Fate)
	if a.Fate == domain.FateRefused {
		words += " " + string(a.Failure.Reason)
	}
	if a.RetryAfter > 0 {
		words += " " + a.RetryAfter.String()
	}
	return words
}

func TestHabitsOfWhatClientsWrite(t *testing.T) {
	both := []string{"text Uno 😊", "text Dos ñ"}
	tests := []struct {
		habit  string
		client string
		facts  []string
	}{
		{"nothing odd", "+34600110222", both},
		{"a member of the cast", "佐藤 みどり", both},
		{"repeated", "+34600110007", []string{both[0], both[1], both[0], both[1]}},
		{"late, each", "+34600110008", both},
		{"presses", "+34600110010", []string{"button Uno 😊", "button Dos ñ"}},
		{"moves", "+34600110011", []string{both[0], "system User Gloria Jara changed from 34600110011 to 34600110019", both[1]}},
		{"a person without a phone number", "Noa", both},
		{"nothing odd with Telegram", "Marta", both},
		{"presses with Telegram", "487120010", []string{"button Uno 😊", "button Dos ñ"}},
		{
			"blocks the bot again after each message", "487120006",
			[]string{both[0], "refuses true", "refuses false", both[1], "refuses true"},
		},
		{"repeated with Telegram", "487120007", []string{both[0], both[0], both[1], both[1]}},
		{"Telegram keeps the order", "487120008", both},
	}
	for _, test := range tests {
		t.Run(test.habit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, stop := play(t, config())
				defer stop()
				names := map[string]string{}
				for _, text := range []string{"Uno 😊", "Dos ñ"} {
					id, err := w.Client(test.client).Writes(text)
					if err != nil {
						t.Fatal(err)
					}
					names[text] = id
					time.Sleep(time.Second)
				}
				time.Sleep(time.Minute)
				if diff := cmp.Diff(test.facts, w.recado.facts()); diff != "" {
					t.Errorf("what came (-want +got):\n%s", diff)
				}
				for _, hook := range w.recado.webhooks() {
					m, wrote := hook.facts[0].(domain.MessageArrived)
					if wrote && m.Type != domain.TypeSystem && string(m.ProviderID) != names[m.Text] || wrote && m.Contact.Name == "" {
						t.Errorf("the message came as %+v", m)
					}
				}
			})
		})
	}
}

func TestALateWebhookComesBehindANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := play(t, config())
		defer stop()
		if _, err := w.Client("+34600110008").Writes("first"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, err := w.Client("Sheena").Writes("second"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"text second", "text first"}, w.recado.facts()); diff != "" {
			t.Errorf("what came (-want +got):\n%s", diff)
		}
	})
}

func TestWhoMeetsAHabitOnceInAWhileMeetsItOftenEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Steady = false
		w, stop := play(t, cfg)
		defer stop()
		for range 800 {
			w.send(t, domain.WABA, "34600110222", "Hola")
			time.Sleep(10 * time.Second)
		}
		count := map[string]int{}
		for _, line := range w.heard() {
			count[line.Habit]++
		}
		for _, h := range simulator.Habits() {
			often := count[h.Name] > 0
			if want := h.Likely > 0 && h.Name != "repeated" && h.Name != "late"; often != want {
				t.Errorf("%s was met %d times", h.Name, count[h.Name])
			}
		}
	})
}

func TestThePackageCommentTellsTheHabits(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range simulator.Habits() {
		if !strings.Contains(string(doc), "//\t"+h.Ending+"  "+h.Name) {
			t.Errorf("the package comment does not tell %s  %s", h.Ending, h.Name)
		}
	}
}
