package storetest

import (
	"errors"
	"fmt"
	"strings"

	"recado/domain"
)

var chatRows = []row{
	{"a message of a new peer makes a chat", func(t lab) {
		f := says(peer, "wamid.1", "hello")
		f.Type, f.Media = domain.TypeImage, &domain.Media{ID: "media-1", MIME: "image/png", Name: "a \"ñ\".png", Size: 1 << 40, SHA: "abc"}
		f.IsGroup, f.ReplyTo, f.Contact = true, "wamid.0", domain.Contact{Name: "Ana Ñ", Phone: "79990000000", Username: "ana"}
		r := t.gives(domain.Applied, toPhone(1, f))
		m, c := t.message(r.Message.ID), t.chat(peer)
		t.same("message", m, domain.Message{
			ID: m.ID, Chat: c.ID, Connection: phone, Company: acme, Seq: 1, Direction: domain.Inbound, Origin: domain.OriginClient,
			Type: domain.TypeImage, Text: "hello", Media: f.Media, ReplyTo: "wamid.0", ProviderID: "wamid.1", At: second(1), InboundSeq: 1,
		})
		t.same("chat", c, domain.Chat{
			ID: c.ID, Company: acme, Connection: phone, Kind: domain.WhatsAppBusiness, Peer: peer, IsGroup: true, Title: "Ana Ñ",
			Phone: "79990000000", Username: "ana", ContactAt: second(1), CreatedAt: c.CreatedAt,
			Seq: 1, LastInboundAt: second(1), InboundSeq: 1, Unanswered: 1, WaitingSince: second(1),
		})
		if c.CreatedAt.IsZero() || m.ID == "" || c.ID == "" {
			t.Errorf("chat %v and message %v lack an id or a time", c, m)
		}
	}},
	{"every field of chats and messages is kept", everyField},
	{"an echo answers what came before it", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")), toPhone(5, says(peer, "in.5", "five")))
		t.checkStored(t.gives(domain.Applied, toPhone(3, wrote(peer, "out.3", "from the phone"))))
		c := t.chat(peer)
		if c.Unanswered != 1 || !c.WaitingSince.Equal(second(5)) || !c.AnsweredAt.Equal(second(3)) {
			t.Errorf("chat %+v, want one unanswered since second 5", c)
		}
		t.gives(domain.Applied, toPhone(2, says(peer, "in.2", "late, and answered")))
		if c := t.chat(peer); c.Unanswered != 1 {
			t.Errorf("%d unanswered, want 1", c.Unanswered)
		}
	}},
	{"a reply answers what came before it, when it is sent", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")), asks(send(1, peer, "reply")), toPhone(2, says(peer, "in.2", "two")), ends(domain.SendBegun{Message: msg(1)}))
		if c := t.chat(peer); c.Unanswered != 2 {
			t.Errorf("%d unanswered before the reply left, want 2", c.Unanswered)
		}
		t.checkStored(t.gives(domain.Applied, ends(accepted(1, "out.1"))))
		if c := t.chat(peer); c.Unanswered != 1 || c.AnsweredSeq != 1 || !c.WaitingSince.Equal(second(2)) {
			t.Errorf("chat %+v, want one unanswered since second 2", c)
		}
	}},
	{"an echo with the text of our send is another message until an id tells", func(t lab) {
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}))
		t.checkStored(t.gives(domain.Applied, toPhone(1, wrote(peer, "out.1", "ours"))))
		if got := t.messages(t.chat(peer).ID); len(got) != 2 {
			t.Errorf("messages %+v, want two", got)
		}
		t.checkStored(t.gives(domain.Applied, ends(accepted(1, "out.1"))))
		if got := t.messages(t.chat(peer).ID); len(got) != 1 || got[0].ID != msg(1) || got[0].ProviderID != "out.1" || got[0].Status != domain.Sent {
			t.Errorf("messages %+v, want ours, sent", got)
		}
	}},
	{"an echo that came before the answer of its send goes, and what became of it stays", func(t lab) {
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}),
			toPhone(1, wrote(peer, "out.1", "as the messenger writes it")), toPhone(2, status("out.1", domain.Read)))
		t.checkStored(t.gives(domain.Applied, ends(accepted(1, "out.1"))))
		got := t.messages(t.chat(peer).ID)
		if len(got) != 1 || got[0].ID != msg(1) || got[0].Status != domain.Read || !got[0].ReadAt.Equal(second(2)) {
			t.Errorf("messages %+v, want ours alone, read", got)
		}
	}},
	{"a later update of a batch sees what the one before it did", func(t lab) {
		results := t.apply(toPhone(1, says(peer, "in.1", "one")), toPhone(2, domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "two"}),
			toPhone(3, wrote(peer, "out.1", "reply")), toPhone(4, status("out.1", domain.Delivered)), toPhone(4, status("out.1", domain.Delivered)))
		want := []domain.Outcome{domain.Applied, domain.Applied, domain.Applied, domain.Applied, domain.Repeated}
		for i, r := range results {
			if r.Outcome != want[i] {
				t.Errorf("update %d is %s, want %s", i, r.Outcome, want[i])
			}
		}
		t.checkStored(domain.Result{Message: results[1].Message})
		t.checkStored(results[4])
	}},
	{"a repeat changes nothing", func(t lab) {
		batch := []domain.Update{
			toPhone(1, says(peer, "in.1", "one")), toPhone(2, domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "two"}),
			toPhone(3, domain.MessageReacted{ProviderID: "in.1", ByPeer: true, By: "7", Emoji: "👍"}), toPhone(4, domain.MessageDeleted{ProviderID: "in.1", ByPeer: true}),
			toPhone(5, wrote(peer, "out.1", "reply")), toPhone(6, status("out.1", domain.Delivered)), toPhone(7, status("never seen", domain.Read)),
		}
		t.apply(batch...)
		chat, messages, heard := t.chat(peer), t.messages(t.chat(peer).ID), t.heard(crm)
		for i, r := range t.apply(batch...) {
			if r.Outcome != domain.Repeated {
				t.Errorf("update %d is %s the second time", i, r.Outcome)
			}
		}
		t.same("chat", t.chat(peer), chat)
		t.same("messages", t.messages(chat.ID), messages)
		t.same("events", t.heard(crm), heard)
	}},
	{"a thousand updates are one batch", func(t lab) {
		var batch []domain.Update
		for i := range 1000 {
			p := domain.PeerID(fmt.Sprint(i % 20))
			batch = append(batch, toPhone(i, says(p, domain.ProviderID(fmt.Sprint("in.", i)), fmt.Sprint(i))))
		}
		t.apply(batch...)
		for i := range 20 {
			c := t.chat(domain.PeerID(fmt.Sprint(i)))
			got := t.texts(c.ID)
			if len(got) != 50 || got[0] != fmt.Sprint(980+i) || c.Seq != 50 || c.Unanswered != 50 {
				t.Errorf("chat %+v has %d messages, want 50", c, len(got))
			}
		}
	}},
	{"any text is kept", func(t lab) {
		for i, text := range []string{
			"", " ", "'; DROP TABLE messages; --", `\ \\ \x00 \u0000 %s $1 ?`, "a\nb\r\n\tc", "👩🏽‍🚀 🏳️‍🌈 é é", "שלום مرحبا", "\u202e\u200b\ufeff\ufffd",
			"\U0010ffff", strings.Repeat("ñ", 4096), strings.Repeat("😀", 4096),
		} {
			f := says(peer, domain.ProviderID(fmt.Sprint("in.", i)), text)
			f.Contact.Name = text
			r := t.gives(domain.Applied, toPhone(i, f))
			t.checkStored(r)
			t.checkStored(t.gives(domain.Applied, toPhone(i, domain.MessageReacted{ProviderID: f.ProviderID, ByPeer: true, By: text, Emoji: text})))
			if got := t.message(r.Message.ID).Text; got != text {
				t.Errorf("text %q came back as %q", text, got)
			}
		}
	}},
	{"a NUL may go, and nothing else of its text", func(t lab) {
		f := says(peer, "in.1", "before\x00after")
		f.Contact.Name = "A\x00B"
		r := t.gives(domain.Applied, toPhone(1, f))
		t.gives(domain.Applied, toPhone(1, domain.MessageReacted{ProviderID: "in.1", ByPeer: true, By: "\x00", Emoji: "\x00"}))
		t.gives(domain.Orphan, toPhone(2, domain.MessageEdited{ProviderID: "in.2", ByPeer: true, Text: "ed\x00ited"}))
		t.gives(domain.Applied, toPhone(2, says(peer, "in.2", "two")))
		got := []string{t.message(r.Message.ID).Text, t.chat(peer).Title, t.texts(t.chat(peer).ID)[0]}
		for i, want := range []string{"beforeafter", "AB", "edited"} {
			if strings.ReplaceAll(got[i], "\x00", "") != want {
				t.Errorf("got %q, want %q", got[i], want)
			}
		}
	}},
	{"a time in the future, or none, is the time at which we heard", func(t lab) {
		for i, at := range []int{3601, 1 << 30, -int(noon.Unix()), -1 << 33} {
			r := t.gives(domain.Applied, toPhone(at, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
			t.checkStored(r)
			t.checkStored(t.gives(domain.Applied, toPhone(at, domain.MessageReacted{ProviderID: r.Message.ProviderID, ByPeer: true, By: "7", Emoji: "👍"})))
			if got := t.message(r.Message.ID); !got.At.Equal(received) || !got.Reactions["7"].At.Equal(received) {
				t.Errorf("told of %v, got %+v, want %v", second(at), got, received)
			}
		}
	}},
	{"what cannot be stored is bad data, and nothing of its batch is stored", func(t lab) {
		t.applyEach(asks(send(1, peer, "taken")))
		chat := t.chat(peer)
		_, err := t.store.Apply(t.Context(), domain.Batch{Updates: []domain.Update{
			toPhone(1, says(peer, "in.1", "its neighbour")), asks(send(1, peer, "the same id, another message")),
		}})
		if bad := (*domain.DataError)(nil); !errors.As(err, &bad) || errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("got %v, want a DataError", err)
		}
		t.same("chat", t.chat(peer), chat)
		t.same("messages", t.texts(chat.ID), []string{"taken"})
	}},
	{"text that is no UTF-8 is kept or bad data, but the store is not away", func(t lab) {
		_, err := t.store.Apply(t.Context(), domain.Batch{Updates: []domain.Update{toPhone(1, says(peer, "in.1", "a\xff\xc3z"))}})
		if bad := (*domain.DataError)(nil); err != nil && !errors.As(err, &bad) {
			t.Errorf("got %v, want a DataError", err)
		}
	}},
	{"names that are too long for an index are kept or bad data, but the store is not away", func(t lab) {
		long := make([]byte, 8000)
		for i, noise := 0, uint32(1); i < len(long); i++ { // no page holds it, compressed or not
			noise = noise*1664525 + 1013904223
			long[i] = 'a' + byte(noise>>24)%26
		}
		for _, f := range []domain.Fact{
			says(peer, domain.ProviderID(long), "a long id"), says(domain.PeerID(long), "in.2", "a long peer"), status(domain.ProviderID(long)+"z", domain.Read),
		} {
			_, err := t.store.Apply(t.Context(), domain.Batch{Updates: []domain.Update{toPhone(1, f)}})
			if bad := (*domain.DataError)(nil); err != nil && !errors.As(err, &bad) {
				t.Errorf("%T gave %v, want a DataError", f, err)
			}
		}
	}},
	{"an empty batch is nothing", func(t lab) {
		if got := t.apply(); len(got) != 0 || len(t.chats()) != 0 {
			t.Errorf("got %v", got)
		}
	}},
}
