package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"
)

const acmeNumber = "106540352242922"

// A spelling is how Meta names a person, and how the CRM writes the same number.
type spelling struct{ country, meta, crm string }

// Each country has two spellings of its mobiles. Meta knows a person by either one.
var spellings = []spelling{
	{"Brazil without the ninth digit", "551187650001", "5511987650001"},
	{"Brazil with the ninth digit", "5511987650002", "551187650002"},
	{"Mexico with the 1", "5215512340021", "525512340021"},
	{"Mexico without the 1", "525512340022", "5215512340022"},
	{"Argentina with the 9", "5491123450031", "541123450031"},
	{"Argentina without the 9", "541123450032", "5491123450032"},
}

// One person has one chat, however their country's numbers are spelled, and whoever
// writes first.
func TestNationalSpellingsAreOnePerson(t *testing.T) {
	for _, on := range slices.Sorted(maps.Keys(stores)) {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, on)
			for n, s := range spellings {
				i.clientWritesFirst(s)
				// The CRM writes first to somebody else of the same country.
				last := fmt.Sprint(50 + n)
				s.meta, s.crm = s.meta[:len(s.meta)-2]+last, s.crm[:len(s.crm)-2]+last
				i.crmWritesFirst(s)
			}
			if parked := i.parked(); len(parked) > 0 {
				t.Errorf("parked: %s", parked)
			}
		})
	}
}

// clientWritesFirst lets the CRM answer under the other spelling: the answer goes
// out as free text, to the name that Meta gave, and no dialog is counted. A block
// holds for both spellings.
func (i *installation) clientWritesFirst(s spelling) {
	i.t.Helper()
	used := i.outgoingDialogs()
	i.step(step{WABA: textBody(acmeNumber, s.meta, "hola-"+s.meta)})
	m := i.sends(s.crm, s.meta, map[string]any{"type": "text", "text": "Buenos días"})
	if m["status"] != "sent" {
		i.t.Errorf("%s: the answer is %v: %v", s.country, m["status"], m["failure"])
	}
	if to := i.end().lastSent("to"); to != "+"+s.meta {
		i.t.Errorf("%s: it is sent to %v, want the name that Meta gave", s.country, to)
	}
	if now := i.outgoingDialogs(); now != used {
		i.t.Errorf("%s: %v outgoing dialogs are counted, want %v", s.country, now, used)
	}
	i.oneChat(s)

	i.step(step{Block: s.meta})
	sent := len(i.messenger.sentBodies())
	for _, peer := range []string{s.meta, s.crm} {
		if status, code := i.tries(peer); status != http.StatusConflict || code != "chat_blocked" {
			i.t.Errorf("%s: a template to the blocked %s is answered %d %s", s.country, peer, status, code)
		}
	}
	if n := len(i.messenger.sentBodies()); n != sent {
		i.t.Errorf("%s: %d messages went to who is blocked", s.country, n-sent)
	}
}

// crmWritesFirst lets Meta name the person in its answer; the client then writes
// under that name.
func (i *installation) crmWritesFirst(s spelling) {
	i.t.Helper()
	i.sends(s.crm, s.meta, map[string]any{"type": "template", "template": map[string]string{"name": "aviso", "language": "es"}})
	i.step(step{WABA: textBody(acmeNumber, s.meta, "gracias-"+s.meta)})
	i.oneChat(s)
}

// sends sends a message to a peer and returns what became of it.
func (i *installation) sends(peer, named string, m map[string]any) map[string]any {
	i.t.Helper()
	i.messenger.answer(http.StatusOK, fmt.Appendf(nil,
		`{"messaging_product":"whatsapp","contacts":[{"input":"+%s","wa_id":%q}],"messages":[{"id":"wamid.to-%s-%d"}]}`,
		named, named, named, len(i.messenger.sentBodies())))
	m["connection_id"], m["peer_id"] = "waba-1", peer
	id, _ := i.view(http.MethodPost, "/v1/messages", m)["id"].(string)
	var last map[string]any
	eventually(i.t, "the message leaves", 20*time.Second, func() bool {
		last = i.view(http.MethodGet, "/v1/messages/"+id, nil)
		return last["status"] != "queued"
	})
	return last
}

// tries asks for a template to a peer, and returns how it is answered.
func (i *installation) tries(peer string) (status int, code string) {
	i.t.Helper()
	var answer struct{ Code string }
	status, err := i.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": "waba-1", "peer_id": peer, "type": "template", "template": map[string]string{"name": "aviso", "language": "es"},
	}, &answer)
	if err != nil {
		i.t.Fatal(err)
	}
	return status, answer.Code
}

func (i *installation) outgoingDialogs() any { return at(i.end().waba, "outgoing_dialogs", "used") }

// oneChat checks that both spellings lead to one chat that holds both messages.
func (i *installation) oneChat(s spelling) {
	i.t.Helper()
	found := 0
	for _, c := range i.end().chats {
		if peer := c["peer_id"]; peer == s.meta || peer == s.crm {
			found++
			if messages, _ := c["messages"].([]map[string]any); len(messages) != 2 {
				i.t.Errorf("%s: the chat of %v has %d messages, want 2", s.country, peer, len(messages))
			}
		}
	}
	if found != 1 {
		i.t.Errorf("%s: the person has %d chats, want 1", s.country, found)
	}
}

// pasted are ways in which people paste one number.
var pasted = []string{
	"34600000131", "+34600000131", "0034600000131", "+34 600 000 131", "+34-600-000-131", "+34 (0)600 000 131", "(+34) 600.000.131",
	"+34\u00a0600\u00a0000\u00a0131", "\u202a+34600000131\u202c", "+34\u2011600\u2011000\u2011131", "\u200b34600000131\ufeff", "34\u00ad600000131",
	"＋34600000131", "３４６０００００１３１", "tel:+34600000131", "34600000131@c.us",
}

// notNumbers are what nobody can be called by.
var notNumbers = []string{"", "+", "maria", "0600000131", "+34600000131 ext. 2", "\u202a\u202c"}

// A number is one peer however it is pasted: it never makes a second chat, and
// never passes the blacklist.
func TestPastedNumbersAreOnePeer(t *testing.T) {
	for _, on := range slices.Sorted(maps.Keys(stores)) {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			i := newInstallation(t, on)
			i.step(step{WABA: textBody(acmeNumber, pasted[0], "hola")})
			for _, form := range pasted {
				m := i.sends(form, pasted[0], map[string]any{"type": "text", "text": "Buenos días"})
				if to := i.end().lastSent("to"); m["status"] != "sent" || to != "+"+pasted[0] {
					t.Errorf("to %q it is %v, sent to %v", form, m["status"], to)
				}
			}
			i.step(step{Block: pasted[0]})
			for _, form := range pasted {
				if status, code := i.tries(form); status != http.StatusConflict || code != "chat_blocked" {
					t.Errorf("a template to the blocked %q is answered %d %s", form, status, code)
				}
			}
			for _, form := range notNumbers {
				if status, _ := i.tries(form); status != http.StatusUnprocessableEntity {
					t.Errorf("a template to %q is answered %d", form, status)
				}
			}
			if e := i.end(); len(e.chats) != 1 || len(e.sent) != len(pasted) {
				t.Errorf("there are %d chats and %d messages left, want 1 and %d", len(e.chats), len(e.sent), len(pasted))
			}
		})
	}
}
