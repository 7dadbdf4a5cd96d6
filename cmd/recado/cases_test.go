package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// rightEnds says of each case what is right about its end; the words of it
// stand in the case's file.
var rightEnds = map[string]func(end) bool{
	"b-template-in-callback":  func(e end) bool { return strings.Contains(e.events, "aviso") },
	"b-tg-blocked-by-client":  func(e end) bool { return e.outcomes["telegram_bot/ignored"] == 0 },
	"b-tg-business-message":   func(e end) bool { return len(e.chats) == 1 },
	"b-tg-callback-query":     func(e end) bool { return strings.Contains(e.dump, "cita:si") },
	"b-waba-call":             func(e end) bool { return len(e.chats) == 1 },
	"b-waba-history":          func(e end) bool { return len(e.chats) == 1 },
	"b-waba-number-changed":   func(e end) bool { return len(e.chats) == 1 },
	"tg-group-sender-lost":    func(e end) bool { return e.has("Ana", "Beto") },
	"waba-group-sender-lost":  func(e end) bool { return e.has("Ana", "Beto") },
	"tg-poll-text-lost":       func(e end) bool { return e.says("lunes") },
	"tg-web-app-data-ignored": func(e end) bool { return e.says("plazas") },
	"waba-button-id-lost":     func(e end) bool { return e.has("cita-2026-12-01T09:00", "baja:7741") },
	"b-tg-forum-reply-to-general": func(e end) bool {
		return e.lastSent("message_thread_id") == 77.0
	},
	"tg-channel-direct-messages-mixed": func(e end) bool { return len(e.chats) == 2 },
	"tg-edited-photo-keeps-old-file": func(e end) bool {
		return len(e.messages()) == 1 && at(e.messages()[0], "media", "provider_id") == "NUEVA"
	},
	"tg-quote-and-external-reply-lost": func(e end) bool {
		return e.has("promoción 2x1") && slices.ContainsFunc(e.messages(), func(m map[string]any) bool {
			return m["text"] == "mejor esta" && strings.Contains(asJSON(m["quote"]), "a las 11")
		})
	},
	"tg-rich-message-text-lost":         func(e end) bool { return e.says("dos mesas") },
	"tg-shared-and-paid-ignored":        func(e end) bool { return len(e.messages()) == 3 },
	"waba-authentication-international": func(e end) bool { return at(e.waba, "waba_balance", "committed") == 1.0 },
	"waba-known-phone-sent-by-user-id":  func(e end) bool { return e.lastSent("to") == "+34600000121" },
	"waba-message-without-body-parked":  func(e end) bool { return len(e.chats) == 1 && len(e.messages()) == 1 },
	"waba-referred-product-lost":        func(e end) bool { return e.has("SKU-77", "Oferta") },
	"waba-status-tells-user-id": func(e end) bool {
		return len(e.chats) == 1 && !slices.ContainsFunc(e.messages(), func(m map[string]any) bool { return m["direction"] == "inbound" })
	},
	"waba-system-notice-opens-window": func(e end) bool {
		return len(e.chats) == 1 && e.chats[0]["unanswered"] == 0.0 && e.chats[0]["window_until"] == nil &&
			at(e.waba, "waba_balance", "reserved") == 1.0 && at(e.waba, "outgoing_dialogs", "used") == 1.0
	},
	"waba-user-id-rotation-parked": func(e end) bool { return len(e.chats) == 1 && e.outcomes["waba/parked"] == 0 },
}

// Every case of testdata/cases comes out right on each kind of stores, and
// nothing of it is parked.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) != len(rightEnds) {
		t.Fatalf("%d cases and %d right ends, %v", len(files), len(rightEnds), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, on := range slices.Sorted(maps.Keys(stores)) {
			t.Run(name+"/"+on, func(t *testing.T) {
				t.Parallel()
				playCase(t, on, file, rightEnds[name])
			})
		}
	}
}

func playCase(t *testing.T, on, file string, right func(end) bool) {
	c := readCase(t, file)
	i := newInstallation(t, on)
	for _, s := range c.Steps {
		i.step(s)
	}
	i.sentinel()
	eventually(t, "it comes out as "+c.What.Want, 10*time.Second, func() bool { return right(i.end()) })
	if parked := i.parked(); len(parked) > 0 {
		t.Errorf("parked: %s", parked)
	}
}

// A casefile is what is played.
type casefile struct {
	What  struct{ Got, Want, Why string }
	Steps []step
}

// A step is one of these.
type step struct {
	WABA   json.RawMessage // a webhook of Meta
	Bot    json.RawMessage // a webhook of Telegram
	Send   json.RawMessage // a message that the CRM sends
	Answer *struct {       // by which the messenger answers it
		Status int
		Body   json.RawMessage
	}
	Block string // the peer
}

// readCase reads a case as if it were happening now.
func readCase(t *testing.T, file string) casefile {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	now := asJSON(time.Now().Unix())
	text = []byte(strings.NewReplacer(`"$now#"`, now, `$now`, now).Replace(string(text)))
	var c casefile
	if err := json.Unmarshal(text, &c); err != nil || len(c.Steps) == 0 {
		t.Fatalf("%s: %d steps, %v", file, len(c.Steps), err)
	}
	return c
}
