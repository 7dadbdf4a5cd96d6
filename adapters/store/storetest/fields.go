package storetest

import (
	"reflect"

	"recado/domain"
)

// everyField tells a chat's life, compares what is stored with what the rules
// made of it after each update, and checks that no field was left out.
func everyField(t lab) {
	f := says(peer, "in.1", "one")
	f.Media, f.ReplyTo, f.IsGroup = &domain.Media{ID: "media-1", MIME: "image/png"}, "in.0", true
	f.Author = &domain.Author{ID: "7001", Name: "Ada", Role: ""}
	f.Content = &domain.Content{Forwarded: true, Topic: &domain.Topic{ID: "77", Name: "obra"}, Form: []byte(`{"plazas":2}`)}
	f.Contact = domain.Contact{Name: "Ana", Phone: "79990000000", Username: "ana"}
	var messages, chats fields
	begun := t.applyEach(toPhone(1, f))
	t.checkStored(begun)
	first := begun.Message
	messages.see(first)
	chats.see(begun.Chat)
	reply := send(1, peer, "ours")
	reply.ReplyTo, reply.ClientRef = first.ID, "ref-1"
	taken := accepted(6, "out.6")
	taken.Result.Pending, taken.Result.Found = true, true

	for _, u := range []domain.Update{
		toPhone(2, says(peer, "in.2", "two")),
		toPhone(3, domain.MessageEdited{ProviderID: "in.2", ByPeer: true, Text: "two, better"}),
		toPhone(4, domain.MessageReacted{ProviderID: "in.2", ByPeer: true, By: "one \"ñ\"", Emoji: "👍🏽"}),
		toPhone(4, domain.MessageReacted{ProviderID: "in.2", ByPeer: true, By: "another", Emoji: ""}),
		toPhone(5, domain.MessageDeleted{ProviderID: "in.2", ByPeer: true}),
		toPhone(1, wrote(peer, "out.1", "from the phone")),
		asks(reply),
		ends(domain.SendBegun{Message: msg(1)}),
		ends(unknown(1)),
		ends(pending(1, "out.2")),
		toPhone(6, status("out.2", domain.Delivered)),
		toPhone(7, status("out.2", domain.Read)),
		toPhone(8, billed("out.2")),
		toPhone(4, status("out.2", domain.Sent)),
		asks(send(2, peer, "tried again")),
		ends(domain.SendBegun{Message: msg(2)}),
		ends(busy(2)),
		asks(send(3, "78880000000", "to nobody")),
		ends(domain.SendBegun{Message: msg(3), Name: "ours.3"}),
		ends(unknown(3)),
		asks(send(6, "78880000001", "into a queue")),
		ends(domain.SendBegun{Message: msg(6)}),
		ends(taken),
		toPhone(8, domain.StatusReported{ProviderID: "out.1", Status: domain.Failed, Participant: "7002", Failure: failure(domain.ReasonInvalid)}),
		toPhone(8, domain.StatusReported{ProviderID: "out.1", Status: domain.Failed, Failure: failure(domain.ReasonInvalid)}),
		toPhone(9, says(peer, "in.3", "three")),
		toPhone(9, domain.PeerMigrated{Peer: peer, To: "-100"}),
		overCloud(template(4, "79990000001")),
		toPhone(10, domain.PeerRefused{Peer: peer, Refuses: true}),
		asks(domain.NoReplyNeeded{Chat: t.chat(peer).ID, ThroughSeq: 3}),
		asks(domain.BlockRequested{Chat: t.chat(peer).ID, By: "ana", Block: true}),
	} {
		r := t.gives(orOutcome(u), u)
		t.checkStored(r)
		messages.see(r.Message)
		chats.see(r.Chat)
	}
	target := t.applyEach(toCloud(says("79990000002", "in.8", "eight"))).Message
	messages.see(t.gives(domain.Applied, overCloud(reacts(5, target.ID, "👍"))).Message)
	merged := t.applyEach(toPhone(1, says("US.1", "in.9", "nine"))).Chat.Peer
	t.applyEach(toPhone(2, both("in.10", "ten")))
	chats.see(t.chat(merged))
	messages.complete(t, domain.Message{})
	chats.complete(t, domain.Chat{})
}

// orOutcome is applied, but for the step that was passed already, and for what is said
// of one member of a group.
func orOutcome(u domain.Update) domain.Outcome {
	if f, ok := u.Fact.(domain.StatusReported); ok && (f.Status == domain.Sent || f.Participant != "") {
		return domain.Late
	}
	if f, ok := u.Fact.(domain.StatusReported); ok && f.Price != nil {
		return domain.Repeated
	}
	return domain.Applied
}

// fields are those that had a value at some time.
type fields map[string]bool

func (f *fields) see(v any) {
	if *f == nil {
		*f = fields{}
	}
	s := reflect.ValueOf(v)
	for i := range s.NumField() {
		if !s.Field(i).IsZero() {
			(*f)[s.Type().Field(i).Name] = true
		}
	}
}

func (f fields) complete(t lab, v any) {
	t.Helper()
	for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
		if !f[field.Name] {
			t.Errorf("%T.%s never had a value: tell something that sets it", v, field.Name)
		}
	}
}
