package storetest

import (
	"fmt"
	"slices"
	"strings"

	"recado/domain"
)

var searchRows = []row{
	{"a chat is found by the beginnings of the words of its names", func(t lab) {
		t.named("5215512345678", domain.Contact{Name: "Ana María Pérez-Núñez", Phone: "5215512345678"})
		t.named("5215599999999", domain.Contact{Name: "ÁNA LÓPEZ (tienda)"})
		t.named("-100200", domain.Contact{Name: "Équipe Łódź", Username: "equipo_norte"})
		t.named("US.1abc", domain.Contact{Name: "Юрий 😀"})
		for search, want := range map[string]string{
			"ana":                             "5215599999999 5215512345678",
			"Ána":                             "5215599999999 5215512345678",
			"  AN ":                           "5215599999999 5215512345678",
			"perez":                           "5215512345678",
			"nunez, ana":                      "5215512345678",
			"ana maria lo":                    "",
			"ana lo tie":                      "5215599999999",
			"erez":                            "",
			"equipo_norte":                    "-100200",
			"@equipo":                         "-100200",
			"norte":                           "-100200",
			"-100200":                         "-100200",
			"521551234":                       "5215512345678",
			"+52 1 (55) 1234-56":              "5215512345678",
			"12345678":                        "5215512345678",
			"5678":                            "5215512345678",
			"3456":                            "",
			"US.1abc":                         "US.1abc",
			"юри":                             "US.1abc",
			"!":                               "",
			"😀":                               "",
			"%":                               "",
			"~":                               "",
			"'; DROP TABLE chats; --\x00\xff": "",
		} {
			t.same("found by "+search, peersOf(t.found(domain.ChatQuery{Search: search, Limit: 10})), peersIn(want))
		}
	}},
	{"a chat is found by the names that it has now", func(t lab) {
		t.named(peer, domain.Contact{Name: "Luz Ríos"})
		t.named(peer, domain.Contact{Name: "Luz Mar"})
		for search, want := range map[string]int{"luz": 1, "mar": 1, "rios": 0} {
			t.same("found by "+search, len(t.found(domain.ChatQuery{Search: search, Limit: 10})), want)
		}
	}},
	{"a name may be anything", func(t lab) {
		for i, name := range []string{"\x00", "\xff\xfe", strings.Repeat("ñ", 5000), strings.Repeat("a b", 5000), `"],["`, "\\", "\u0301\u0301"} {
			f := says(domain.PeerID(fmt.Sprint("!", i)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")
			f.Contact.Name = strings.ToValidUTF8(name, "")
			t.gives(domain.Applied, toPhone(i, f))
		}
		t.same("found", peersOf(t.found(domain.ChatQuery{Search: strings.Repeat("Ñ", 40), Limit: 10})), []domain.PeerID{"!2"})
	}},
	{"what is found comes in pages, also of a part", func(t lab) {
		for i := range 9 {
			p := domain.PeerID(fmt.Sprint("550", i))
			t.named(p, domain.Contact{Name: "Ana"})
			t.applyEach(toBot(i, says(p, domain.ProviderID(fmt.Sprint("bot.", i)), "hello")))
			if i%2 == 0 {
				t.applyEach(asks(domain.BlockRequested{Chat: t.first(domain.ChatQuery{Search: string(p)}).ID, By: "ana", Block: true}))
			}
			if i%3 == 0 {
				t.applyEach(asks(domain.NoReplyNeeded{Chat: t.first(domain.ChatQuery{Search: string(p), Connection: phone}).ID, ThroughSeq: 9}))
			}
		}
		t.applyEach(toPhone(1, says("other", "in.other", "hello")))
		all := t.found(domain.ChatQuery{Limit: 100})
		for _, connection := range []domain.ConnectionID{"", phone, bot} {
			for _, search := range []string{"", "55", "ana"} {
				for _, part := range []domain.ChatQuery{{}, {Unanswered: true}, {Blocked: true}, {Unanswered: true, Blocked: true}} {
					q := part
					q.Connection, q.Search = connection, search
					want := slices.DeleteFunc(slices.Clone(all), func(c domain.Chat) bool {
						named := search == "" || search == "55" && c.Peer != "other" || c.Title == "Ana"
						return connection != "" && c.Connection != connection || !named || q.Blocked && !c.Blocked() || q.Unanswered && c.Unanswered == 0
					})
					for _, limit := range []int{1, 2, 100} {
						q.Limit = limit
						t.same(fmt.Sprintf("pages of %+v", q), t.found(q), want)
					}
				}
			}
		}
	}},
	{"a company finds nothing of another's", func(t lab) {
		t.named(peer, domain.Contact{Name: "Ana"})
		found, err := t.store.Chats(t.Context(), globex, domain.ChatQuery{Search: "ana", Limit: 10})
		t.must(err)
		byConnection, err := t.store.Chats(t.Context(), globex, domain.ChatQuery{Search: "ana", Connection: phone, Limit: 10})
		t.must(err)
		t.same("what globex finds", append(found, byConnection...), []domain.Chat{})
	}},
	{"a chat of an earlier version is found once its names are indexed", func(t lab) {
		t.named(peer, domain.Contact{Name: "Ana"})
		t.must(t.insides().Execute(t.Context(), `UPDATE chats SET words = ''`))
		t.same("found before", len(t.found(domain.ChatQuery{Search: "ana", Limit: 10})), 0)
		_, err := t.store.IndexNames(t.Context())
		t.must(err)
		t.same("found after", len(t.found(domain.ChatQuery{Search: "ana", Limit: 10})), 1)
	}},
	{"only a message with new names indexes its chat anew", func(t lab) {
		t.named(peer, domain.Contact{Name: "Ana"})
		t.must(t.insides().Execute(t.Context(), `UPDATE chats SET words = 'earlier'`))
		t.applyEach(toPhone(20, says(peer, "in.20", "hello")))
		t.same("found by the words of before", len(t.found(domain.ChatQuery{Search: "earlier", Limit: 10})), 1)
		t.named(peer, domain.Contact{Name: "Eva"})
		t.same("found by the words of before", len(t.found(domain.ChatQuery{Search: "earlier", Limit: 10})), 0)
		t.same("found by the new name", len(t.found(domain.ChatQuery{Search: "eva", Limit: 10})), 1)
	}},
	{"the last message of each chat is its newest", func(t lab) {
		for i, p := range []domain.PeerID{"a", "a", "b", "c"} {
			t.applyEach(toPhone(10-i, says(p, domain.ProviderID(fmt.Sprint("in.", i)), fmt.Sprint(i))))
		}
		t.applyEach(asks(send(1, "b", "a reply")))
		chats := t.chats()
		last, err := t.store.LastMessages(t.Context(), acme, chats)
		t.must(err)
		for _, c := range chats {
			t.same("last message of "+string(c.Peer), last[c.ID], t.messages(c.ID)[0])
		}
		for _, q := range []struct {
			company domain.CompanyID
			chats   []domain.Chat
		}{{globex, chats}, {acme, nil}, {acme, []domain.Chat{{ID: "chat_nowhere"}}}} {
			last, err := t.store.LastMessages(t.Context(), q.company, q.chats)
			t.must(err)
			t.same("last messages", len(last), 0)
		}
	}},
}

// named lets a peer write under a name.
func (t lab) named(p domain.PeerID, c domain.Contact) {
	t.Helper()
	n := len(t.chats()) * 10
	f := says(p, domain.ProviderID(fmt.Sprint("named.", p, c.Name)), "hello")
	f.Contact = c
	t.gives(domain.Applied, toPhone(n, f))
}

// found reads all pages of a list.
func (t lab) found(q domain.ChatQuery) (chats []domain.Chat) {
	t.Helper()
	for {
		page, err := t.store.Chats(t.Context(), acme, q)
		t.must(err)
		chats = append(chats, page...)
		if len(page) < q.Limit {
			return chats
		}
		last := page[len(page)-1]
		q.After = domain.ChatCursor{LastInboundAt: last.LastInboundAt, CreatedAt: last.CreatedAt, ID: last.ID}
	}
}

func (t lab) first(q domain.ChatQuery) domain.Chat {
	t.Helper()
	q.Limit = 10
	chats := t.found(q)
	if len(chats) == 0 {
		t.Fatalf("%+v finds nothing", q)
	}
	return chats[0]
}

func peersIn(list string) (peers []domain.PeerID) {
	for _, p := range strings.Fields(list) {
		peers = append(peers, domain.PeerID(p))
	}
	return peers
}
