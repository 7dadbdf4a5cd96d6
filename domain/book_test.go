package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"recado/domain"
	"recado/domain/domaintest"
)

// The company acme has a bot and an account; another company has one too.
var (
	botPaid   = &domain.Subscription{ID: "acme-bots", Company: "acme", Kind: domain.TelegramBot, Tariff: domain.Inicial, PaidUntil: "2099-01-01", DialogLimit: -1}
	phonePaid = &domain.Subscription{ID: "acme-wa", Company: "acme", Kind: domain.WhatsAppBusiness, Tariff: domain.Estandar, PaidUntil: "2099-01-01", DialogLimit: -1}

	botRoute   = domain.Route{Connection: "bot-1", Company: "acme", Kind: domain.TelegramBot, Account: domain.AccountKey{Hook: "bot-1"}, Subscription: botPaid}
	phoneRoute = domain.Route{Connection: "wa-1", Company: "acme", Kind: domain.WhatsAppBusiness, Account: domain.AccountKey{Hook: "meta", Account: "106"}, Subscription: phonePaid}
	otherRoute = domain.Route{Connection: "wa-2", Company: "other", Kind: domain.WhatsAppBusiness, Account: domain.AccountKey{Hook: "meta", Account: "107"}}
)

func acme() *memory { return open([]domain.Route{botRoute, phoneRoute, otherRoute}) }

// from makes an update of wa-1's webhook, by a command of acme's employee, or
// of the lane that sends.
func from(f domain.Fact) domain.Update {
	u := domain.Update{Fact: f, At: domaintest.Begin, Received: domaintest.Begin}
	switch f.(type) {
	case domain.SendRequested, domain.BlockRequested, domain.NoReplyNeeded:
		u.Connection, u.Company, u.Rights = "wa-1", "acme", domain.AllRights
	case domain.SendBegun, domain.SendEnded, domain.OrphansDue:
		u.Connection = "wa-1"
	default:
		u.Hook, u.Account = "meta", "106"
	}
	return u
}

func writes(peer domain.PeerID, id domain.ProviderID, also ...domain.PeerID) domain.Update {
	return from(domain.MessageArrived{Peer: peer, AlsoKnown: also, Direction: domain.Inbound, ProviderID: id, Type: domain.TypeText, Text: "hello"})
}

func echoes(peer domain.PeerID, id domain.ProviderID, text string) domain.Update {
	return from(domain.MessageArrived{Peer: peer, Direction: domain.Outbound, ProviderID: id, Type: domain.TypeText, Text: text})
}

func asks(id domain.MessageID, peer domain.PeerID, text string) domain.Update {
	return from(domain.SendRequested{ID: id, Peer: peer, Origin: domain.OriginEmployee, Type: domain.TypeText, Text: text})
}

// did applies the updates in one batch.
func (s *memory) did(t *testing.T, updates ...domain.Update) []domain.Result {
	t.Helper()
	results, err := s.apply(updates)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestABatchKeepsItsNeighboursApart(t *testing.T) {
	s := acme()
	s.did(t, writes("1", "wamid.1"), asks("msg_1", "1", "hi"))
	nobody := writes("1", "wamid.2")
	nobody.Account = "999"
	results := s.did(t,
		from(domain.SendBegun{Message: "msg_1"}), // a message without a name yet
		asks("msg_2", "2", "hello"),              // a new chat beside it
		nobody,
		writes("1", "wamid.3"),
	)
	for i, want := range []domain.Outcome{domain.Applied, domain.Applied, domain.Parked, domain.Applied} {
		if r := results[i]; r.Outcome != want || r.Err != nil {
			t.Errorf("update %d: %s, %v; want %s", i, r.Outcome, r.Err, want)
		}
	}
	if peer := results[1].Chat.Peer; peer != "2" {
		t.Errorf("the message to 2 went to the chat of %q", peer)
	}
}

func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	chat := func(s *memory) domain.ChatID { return s.did(t, writes("1", "wamid.1"))[0].Chat.ID }
	foreign := asks("msg_1", "1", "hi")
	foreign.Company = "other"
	tests := []struct {
		name string
		u    func(s *memory) domain.Update
		want domain.Refusal
	}{
		{"a reply to nothing, in a new chat", func(*memory) domain.Update {
			return from(domain.SendRequested{ID: "msg_1", Peer: "2", ReplyTo: "msg_9"})
		}, domain.ErrNotFound},
		{"a new chat on another company's connection", func(*memory) domain.Update { return foreign }, domain.ErrNotFound},
		{"another company's chat", func(s *memory) domain.Update {
			u := from(domain.BlockRequested{Chat: chat(s), Block: true})
			u.Connection, u.Company = "", "other"
			return u
		}, domain.ErrNotFound},
		{"a chat that does not exist", func(*memory) domain.Update {
			return from(domain.NoReplyNeeded{Chat: "chat_9", ThroughSeq: 1})
		}, domain.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := acme()
			u := tt.u(s)
			before, events := s.view(), len(s.events)
			if err := s.did(t, u)[0].Err; !errors.Is(err, tt.want) {
				t.Errorf("refused with %v, want %v", err, tt.want)
			}
			if diff := domaintest.Diff(before, s.view()); diff != "" || len(s.events) != events {
				t.Errorf("it left %d events and\n%s", len(s.events)-events, diff)
			}
		})
	}
}

// Rule 4 and invariant "only messages create chats".
func TestEachFileIsToBeFetchedOnce(t *testing.T) {
	s := acme()
	photo := from(domain.MessageArrived{
		Peer: "1", Direction: domain.Inbound, ProviderID: "wamid.1", Type: domain.TypeImage, Media: &domain.Media{ID: "4711"},
	})
	results := s.did(t, photo, photo)
	if !results[0].Fetches || results[1].Fetches || len(s.files) != 1 {
		t.Errorf("the files %v are to be fetched", s.files)
	}
}

func TestWhatMakesAChat(t *testing.T) {
	tests := []struct {
		name string
		u    domain.Update
		want int
	}{
		{"a message", writes("1", "wamid.1"), 1},
		{"an echo", echoes("1", "wamid.1", "hi"), 1},
		{"a request to send", asks("msg_1", "1", "hi"), 1},
		{"a status", from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Sent}), 0},
		{"an edit", from(domain.MessageEdited{ProviderID: "wamid.1", Peer: "1", ByPeer: true, Text: "hi"}), 0},
		{"a reaction", from(domain.MessageReacted{ProviderID: "wamid.1", Peer: "1", ByPeer: true, By: "1", Emoji: "👍"}), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := acme()
			r := s.did(t, tt.u)[0]
			if len(s.chats) != tt.want || r.Kind != domain.WhatsAppBusiness {
				t.Errorf("%d chats, want %d; the kind is %q", len(s.chats), tt.want, r.Kind)
			}
		})
	}
}

func TestAliasesLeadToOneChat(t *testing.T) {
	s := acme()
	s.did(t, asks("msg_1", "549110000", "hi"), from(domain.SendBegun{Message: "msg_1"}))
	s.did(t, from(domain.SendEnded{Message: "msg_1", Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1", Peers: []domain.PeerID{"5490000"}}}))
	s.did(t, writes("5490000", "wamid.2"), writes("1@lid", "wamid.3", "5490000"))
	if s.did(t, writes("1@lid", "wamid.4")); len(s.chats) != 1 {
		t.Errorf("%d chats, want 1", len(s.chats))
	}
}

// What waited in a chat when it was merged stays there, and "no reply needed" ends
// the wait; a reply goes to the chat that goes on and answers what waits in that.
func TestWhatWaitsInAMergedChat(t *testing.T) {
	s := acme()
	goesOn := s.did(t, writes("1", "wamid.1"))[0].Chat.ID
	merged := s.did(t, writes("US.1", "wamid.2"))[0].Chat.ID
	s.did(t, writes("1", "wamid.3", "US.1"))
	wait := func(inMerged, inOther int64) {
		t.Helper()
		if a, b := s.chats[merged].Unanswered, s.chats[goesOn].Unanswered; a != inMerged || b != inOther {
			t.Errorf("%d wait in the merged chat and %d in the one that goes on, want %d and %d", a, b, inMerged, inOther)
		}
	}
	wait(1, 2)
	s.did(t, asks("msg_1", "US.1", "hi"), from(domain.SendBegun{Message: "msg_1"}))
	s.did(t, applyResult("msg_1", domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.out"}))
	wait(1, 0)
	s.did(t, from(domain.NoReplyNeeded{Chat: merged, ThroughSeq: 1}))
	wait(0, 0)
}

// What is told of a message in a merged chat names the peer of the chat that goes on.
func TestANameLearntInAMergedChatLeadsToTheOneThatGoesOn(t *testing.T) {
	tests := []struct {
		name string
		told domain.Fact
	}{
		{"by the answer to a send", domain.SendEnded{
			Message: "msg_1", Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1", Peers: []domain.PeerID{"3"}},
		}},
		{"by a status", domain.StatusReported{Message: "msg_1", ProviderID: "wamid.1", Status: domain.Read, Peers: []domain.PeerID{"2", "3"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := acme()
			goesOn := s.did(t, writes("1", "wamid.2"))[0].Chat.ID
			s.did(t, asks("msg_1", "2", "hi"), from(domain.SendBegun{Message: "msg_1"}))
			s.did(t, writes("1", "wamid.3", "2"))
			s.did(t, from(tt.told))
			if chat := s.did(t, writes("3", "wamid.4"))[0].Chat.ID; chat != goesOn || len(s.chats) != 2 {
				t.Errorf("the new name leads to %s, want %s; %d chats", chat, goesOn, len(s.chats))
			}
		})
	}
}

func TestTheBlacklistForgetsOnlyWhatThePeerWrote(t *testing.T) {
	status := from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Delivered})
	edit := from(domain.MessageEdited{ProviderID: "wamid.2", ByPeer: true, Text: "a word"}) // the peer is not given
	s := acme()
	chat := s.did(t, writes("1", "wamid.0"))[0].Chat.ID
	s.did(t, status, edit)
	s.did(t, from(domain.BlockRequested{Chat: chat, Block: true}))
	s.did(t, from(domain.MessageReacted{ProviderID: "wamid.1", Peer: "1", ByPeer: true, By: "1", Emoji: "👍"}))
	if r := s.did(t, echoes("1", "wamid.1", "we are open"))[0]; r.Message.Status != domain.Delivered {
		t.Errorf("the message from the phone is %s, want delivered: its status waited", r.Message.Status)
	}
	s.did(t, writes("1", "wamid.2"))
	if len(s.orphans) != 0 {
		t.Errorf("%d orphans wait for what was dropped", len(s.orphans))
	}
}

// A chat that was merged holds what its peer wrote before, and the peer may still
// change that.
func TestThePeerAmendsWhatIsInAMergedChat(t *testing.T) {
	s := acme()
	s.did(t, writes("1", "wamid.1"))
	s.did(t, writes("US.1", "wamid.2"))
	s.did(t, writes("1", "wamid.3", "US.1"))
	for _, peer := range []domain.PeerID{"1", "US.1"} {
		edit := from(domain.MessageEdited{ProviderID: "wamid.2", Peer: peer, ByPeer: true, Text: "edited by " + string(peer)})
		edit.At = edit.At.Add(time.Second)
		if r := s.did(t, edit)[0]; r.Outcome != domain.Applied {
			t.Errorf("the edit by %s is %s", peer, r.Outcome)
		}
	}
	s.did(t, writes("2", "wamid.4"))
	if r := s.did(t, from(domain.MessageEdited{ProviderID: "wamid.2", Peer: "2", ByPeer: true, Text: "hi"}))[0]; r.Outcome != domain.Ignored {
		t.Errorf("the edit by another is %s", r.Outcome)
	}
}

// The text of an echo proves nothing. An employee typed on the
// phone what was also sent through us, and the two stay two until an id tells.
func TestAnEchoProvesASendOnlyByItsID(t *testing.T) {
	s := acme()
	s.did(t, asks("msg_1", "1", "ok"), from(domain.SendBegun{Message: "msg_1"}))
	s.did(t, from(domain.SendEnded{Message: "msg_1", Result: domain.SendResult{Fate: domain.FateUnknown}}))
	s.did(t, echoes("1", "wamid.1", "ok"), echoes("1", "wamid.2", "ok"))
	if m := s.messages["msg_1"]; len(s.messages) != 3 || m.Status != domain.Queued || !m.Open() {
		t.Fatalf("msg_1 is %s among %d messages, want it to wait among 3", m.Status, len(s.messages))
	}
	s.did(t, from(domain.StatusReported{ProviderID: "wamid.2", Message: "msg_1", Status: domain.Delivered}))
	if m := s.messages["msg_1"]; len(s.messages) != 2 || m.Status != domain.Delivered || m.ProviderID != "wamid.2" {
		t.Errorf("msg_1 is %s as %q among %d messages, want it delivered as wamid.2 among 2", m.Status, m.ProviderID, len(s.messages))
	}
}

// What was resolved before the locks is not always what is found under them.
func TestWhatChangesMeanwhile(t *testing.T) {
	status := from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Read})
	answered := from(domain.SendEnded{Message: "msg_1", Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1"}})
	read := func(s *memory) bool { return s.messages["msg_1"].Status == domain.Read }
	tests := []struct {
		name  string
		other []domain.Update
		u     domain.Update
		then  func(s *memory) bool
	}{
		{"another worker makes the same chat", []domain.Update{writes("2", "wamid.7")}, writes("2", "wamid.8"), func(s *memory) bool {
			return len(s.chats) == 2
		}},
		{"the answer names the message that the status is about", []domain.Update{answered}, status, read},
		{"the answer takes the echo away that the status is about", []domain.Update{echoes("1", "wamid.1", "we open at nine"), answered}, status, read},
		{"another worker stores the same message", []domain.Update{writes("2", "wamid.8")}, writes("2", "wamid.8"), func(s *memory) bool {
			return len(s.messages) == 2
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := acme()
			s.did(t, asks("msg_1", "1", "we open at 9"), from(domain.SendBegun{Message: "msg_1"}))
			s.betweenLocks = func() { s.did(t, tt.other...) }
			s.did(t, tt.u)
			if !tt.then(s) {
				t.Errorf("after it: %+v", s.view())
			}
		})
	}
}

// A message that shows the chat is erased before the locks: it is new again.
func TestAMessageErasedMeanwhile(t *testing.T) {
	s := acme()
	id := s.did(t, writes("1", "wamid.1"))[0].Message.ID
	s.betweenLocks = func() { delete(s.messages, id) }
	if r := s.did(t, writes("1@lid", "wamid.1"))[0]; r.Outcome != domain.Applied || r.Chat.Peer != "1@lid" {
		t.Errorf("it was %s in the chat of %q", r.Outcome, r.Chat.Peer)
	}
}

// A race: the status finds no message, the answer no orphan.
// The sweep joins them.
func TestTheSweepJoinsAnOrphan(t *testing.T) {
	s := acme()
	s.did(t, writes("1", "wamid.0"), asks("msg_1", "1", "hi"), from(domain.SendBegun{Message: "msg_1"}))
	s.did(t, from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Read}))
	hidden := s.orphans
	s.orphans = map[orphanKey]domain.OrphanUpdate{}
	s.did(t, from(domain.SendEnded{Message: "msg_1", Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1"}}))
	s.orphans = hidden

	r := s.did(t, from(domain.OrphansDue{ProviderID: "wamid.1"}))[0]
	if r.Message.Status != domain.Read || r.Chat.Unanswered != 0 || len(s.orphans) != 0 {
		t.Errorf("the message is %s, %d unanswered, %d orphans", r.Message.Status, r.Chat.Unanswered, len(s.orphans))
	}
}

func TestABookKeepsItsSteps(t *testing.T) {
	tests := []struct {
		name string
		call func(b *domain.Book)
		want string
	}{
		{"a step left out", func(b *domain.Book) { b.NeedRoutes(); b.NeedNames() }, "Book.NeedNames is called, where SetRoutes should follow"},
		{"a step taken twice", func(b *domain.Book) { b.NeedRoutes(); b.NeedRoutes() }, "Book.NeedRoutes is called, where SetRoutes should follow"},
		{"decided before anything is loaded", func(b *domain.Book) { _, _ = b.Decide() }, "Book.Decide is called, where NeedRoutes should follow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, tt.want) {
					t.Errorf("panicked with %q, want %q", got, tt.want)
				}
			}()
			tt.call(domain.NewBook(nil, nil))
		})
	}
}

// A panic in the rules is reported as bad data, so that the caller can search for the update to blame.
func TestAPanicInTheRulesIsABadBatch(t *testing.T) {
	_, err := acme().apply([]domain.Update{from(struct{ domain.Fact }{})}) // no rule knows it
	var bad *domain.DataError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "panic") {
		t.Errorf("the error is %v, want a DataError", err)
	}
}

// The messenger rewrote the text that we sent, so its echo was taken for a message from
// the phone until the result of the attempt came.
func TestAnEchoThatWasNotRecognised(t *testing.T) {
	story := []domain.Update{
		echoes("1", "wamid.1", "see https://example.com/"),
		from(domain.StatusReported{ProviderID: "wamid.1", Status: domain.Read}),
		from(domain.MessageEdited{ProviderID: "wamid.1", Text: "see you"}),
		from(domain.SendEnded{Message: "msg_1", Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.1"}}),
	}
	check := func(t *testing.T, s *memory) {
		t.Helper()
		m := s.messages["msg_1"]
		if len(s.messages) != 1 || m.Status != domain.Read || m.Text != "see you" || m.ProviderID != "wamid.1" {
			t.Errorf("among %d messages: %+v", len(s.messages), m)
		}
	}
	begun := func() *memory {
		s := acme()
		s.did(t, asks("msg_1", "1", "see example.com"), from(domain.SendBegun{Message: "msg_1"}))
		return s
	}
	t.Run("in one batch", func(t *testing.T) {
		s := begun()
		s.did(t, story...)
		check(t, s)
	})
	t.Run("one by one", func(t *testing.T) {
		s := begun()
		for _, u := range story {
			s.did(t, u)
		}
		check(t, s)
	})
}

// A group becomes a supergroup: the chat goes on, and its blacklist holds.
func TestAMovedPeerKeepsItsChat(t *testing.T) {
	s := acme()
	chat := s.did(t, writes("-1", "wamid.1"))[0].Chat.ID
	s.did(t, from(domain.PeerMigrated{Peer: "-1", To: "-1002"}))
	if r := s.did(t, writes("-1002", "wamid.2"))[0]; r.Chat.ID != chat || r.Chat.Address() != "-1002" {
		t.Errorf("the message from the new id came to the chat of %q, which is called at %q", r.Chat.Peer, r.Chat.Address())
	}
	s.did(t, from(domain.BlockRequested{Chat: chat, Block: true}))
	if r := s.did(t, writes("-1002", "wamid.3"))[0]; r.Outcome != domain.Dropped {
		t.Errorf("a message from the new id of a blocked peer is %s", r.Outcome)
	}
	if r := s.did(t, from(domain.PeerMigrated{Peer: "-7", To: "-1007"}))[0]; r.Outcome != domain.Ignored || len(s.chats) != 1 {
		t.Errorf("the move of a peer that nobody knows is %s and leaves %d chats", r.Outcome, len(s.chats))
	}
}
