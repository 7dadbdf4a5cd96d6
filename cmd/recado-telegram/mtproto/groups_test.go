package mtproto

import (
	"fmt"
	"strings"
	"testing"

	"recado/cmd/recado-telegram/dc"
	"recado/cmd/recado-telegram/store"
)

const (
	family = "-500 Familia by Ben"
	shop   = "-1000000000700 Tienda by Ben"
)

func withGroups(c *Config) { c.Groups = true }

// A group is told with its title and the authors, if the file says so: a basic group by
// its negative id, a supergroup by -100….
func TestGroups(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withGroups)
	f.dc.SaysInFamily("uno", false)
	f.comes("message uno in " + family)
	f.dc.SaysInShop("dos", false)
	f.comes("message dos in " + shop)
	for chat, title := range map[int64]string{-dc.Family: "Familia", channelChat(dc.Shop): "Tienda"} {
		sent, err := f.Send(t.Context(), Request{Client: "to " + title, Chat: fmt.Sprint(chat), Text: "Hola"})
		if err != nil || sent.Chat.ID != chat || sent.Chat.Title != title {
			t.Errorf("to %s: %+v, %v", title, sent, err)
		}
	}

	// What came to both while nobody was connected.
	f.restart(func() {
		f.dc.SaysInShop("tres", true)
		f.dc.SaysInFamily("cuatro", true)
	}, withGroups)
	all := strings.Join(f.comes("message cuatro in "+family), "\n")
	if !strings.Contains(all, "message tres in "+shop) {
		f.comes("message tres in " + shop)
	}

	f.restart(func() {}) // without groups
	f.dc.SaysInFamily("cinco", false)
	f.dc.SaysInShop("seis", false)
	f.dc.Says("siete", false)
	if all := strings.Join(f.comes("message siete"), "\n"); strings.Contains(all, "cinco") || strings.Contains(all, "seis") {
		t.Errorf("groups are told:\n%s", all)
	}
}

// The first that the account hears of a supergroup may be a message.
func TestASupergroupIsMetByAMessage(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withGroups)
	f.dc.SaysInShop("uno", false)
	f.comes("message uno in " + shop)
}

// Somebody may read a message before Telegram answers to who sent it.
func TestAMessageIsReadBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withGroups)
	f.dc.SaysInShop("uno", false)
	f.comes("message uno")
	f.dc.OnCall(func(method string, answered bool) {
		if method != "messages.sendMessage" || answered {
			return
		}
		f.dc.OnCall(nil)
		f.dc.ReadsInShop(2)
		f.eventually("the gateway knows it", func() bool {
			through := 0
			err := f.store.Update(t.Context(), connection, func(tx *store.Tx) (err error) {
				through, err = tx.ReadThrough(channelChat(dc.Shop))
				return err
			})
			return err == nil && through == 2
		})
	})
	for i, text := range []string{"dos", "tres"} {
		if sent, err := f.Send(t.Context(), Request{Client: text, Chat: fmt.Sprint(channelChat(dc.Shop)), Text: text}); err != nil || sent.Message != i+2 {
			t.Fatalf("%s was sent as %+v, %v", text, sent, err)
		}
	}
	f.dc.SaysInShop("cuatro", false)
	if all := strings.Join(f.comes("message cuatro"), "\n"); strings.Count(all, "read_outbox") != 1 || !strings.Contains(all, "#2") {
		t.Errorf("of message 2 and no other it is told that it was read:\n%s", all)
	}
}

// What came so long ago that Telegram has no log of it is read from the chats, once.
func TestAnAbsenceThatIsTooLong(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tracked bool // the supergroup has a position
	}{{"of all", true}, {"of a supergroup that was silent before", false}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, withGroups)
			f.dc.Says("antes", false)
			f.comes("message antes")
			if tt.tracked {
				f.dc.SaysInShop("antes en la tienda", false)
				f.comes("message antes en la tienda")
			}
			sent, err := f.Send(t.Context(), Request{Client: "msg_1", Chat: fmt.Sprint(dc.Ana), Text: "Hola"})
			if err != nil {
				t.Fatal(err)
			}
			f.reaches()
			f.restart(func() {
				for i := range 150 { // more than a page
					f.dc.Says(fmt.Sprintf("ausente %d.", i), true)
				}
				f.dc.Reads(sent.Message, true)
				f.dc.SaysInFamily("en familia", true)
				f.dc.SaysInShop("en la tienda", true)
				if tt.tracked {
					f.dc.Forget()
				}
			}, withGroups)
			var all []string
			f.eventually("all came", func() bool {
				all = append(all, f.took()...)
				told := strings.Join(all, "\n")
				for _, want := range []string{"ausente 149.", "read_outbox  #", "message en familia in " + family, "message en la tienda in " + shop} {
					if !strings.Contains(told, want) {
						return false
					}
				}
				return true
			})
			all = append(all, f.took()...)
			var want, got []string
			for i := range 150 {
				want = append(want, fmt.Sprintf("message ausente %d.", i))
			}
			for _, words := range all {
				if strings.HasPrefix(words, "message ausente") {
					got = append(got, words)
				}
				if strings.Contains(words, "antes") {
					t.Errorf("again: %s", words)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("told %v", got)
			}
		})
	}
}
