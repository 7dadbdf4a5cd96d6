package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// One story over every kind of connection, on each kind of stores. What a kind cannot
// do, its Traits say, and then it is refused with words.
func TestTheSameStoryOverEachKind(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			crm := newCRM(t)
			w, messengers := newClientsWorld(t, on, crm.url)
			for _, kind := range domain.Kinds() {
				t.Run(string(kind), func(t *testing.T) {
					t.Parallel()
					own := *w // which reports to the test of its kind
					own.t = t
					c := casts[kind]
					s := &kindStory{&phoneWorld{&own, kind, c.connection, messengers}, c, kind.Traits(), crm}
					s.isAnswered()
					s.filesGoBothWays()
					s.isBlocked()
					s.speaksInAGroup()
					s.cannotSendEverything()
				})
			}
		})
	}
}

// A kindStory is the story over one kind of connection. Each of its people has a chat of
// their own: some messengers take few messages a minute in one chat.
type kindStory struct {
	*phoneWorld
	cast
	traits *domain.Traits
	crm    *fakeCRM
}

// isAnswered: a client writes and is answered, and both change what they wrote.
func (s *kindStory) isAnswered() {
	client := s.people[0]
	asked := s.writes(client, "¿Tienen hora hoy?")
	theirs := s.sees("what the client wrote", client.peer, func(m phoneMessage) bool {
		return *m.Provider == asked && m.Direction == "inbound" && m.Origin == "client"
	})
	s.hears(domain.EventMessageCreated, theirs.ID)
	if unanswered := s.chat(client.peer).Unanswered; unanswered != 1 {
		s.t.Errorf("%d messages are unanswered", unanswered)
	}
	s.accepts(map[string]any{"chat_id": s.chat(client.peer).ID, "type": "text", "text": "A las cinco.", "reply_to": theirs.ID})
	ours := s.becomes(client.peer, "A las cinco.", s.furthest)
	if ours.Origin != "employee" || ours.ReplyTo == nil || *ours.ReplyTo != asked || s.chat(client.peer).Unanswered != 0 {
		s.t.Errorf("the answer is %+v", ours)
	}
	s.hears(domain.EventMessageCreated, ours.ID)
	s.hears(domain.EventMessageStatus, ours.ID)

	s.reacts(s.phoneWorld, client, *ours.Provider, "👍")
	s.sees("the client's reaction", client.peer, func(m phoneMessage) bool {
		return m.ID == ours.ID && len(m.Reactions) == 1 && m.Reactions[0].Emoji == "👍"
	})
	s.hears(domain.EventMessageReaction, ours.ID)
	s.edits(s.phoneWorld, client, asked, "¿Tienen hora mañana?")
	s.sees("the client's edit", client.peer, func(m phoneMessage) bool { return m.Text == "¿Tienen hora mañana?" && m.EditedAt != nil })
	s.hears(domain.EventMessageEdited, theirs.ID)

	s.does(domain.TypeReaction, http.MethodPost, theirs.ID+"/reaction", map[string]string{"emoji": "❤"}, func() {
		s.sees("our reaction", client.peer, func(m phoneMessage) bool {
			return m.ID == theirs.ID && len(m.Reactions) == 1 && m.Reactions[0].Emoji == "❤"
		})
	})
	s.does(domain.TypeEdit, http.MethodPatch, ours.ID, map[string]string{"text": "A las seis."}, func() {
		s.sees("our edit", client.peer, func(m phoneMessage) bool { return m.ID == ours.ID && m.Text == "A las seis." && m.EditedAt != nil })
	})
	if s.deletes != nil {
		s.deletes(s.phoneWorld, client, asked)
		s.sees("the client's deletion", client.peer, func(m phoneMessage) bool { return m.ID == theirs.ID && m.DeletedAt != nil })
		s.hears(domain.EventMessageDeleted, theirs.ID)
	}
	s.does(domain.TypeDelete, http.MethodDelete, ours.ID, nil, func() {
		s.sees("our deletion", client.peer, func(m phoneMessage) bool { return m.ID == ours.ID && m.DeletedAt != nil })
	})
	if s.echoes != nil {
		s.echoes(s.phoneWorld, client, "Le llamo.")
		s.sees("what the company wrote on its phone", client.peer, func(m phoneMessage) bool { return m.Text == "Le llamo." && m.Origin == "phone" })
	}
}

// filesGoBothWays: files come and are downloaded, equal to the byte; files go out, and
// their captions are edited where they have some.
func (s *kindStory) filesGoBothWays() {
	client := s.people[1]
	for _, file := range []*simulator.File{simulator.Photo, simulator.Voice} {
		if _, err := s.gateway.Client(client.name).Sends(s.account, file, ""); err != nil {
			s.t.Fatal(err)
		}
		s.sees("the client's "+file.Name, client.peer, func(m phoneMessage) bool {
			return m.Direction == "inbound" && m.Media != nil && m.Media.State == "kept" && s.download(m.Media.ID) == sha256.Sum256(file.Data)
		})
	}
	s.sendsMedia(client.peer, "image", s.uploadFrom(anaKey, "", bytes.NewReader(simulator.Photo.Data)).ID, "El plano")
	s.sendsMedia(client.peer, "voice", s.uploadFrom(anaKey, "?as=voice", bytes.NewReader(simulator.Voice.Data)).ID, "")
	s.sendsMedia(client.peer, "file", s.upload(anaKey, "instrucciones"), "Las instrucciones")
	photo := s.becomes(client.peer, "El plano", s.furthest)
	voice := s.sees("our voice message", client.peer, func(m phoneMessage) bool {
		return m.Type == "voice" && m.Direction == "outbound" && m.Status != nil && *m.Status == s.furthest
	})
	s.becomes(client.peer, "Las instrucciones", s.furthest)
	s.does(domain.TypeEdit, http.MethodPatch, photo.ID, map[string]string{"text": "El plano nuevo"}, func() {
		s.sees("the new caption", client.peer, func(m phoneMessage) bool { return m.ID == photo.ID && m.Text == "El plano nuevo" && m.Type == "image" })
	})
	if limit, _ := domain.LimitOf(connectors(Config{})[s.kind], domain.TypeVoice); limit.Text == 0 && s.traits.CanSend(domain.TypeEdit) {
		s.refuses(http.MethodPatch, "/v1/messages/"+voice.ID, map[string]string{"text": "Oiga"}, "not_editable", "has a text")
	}
}

// isBlocked: nobody hears a client on the blacklist, and nothing is sent to them.
func (s *kindStory) isBlocked() {
	client := s.people[2]
	s.writes(client, "Compre ahora")
	s.sees("the advertisement", client.peer, func(m phoneMessage) bool { return m.Text == "Compre ahora" })
	chat := "/v1/chats/" + s.chat(client.peer).ID
	s.succeeds(http.MethodPost, chat+"/block")
	s.refuses(http.MethodPost, "/v1/messages", map[string]string{"connection_id": s.line, "peer_id": client.peer, "type": "text", "text": "Hola"}, "chat_blocked", "blacklist")
	s.writes(client, "Última oportunidad")
	eventually(s.t, "the message is dropped", time.Minute, func() bool {
		return s.shows(fmt.Sprintf(`recado_updates_total{kind=%q,outcome="dropped"} 1`, s.kind))
	})
	s.succeeds(http.MethodPost, chat+"/unblock")
	s.writes(client, "¿Me oyen?")
	s.sees("what came later", client.peer, func(m phoneMessage) bool { return m.Text == "¿Me oyen?" })
	s.sends(client.peer, "Diga.")
	s.becomes(client.peer, "Diga.", s.furthest)
	if slices.Contains(s.texts(client.peer), "Última oportunidad") {
		s.t.Error("a message of a blocked client is in the chat")
	}
	for _, e := range s.crm.heard("acme", 0) {
		if e.Data.Message.Text == "Última oportunidad" && e.Connection.ID == s.line {
			s.t.Error("the CRM heard of a message of a blocked client")
		}
	}
}

// speaksInAGroup: its authors have names, and it is answered. Whether it can be put on
// the blacklist depends on the kind.
func (s *kindStory) speaksInAGroup() {
	author := s.gateway.Client(s.people[0].name)
	if _, err := author.WritesToGroup("Buenas tardes a todos"); err != nil {
		s.t.Fatal(err)
	}
	s.sees("the group's message", s.group, func(m phoneMessage) bool {
		return m.Text == "Buenas tardes a todos" && m.Author != nil && m.Author.Name == s.people[0].name
	})
	group := s.chat(s.group)
	if !group.IsGroup || group.Unanswered != 1 {
		s.t.Errorf("the group is %+v", group)
	}
	s.accepts(map[string]any{"chat_id": group.ID, "type": "text", "text": "Buenas tardes"})
	s.becomes(s.group, "Buenas tardes", s.furthest)
	if s.traits.NoGroupBlacklist {
		s.refuses(http.MethodPost, "/v1/chats/"+group.ID+"/block", nil, "unsupported_chat", "no blacklist")
		return
	}
	s.succeeds(http.MethodPost, "/v1/chats/"+group.ID+"/block")
	if s.chat(s.group).Blocked == nil {
		s.t.Error("the group is not blocked")
	}
}

// cannotSendEverything: what fails, and what is refused, says why.
func (s *kindStory) cannotSendEverything() {
	failed := func(text string, code domain.Code) {
		s.t.Helper()
		m := s.becomes(s.nobody, text, "failed")
		s.hears(domain.EventMessageFailed, m.ID)
		if m.Failure.Code != string(code) || m.Failure.Text != domain.Texts[code] {
			s.t.Errorf("%s failed as %+v", text, m.Failure)
		}
	}
	if s.traits.FreeWindow {
		s.sends(s.nobody, "Sin ventana")
		failed("Sin ventana", domain.UnknownError)
		s.accepts(map[string]any{"connection_id": s.line, "peer_id": s.nobody, "type": "template", "text": "Su pedido", "template": map[string]string{"name": "pedido", "language": "es"}})
		failed("Su pedido", domain.AccountNotFound)
	} else {
		s.sends(s.nobody, "¿Hay alguien?")
		failed("¿Hay alguien?", domain.AccountNotFound)
	}

	to := func(fields map[string]any) map[string]any {
		fields["connection_id"], fields["peer_id"] = s.line, s.people[2].peer
		return fields
	}
	media := map[string]string{"id": s.uploadFrom(anaKey, "", bytes.NewReader(simulator.Photo.Data)).ID}
	s.refuses(http.MethodPost, "/v1/messages", to(map[string]any{"type": "image", "text": strings.Repeat("a", 1025), "media": media}), "too_long", "takes at most 1024 ")
	others := map[domain.MessageType]map[string]any{
		domain.TypeTemplate:    {"template": map[string]string{"name": "pedido", "language": "es"}},
		domain.TypeLocation:    {"location": map[string]float64{"latitude": 40.4, "longitude": -3.7}},
		domain.TypeContacts:    {"contacts": []any{map[string]any{"name": "Ada", "phones": []string{"+34600110022"}}}},
		domain.TypeInteractive: {"text": "¿Viene?", "interactive": map[string]any{"buttons": []any{map[string]string{"id": "1", "title": "Sí"}}}},
	}
	var sent []domain.MessageType
	for typ, fields := range others {
		fields["type"] = typ
		if !s.traits.CanSend(typ) {
			s.refuses(http.MethodPost, "/v1/messages", to(fields), "unsupported_type", kindsWith(typ))
		} else if typ != domain.TypeTemplate { // which the client of this chat needs not
			s.accepts(to(fields))
			sent = append(sent, typ)
		}
	}
	for _, typ := range sent {
		s.sees("the "+string(typ), s.people[2].peer, func(m phoneMessage) bool { return m.Type == string(typ) && m.Status != nil && *m.Status == s.furthest })
	}
}

// kindsWith is how a refusal names the kinds that have messages of the type.
func kindsWith(typ domain.MessageType) string {
	return fmt.Sprintf("This connection cannot send the type %s; these kinds can: %s.", typ, domain.Join(domain.KindsThatSend(typ)))
}

// writes lets a person write, and returns the messenger's id of the message.
func (s *kindStory) writes(p person, text string) string {
	s.t.Helper()
	id, err := s.gateway.Client(p.name).WritesTo(s.account, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// accepts asks for a message to be sent.
func (s *kindStory) accepts(body map[string]any) {
	s.t.Helper()
	if status, err := s.call(anaKey, http.MethodPost, "/v1/messages", body, nil); err != nil || status != http.StatusAccepted {
		s.t.Fatalf("%v: %d, %v", body, status, err)
	}
}

func (s *kindStory) succeeds(method, path string) {
	s.t.Helper()
	if status, err := s.call(anaKey, method, path, nil, nil); err != nil || status != http.StatusOK {
		s.t.Fatalf("%s %s: %d, %v", method, path, status, err)
	}
}

// does acts on a message as an employee: if the kind cannot, it is refused.
func (s *kindStory) does(typ domain.MessageType, method, message string, body map[string]string, becomes func()) {
	s.t.Helper()
	if !s.traits.CanSend(typ) {
		s.refuses(method, "/v1/messages/"+message, body, "unsupported_type", kindsWith(typ))
		return
	}
	s.acts(method, message, "", body)
	becomes()
}

// refuses makes a call that is refused with the code, and words.
func (s *kindStory) refuses(method, path string, body any, code, words string) {
	s.t.Helper()
	var problem struct{ Code, Detail string }
	status, err := s.call(anaKey, method, path, body, &problem)
	if err != nil || status/100 != 4 || problem.Code != code || !strings.Contains(problem.Detail, words) {
		s.t.Errorf("%s %s: %d %+v %v, want %s: %s", method, path, status, problem, err, code, words)
	}
}

// hears waits until the CRM heard of the message.
func (s *kindStory) hears(typ domain.EventType, message string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("the CRM hears %s of %s", typ, message), time.Minute, func() bool {
		return slices.ContainsFunc(s.crm.heard("acme", 0), func(e event) bool {
			return e.Type == string(typ) && (e.Data.Message.ID == message || e.Data.MessageID == message) && e.Connection.Kind == string(s.kind)
		})
	})
}
