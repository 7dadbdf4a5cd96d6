package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever a rightly signed webhook holds, the lane is empty afterwards, and what
// comes behind it arrives.
func TestNothingThatArrivesStopsALane(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			crm := newCRM(t)
			w := newWorld(t, on)
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			for i, body := range poison(rand.New(rand.NewPCG(1, 2))) {
				if status := w.post(body); status != http.StatusOK {
					t.Errorf("webhook %d is answered %d: %.60q", i, status, body)
				}
			}
			if status := w.post(textBody("106540352242922", "79990000000", "last")); status != http.StatusOK {
				t.Errorf("the last webhook is answered %d", status)
			}
			eventually(t, "the lane is empty", time.Minute, func() bool {
				text := w.metrics()
				return strings.Contains(text, "\nrecado_waiting{lane=\"inbox\"} 0\n") &&
					strings.Contains(text, `recado_updates_total{kind="waba",outcome="applied"}`)
			})
			eventually(t, "what came last is stored", 20*time.Second, func() bool {
				return len(pages[struct{ ID string }](w, anaKey, "/v1/chats")) > 0
			})
		})
	}
}

// poison lists bodies that no messenger sends: nothing, random bytes, and a sound
// webhook with random bytes in it, too long names and too deep nesting.
func poison(dice *rand.Rand) (bodies [][]byte) {
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(dice.Uint32())
		}
		return b
	}
	bodies = append(bodies, nil, []byte(" "), []byte("null"), []byte("[]"), []byte(`{"object":"whatsapp_business_account"}`),
		[]byte(strings.Repeat("[", 100_000)),
		textBody("106540352242922", strings.Repeat("7", 5000), "peer"),
		textBody("106540352242922", "79990000001", fmt.Sprintf("%x", noise(4000))),
		textBody("106540352242922", "79990000001", "nul\x00", "\xff\xfe"),
		textBody(string(noise(20)), "79990000001", "number"))
	for range 40 {
		sound := textBody("106540352242922", "79990000001", fmt.Sprint("m", dice.Uint64()))
		for range 1 + dice.IntN(4) {
			sound[dice.IntN(len(sound))] = byte(dice.Uint32())
		}
		bodies = append(bodies, noise(dice.IntN(300)), sound, sound[:dice.IntN(len(sound))])
	}
	return bodies
}
