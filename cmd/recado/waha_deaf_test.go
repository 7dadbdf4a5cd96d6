package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/waha/wahaplay"
)

// A session says that it works and sends no webhooks, for twelve seconds or, in the long
// form, two minutes. What clients write and read meanwhile is found: when a person lets
// the service look back, and by itself when the session works again. Nothing is lost, and
// nothing comes twice.
func TestADeafSession(t *testing.T) {
	const carmen = "34622310457"
	deaf, pause := 12*time.Second, time.Second
	if *long {
		deaf, pause = 2*time.Minute, 2*time.Second
	}
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := newPhoneWorld(t, on, wahaplay.Player{DeafFor: deaf})
			client := w.gateway.Client("Carmen")
			w.hear(client, "¿Tienen hora hoy?")
			w.sees("the client's message", carmen, func(m phoneMessage) bool { return m.Text == "¿Tienen hora hoy?" })
			wrote := []string{"¿Tienen hora hoy?"}

			w.hear(w.gateway.Client("34644120013@c.us"), "¿Me oyen?")
			deafened := time.Now()
			w.sends(carmen, "Enseguida")
			lookedFor := false
			for tick := time.NewTicker(pause); time.Since(deafened) < deaf-2*pause; <-tick.C {
				text := fmt.Sprint("¿Sigue ahí? ", len(wrote))
				w.hear(client, text)
				wrote = append(wrote, text)
				if !lookedFor && time.Since(deafened) > deaf/2 {
					lookedFor = true
					if known := w.texts(carmen); len(known) != 1 || w.reads(carmen, "Enseguida") {
						t.Errorf("the session is not deaf: known is %q", known)
					}
					if out, _ := w.run("doctor", "--reconcile=1h"); !strings.Contains(out, "ok    look back wa-1\n") {
						t.Errorf("doctor prints %s", out)
					}
					w.sees("what a person looked for", "34644120013", func(m phoneMessage) bool { return m.Text == "¿Me oyen?" })
					w.becomes(carmen, "Enseguida", "read")
				}
			}

			eventually(t, "the session hears again", deaf+time.Minute, func() bool { return time.Since(deafened) > deaf+time.Second })
			works := time.Now()
			w.works()
			eventually(t, "all that was written is found", time.Minute, func() bool { return len(w.texts(carmen)) >= len(wrote) })
			t.Logf("%d messages came while the session was deaf; all were found %s after it worked again", len(wrote)-1, time.Since(works).Round(time.Millisecond))
			w.works()
			eventually(t, "another look finds what is known", time.Minute, func() bool {
				return slices.ContainsFunc(strings.Split(w.metrics(), "\n"), func(line string) bool {
					count, found := strings.CutPrefix(line, `recado_lookback_total{kind="whatsapp_business",outcome="known"} `)
					return found && count != "0"
				})
			})
			got := w.texts(carmen)
			slices.Sort(got)
			slices.Sort(wrote)
			if !slices.Equal(got, wrote) {
				t.Errorf("Carmen wrote %q, the chat has %q", wrote, got)
			}
			w.hear(client, "Gracias")
			w.sees("what a webhook tells again", carmen, func(m phoneMessage) bool { return m.Text == "Gracias" })
		})
	}
}
