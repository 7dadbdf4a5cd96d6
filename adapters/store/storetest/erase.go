package storetest

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"recado/domain"
)

// upload1 is the id of an upload as a real one is.
const upload1 domain.MediaID = "med_01890000000000000000000001"

var eraseRows = []row{
	{"a person is found by an id, a phone in any spelling or a username, on every connection", func(t lab) {
		f := says(peer, "in.1", "hello")
		f.Contact = domain.Contact{Username: "marta"}
		byPhone := t.gives(domain.Applied, toPhone(1, f)).Chat.ID
		byBot := t.gives(domain.Applied, overBot(asks(send(1, "487120391", "hello")))).Chat.ID
		t.finds(string(peer), byPhone)
		t.finds("+"+string(peer[:4])+" "+string(peer[4:]), byPhone)
		t.finds("@Marta", byPhone)
		t.finds("mar")
		t.finds("487120391", byBot)
		t.finds("")
	}},
	{"a company finds its own people only", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")))
		list, err := t.store.PeerChats(t.Context(), globex, string(peer))
		t.must(err)
		if len(list) != 0 {
			t.Errorf("globex finds %v", list)
		}
		t.must(t.store.EraseChats(t.Context(), globex, []domain.ChatID{t.chat(peer).ID}))
		t.same("texts", t.texts(t.chat(peer).ID), []string{"hello"})
	}},
	{"what goes is counted", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.gives(domain.Applied, fetched(m, fetchOK()))
		t.applyEach(toPhone(2, says(peer, "in.2", "hello")))
		found := t.finds(string(peer), m.Chat)[0]
		if found.Messages != 2 || found.Files != 1 || found.Bytes != 4 {
			t.Errorf("%+v", found)
		}
	}},
	{"nothing of a person is left, and nothing of another is touched", func(t lab) {
		theirs := says("79990000002", "in.9", "mine stays")
		t.applyEach(toPhone(1, says(peer, "in.1", "a secret")), toPhone(2, theirs))
		m := t.photo("in.2", "photo-1")
		t.gives(domain.Applied, fetched(m, fetchOK()))
		asked := send(1, peer, "another secret")
		asked.ClientRef = "ref-secret"
		t.gives(domain.Applied, asks(asked))
		chat := t.chat(peer).ID
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))

		t.refUsed("ref-secret", true)
		t.must(t.store.EraseChats(t.Context(), acme, []domain.ChatID{chat}))
		t.refUsed("ref-secret", false)
		t.finds(string(peer))
		t.erasable(m.MediaID())
		t.must(t.store.ForgetMedia(t.Context(), []domain.MediaID{m.MediaID()}))
		dump, err := t.insides().Dump(t.Context())
		t.must(err)
		for _, secret := range []string{"secret", string(peer), string(chat), string(m.ID)} {
			if bytes.Contains(dump, []byte(secret)) {
				t.Errorf("%q is still stored: %s", secret, around(dump, secret))
			}
		}
		t.same("texts of the other", t.texts(t.chat("79990000002").ID), []string{"mine stays"})
		for _, h := range t.heard(crm) {
			if h.Chat.ID == chat {
				t.Errorf("the CRM is told %+v", h)
			}
		}
	}},
	{"who is erased and writes again has a new chat", func(t lab) {
		old := t.gives(domain.Applied, toPhone(1, says(peer, "in.1", "hello"))).Chat.ID
		t.must(t.store.EraseChats(t.Context(), acme, []domain.ChatID{old}))
		again := t.gives(domain.Applied, toPhone(2, says(peer, "in.2", "hello again")))
		if again.Chat.ID == old {
			t.Error("the chat came back")
		}
		t.same("texts", t.texts(again.Chat.ID), []string{"hello again"})
	}},
	{"the answer to a message that was erased while it was sent changes nothing", func(t lab) {
		chat := t.gives(domain.Applied, asks(send(1, peer, "hello"))).Chat.ID
		t.applyEach(ends(domain.SendBegun{Message: msg(1)}))
		t.must(t.store.EraseChats(t.Context(), acme, []domain.ChatID{chat}))
		t.gives(domain.Ignored, ends(accepted(1, "out.1")))
		t.finds(string(peer))
	}},
	{"an upload goes with the last chat that it was sent in", func(t lab) {
		t.must(t.store.AddUpload(t.Context(), anUpload(upload1)))
		var chats []domain.ChatID
		for i, to := range []domain.PeerID{peer, "79990000002"} {
			f := send(i, to, "the plan")
			f.Type, f.Media = domain.TypeFile, &domain.Media{ID: string(upload1), MIME: "application/pdf"}
			chats = append(chats, t.gives(domain.Applied, overBot(asks(f))).Chat.ID)
		}
		t.must(t.store.EraseChats(t.Context(), acme, chats[:1]))
		t.media(upload1, domain.MediaKept)
		t.must(t.store.EraseChats(t.Context(), acme, chats[1:]))
		t.erasable(upload1)
	}},
	{"a file that may be on its way when its person is erased is erased when it must have arrived", func(t lab) {
		m := t.photo("in.1", "photo-1")
		t.must(t.store.EraseChats(t.Context(), acme, []domain.ChatID{m.Chat}))
		t.dueMedia()
		t.erasable()
		t.pass(domain.FetchTime + time.Second)
		t.erasable(m.MediaID())
	}},
	{"more messages than one transaction erases go in several", func(t lab) {
		var updates []domain.Update
		for i := range 1100 {
			updates = append(updates, toPhone(i, says(peer, domain.ProviderID("in."+string(msg(i))), "hello")))
		}
		t.apply(updates...)
		chat := t.chat(peer).ID
		t.must(t.store.EraseChats(t.Context(), acme, []domain.ChatID{chat}))
		if _, err := t.store.Chat(t.Context(), acme, chat); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the chat: %v", err)
		}
		if left := t.types(crm); len(left) > 0 {
			t.Errorf("%d events are left", len(left))
		}
	}},
}

// finds checks which chats of acme are those of a person, and returns them.
func (t lab) finds(name string, want ...domain.ChatID) []domain.PeerChat {
	t.Helper()
	list, err := t.store.PeerChats(t.Context(), acme, name)
	t.must(err)
	var got []domain.ChatID
	for _, c := range list {
		got = append(got, c.ID)
	}
	t.same("chats of "+name, got, want)
	return list
}

// refUsed checks whether a message of acme has the client_ref.
func (t lab) refUsed(ref string, want bool) {
	t.Helper()
	for company, want := range map[domain.CompanyID]bool{acme: want, globex: false} {
		got, err := t.store.RefUsed(t.Context(), company, ref)
		t.must(err)
		if got != want {
			t.Errorf("%s used %s: %v, want %v", company, ref, got, want)
		}
	}
}

// around shows where a text stands.
func around(dump []byte, text string) string {
	at := strings.Index(string(dump), text)
	return string(dump[max(0, at-100):min(len(dump), at+100)])
}
