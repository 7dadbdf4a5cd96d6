package storetest

import (
	"errors"
	"fmt"
	"time"

	"recado/domain"
)

var archiveRows = []row{
	{"chats stand by their last incoming message, then by their creation", func(t lab) {
		t.applyEach(toPhone(5, says("fifth", "in.5", "hello")), asks(send(1, "mute, older", "hello")), toPhone(9, says("ninth", "in.9", "hello")))
		t.pass(10 * time.Millisecond)
		t.applyEach(asks(send(2, "mute, newer", "hello")), toPhone(7, says("seventh", "in.7", "hello")))
		want := []domain.PeerID{"ninth", "seventh", "fifth", "mute, newer", "mute, older"}
		t.same("chats", peersOf(t.chats()), want)

		fifth := t.chat("fifth").ID
		t.applyEach(asks(send(3, "fifth", "a reply")), toPhone(99, wrote("fifth", "out.1", "from the phone")), toPhone(100, status("out.1", domain.Read)),
			asks(domain.BlockRequested{Chat: fifth, By: "ana", Block: true}))
		t.same("after what moves nothing", peersOf(t.chats()), want)
	}},
	{"chats come in pages of any size", func(t lab) {
		for i := range 7 {
			t.applyEach(toPhone(i/2, says(domain.PeerID(fmt.Sprint(i)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
			t.applyEach(asks(send(i, domain.PeerID(fmt.Sprint("mute-", i)), "hello")))
		}
		all := t.chats()
		for limit := 1; limit <= 15; limit++ {
			var paged []domain.Chat
			for _, page := range t.pages(limit, func() {}) {
				paged = append(paged, page...)
			}
			t.same(fmt.Sprint("pages of ", limit), paged, all)
		}
	}},
	{"pages of chats stay the same while new messages come", func(t lab) {
		for i := range 6 {
			t.applyEach(toPhone(i, says(domain.PeerID(fmt.Sprint(i)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		n := 0
		pages := t.pages(2, func() {
			n++
			t.applyEach(toPhone(10+n, says("5", domain.ProviderID(fmt.Sprint("new.", n)), "hello")), toPhone(20+n, says(domain.PeerID(fmt.Sprint("new-", n)), domain.ProviderID(fmt.Sprint("newer.", n)), "hello")))
		})
		var got []domain.PeerID
		for _, page := range pages {
			got = append(got, peersOf(page)...)
		}
		t.same("chats", got, []domain.PeerID{"5", "4", "3", "2", "1", "0"})
	}},
	{"chats may be those of one connection", func(t lab) {
		t.applyEach(toPhone(1, says("a", "in.1", "hello")), toBot(2, says("b", "in.2", "hello")), toPhone(3, says("c", "in.3", "hello")))
		list, err := t.store.Chats(t.Context(), acme, domain.ChatQuery{Connection: phone, Limit: 10})
		t.must(err)
		t.same("chats of wa-1", peersOf(list), []domain.PeerID{"c", "a"})
	}},
	{"messages stand by their time, newest first, in pages of any size", func(t lab) {
		for _, i := range []int{3, 0, 6, 2, 5, 1, 4} {
			t.applyEach(toPhone(i/2, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), fmt.Sprint(i))))
		}
		chat := t.chat(peer).ID
		all := t.messages(chat)
		for i := 1; i < len(all); i++ {
			if all[i].At.After(all[i-1].At) {
				t.Errorf("message of %s stands behind one of %s", all[i].At, all[i-1].At)
			}
		}
		for limit := 1; limit <= 8; limit++ {
			var paged []domain.Message
			q := domain.MessageQuery{Chat: chat, Limit: limit}
			for n := 0; ; n++ {
				page, err := t.store.Messages(t.Context(), acme, q)
				t.must(err)
				paged = append(paged, page...)
				if len(page) < limit {
					break
				}
				last := page[len(page)-1]
				q.After = domain.MessageCursor{At: last.At, ID: last.ID}
				id := domain.ProviderID(fmt.Sprint("new.", limit, ".", n))
				t.applyEach(toPhone(100, says(peer, id, "new, while the pages are turned")))
			}
			t.same(fmt.Sprint("pages of ", limit), paged[len(paged)-len(all):], all)
		}
	}},
	{"messages are read by the ids that the messenger gave", func(t lab) {
		first, other := t.applyEach(toPhone(1, says(peer, "in.1", "hello"))).Message, t.applyEach(toPhone(2, says("other", "in.2", "hi"))).Message
		t.applyEach(toBot(3, says(peer, "in.3", "over another connection")))
		for _, tt := range []struct {
			says    string
			company domain.CompanyID
			ids     []domain.ProviderID
			want    map[domain.ProviderID]domain.Message
		}{
			{"of several chats", acme, []domain.ProviderID{"in.2", "in.1", "in.1", "in.nowhere"}, map[domain.ProviderID]domain.Message{"in.1": first, "in.2": other}},
			{"of another connection", acme, []domain.ProviderID{"in.3"}, map[domain.ProviderID]domain.Message{}},
			{"of another company", globex, []domain.ProviderID{"in.1"}, map[domain.ProviderID]domain.Message{}},
			{"of none", acme, nil, map[domain.ProviderID]domain.Message{}},
		} {
			got, err := t.store.MessagesKnownAs(t.Context(), tt.company, phone, tt.ids)
			t.must(err)
			t.same("messages "+tt.says, got, tt.want)
		}
	}},
	{"a company sees nothing of another's", func(t lab) {
		r := t.applyEach(toPhone(1, says(peer, "in.1", "ours")))
		_, chat := t.store.Chat(t.Context(), globex, r.Chat.ID)
		_, message := t.store.Message(t.Context(), globex, r.Message.ID)
		_, messages := t.store.Messages(t.Context(), globex, domain.MessageQuery{Chat: r.Chat.ID, Limit: 10})
		_, noChat := t.store.Chat(t.Context(), acme, "chat_nowhere")
		_, noMessage := t.store.Message(t.Context(), acme, "msg_nowhere")
		_, noMessages := t.store.Messages(t.Context(), acme, domain.MessageQuery{Chat: "chat_nowhere", Limit: 10})
		for i, err := range []error{chat, message, messages, noChat, noMessage, noMessages} {
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("call %d gave %v, want ErrNotFound", i, err)
			}
		}
		chats, err := t.store.Chats(t.Context(), globex, domain.ChatQuery{Limit: 10})
		t.must(err)
		byConnection, err := t.store.Chats(t.Context(), globex, domain.ChatQuery{Connection: phone, Limit: 10})
		t.must(err)
		if len(chats)+len(byConnection) != 0 {
			t.Errorf("globex sees %+v", append(chats, byConnection...))
		}
	}},
}

// pages turns the pages of acme's chats, and calls between before each next one.
func (t lab) pages(limit int, between func()) (pages [][]domain.Chat) {
	t.Helper()
	q := domain.ChatQuery{Limit: limit}
	for {
		page, err := t.store.Chats(t.Context(), acme, q)
		t.must(err)
		if len(page) > limit {
			t.Fatalf("%d chats on a page of %d", len(page), limit)
		}
		pages = append(pages, page)
		if len(page) < limit {
			return pages
		}
		last := page[len(page)-1]
		q.After = domain.ChatCursor{LastInboundAt: last.LastInboundAt, CreatedAt: last.CreatedAt, ID: last.ID}
		between()
	}
}

func peersOf(chats []domain.Chat) (peers []domain.PeerID) {
	for _, c := range chats {
		peers = append(peers, c.Peer)
	}
	return peers
}
