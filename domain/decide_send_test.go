package domain

import (
	"testing"
	"time"
)

func TestDecideRequested(t *testing.T) {
	ask := SendRequested{ID: "msg_2", Chat: "chat_1", By: "ana", Origin: OriginEmployee, Type: TypeText, Text: "hi", ClientRef: "r1"}
	reply := ask
	reply.ReplyTo = "msg_1"
	retry := ask
	retry.RetryOf = "msg_1"
	other := ask
	other.Text = "bye"
	again := ask
	again.ID = "msg_3"
	known := func(c *Chat, asked SendRequested) State {
		return State{Chat: c, Message: ourMessage(Sent), Ref: &ClientRef{"msg_2", asked.Digest()}}
	}
	elsewhere := func(m *Message) { m.Chat = "chat_2" }
	template, voice := ask, ask
	template.Type, voice.Type = TypeTemplate, TypeVoice

	photo := ask
	photo.Type, photo.Media, photo.MediaURL = TypeImage, &Media{ID: "med_1"}, "https://example.com/1.png"
	photoAgain, otherPhoto := photo, photo
	photoAgain.ID, photoAgain.Media = "msg_3", nil // a repeat is not fetched
	otherPhoto.MediaURL = "https://example.com/2.png"

	testRules(t, []rule{
		{"the same client_ref with the same address of a file", known(chatWith(), photo), photoAgain, "repeated"},
		{"the same client_ref with another address of a file", known(chatWith(), photo), otherPhoto, "refused: client_ref_conflict"},
		{"a photo without its file", among(nil), photoAgain, "refused: media_not_accepted"},
		{"rule 18: a message begins queued", among(nil), ask, "applied; queued; 3 unanswered; emits message.created"},
		{"rule 22: a retry by a person is a new message", among(ourMessage(Failed)), retry, "applied; queued; 3 unanswered; emits message.created"},
		{"a retry of a message that did not fail", among(ourMessage(Sent)), retry, "refused: retry_of_not_failed"},
		{"a retry of a message that does not exist", among(nil), retry, "refused: not_found"},
		{"a retry of a message of another chat", among(ourMessage(Failed, elsewhere)), retry, "refused: not_found"},
		{"the same client_ref, but no retry", known(chatWith(), retry), ask, "refused: client_ref_conflict"},
		{"rule 12: to a blocked chat", State{Chat: chatWith(blocked)}, ask, "refused: chat_blocked"},
		{"rule 12: a template to a blocked chat", State{Chat: chatWith(blocked)}, template, "refused: chat_blocked"},
		{"rule 12: a voice message to a blocked chat", State{Chat: chatWith(blocked)}, voice, "refused: chat_blocked"},
		{"to a chat that does not exist", State{}, ask, "refused: not_found"},
		{"a reply to a message that does not exist", among(nil), reply, "refused: not_found"},
		{"a reply to a message of another chat", among(ourMessage(Sent, elsewhere)), reply, "refused: not_found"},
		{"the same client_ref with the same content", known(chatWith(), ask), again, "repeated"},
		{"the same client_ref in a chat that was blocked since", known(chatWith(blocked), ask), again, "repeated"},
		{"the same client_ref with another content", known(chatWith(), ask), other, "refused: client_ref_conflict"},
	})
}

func TestWhatASendAnswers(t *testing.T) {
	ask := SendRequested{ID: "msg_2", Chat: "chat_1", Type: TypeText, Text: "hi", ReplyTo: "msg_1"}
	m := decide(t, among(ourMessage(Sent)), ask).Message
	if m.AnswersSeq != 3 || m.ReplyTo != "wamid.1" || !m.At.Equal(now) {
		t.Errorf("rule 17: it answers up to %d, in reply to %q, accepted at %s", m.AnswersSeq, m.ReplyTo, m.At)
	}
	ask.KeepUnanswered = true
	if m := decide(t, among(ourMessage(Sent)), ask).Message; m.AnswersSeq != 0 {
		t.Errorf("rule 17: with clear_unanswered false it answers up to %d", m.AnswersSeq)
	}
}

func TestDecideBegun(t *testing.T) {
	begun := SendBegun{Message: "msg_1"}
	acceptedAgo := func(d time.Duration) func(*Message) { return func(m *Message) { m.At = now.Add(-d) } }
	ofCampaign := func(m *Message) { m.Class = ClassBulk }
	later := func(m *Message) { m.NextAt = now.Add(time.Second) }
	testRules(t, []rule{
		{"an attempt is opened", among(ourMessage(Queued)), begun, "applied; queued, attempt 1"},
		{"another worker has an attempt open", among(ourMessage(Queued, attempted)), begun, "repeated"},
		{"rule 27: a message that may have left is not sent again", among(ourMessage(Queued, unheard)), begun, "repeated"},
		{"it is not its time yet", among(ourMessage(Queued, later)), begun, "repeated"},
		{"it left already", among(ourMessage(Sent)), begun, "repeated"},
		{"it failed already", among(ourMessage(Failed)), begun, "repeated"},
		{"rule 11: the block is read just before the messenger is called", State{Chat: chatWith(blocked), Message: ourMessage(Queued)}, begun, "applied; failed chat_blocked; emits message.failed"},
		{"it waited an hour", among(ourMessage(Queued, acceptedAgo(time.Hour))), begun, "applied; queued, attempt 1"},
		{"it waited longer than an hour, and may have left", among(ourMessage(Queued, maybe, acceptedAgo(time.Hour+1))), begun, "applied; failed outcome_unknown; emits message.failed"},
		{"it waited longer than an hour", among(ourMessage(Queued, acceptedAgo(time.Hour+1))), begun, "applied; failed expired; emits message.failed"},
		{"one of a campaign waited a day", among(ourMessage(Queued, ofCampaign, acceptedAgo(24*time.Hour))), begun, "applied; queued, attempt 1"},
		{"one of a campaign waited longer than a day", among(ourMessage(Queued, ofCampaign, acceptedAgo(24*time.Hour+1))), begun, "applied; failed expired; emits message.failed"},
		{"the messenger has it", among(ourMessage(Queued, taken)), begun, "repeated"},
		{"a message that is gone", among(nil), begun, "ignored"},
	})

	f := decide(t, State{Chat: chatWith(blocked), Message: ourMessage(Queued)}, begun).Message.Failure
	if f.Code() != UnknownError || f.Cause.Code != "chat_blocked" || f.Cause.Source != "recado" {
		t.Errorf("rule 12: a message that was queued when its chat was blocked fails with %s and the cause %+v", f.Code(), f.Cause)
	}
}

func TestDecideEnded(t *testing.T) {
	ended := func(a SendResult) SendEnded { return SendEnded{"msg_1", a} }
	because := func(r Reason) *Failure { return ownFailure(r, "because") }
	accepted := ended(SendResult{Fate: FateAccepted, ProviderID: "wamid.1", Peers: []PeerID{"US.1"}})
	pending := ended(SendResult{Fate: FateAccepted, ProviderID: "wamid.1", Pending: true})
	unknown := ended(SendResult{Fate: FateUnknown, Failure: because(ReasonUnreachable)})
	final := ended(SendResult{Fate: FateRefused, Failure: because(ReasonInvalid)})
	busy := ended(SendResult{Fate: FateRefused, Failure: because(ReasonUnavailable)})
	unreached := ended(SendResult{Fate: FateNeverLeft, Failure: because(ReasonUnreachable)})
	afterDelay := func(d time.Duration) SendEnded {
		return ended(SendResult{Fate: FateRefused, Failure: because(ReasonThrottled), RetryAfter: d})
	}
	ownPolicy := ended(SendResult{Fate: FateRefused, Failure: because(ReasonInvalid), Retry: &Backoff{First: time.Minute}})
	onceMore := ended(SendResult{Fate: FateRefused, Failure: because(ReasonInvalid), Retry: &Backoff{First: time.Minute, Tries: 2}})

	flight := among(ourMessage(Queued, attempted))
	attempts := func(n int) func(*Message) { return func(m *Message) { m.Attempts = n } }
	old := func(m *Message) { m.At = now.Add(-time.Hour) }
	met := func(e *Message) State { s := among(ourMessage(Queued, attempted)); s.Echo = e; return s }
	read := func(m *Message) { m.Status, m.ReadAt = Read, second(20) }
	broken := func(m *Message) { m.Status, m.Failure, m.FailedAt = Failed, because(ReasonNoAccount), second(20) }

	testRules(t, []rule{
		{"rule 17: an accepted reply answers", flight, accepted, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"the answer comes twice", among(ourMessage(Sent, sentAt(100))), accepted, "repeated"},
		{"the answer comes after delivered", among(ourMessage(Delivered)), accepted, "late"},
		{"a late answer of a worker that lost its lane", among(ourMessage(Queued, unheard)), accepted, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"rule 19: a late answer lifts outcome_unknown", among(ourMessage(Failed, lost, nameless)), accepted, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"an answer to what failed otherwise gives only the name", among(ourMessage(Failed, nameless)), accepted, "late; failed invalid"},
		{"an echo came before the answer and was not recognised", met(ourMessage(Sent, fromPhone)), accepted, "applied; sent; 0 unanswered; removes msg_echo; emits message.status, chat.unanswered, message.deleted"},
		{"what became of such an echo stays", met(ourMessage(Sent, fromPhone, read)), accepted, "applied; read; 0 unanswered; removes msg_echo; emits message.status, chat.unanswered, message.deleted, message.status"},
		{"such an echo failed, and its cause stays", met(ourMessage(Sent, fromPhone, broken)), accepted, "applied; failed no_account; 0 unanswered; removes msg_echo; emits message.status, chat.unanswered, message.deleted, message.failed"},
		{"a message of the peer has the id, so that this one is sent without", met(ourMessage("", byPeer)), accepted, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"the messenger will report that it is sent", flight, pending, "applied; queued, taken"},
		{"the same answer again", among(ourMessage(Queued, named1, taken)), pending, "repeated"},
		{"such an answer comes after the report", among(ourMessage(Sent)), pending, "repeated"},
		{"such an answer lifts outcome_unknown", among(ourMessage(Failed, lost)), pending, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"a lost connection after such an answer", among(ourMessage(Queued, taken)), unknown, "late"},
		{"an answer without a fate may have been sent", flight, ended(SendResult{}), "applied; queued, unknown"},
		{"refused without a reason", flight, ended(SendResult{Fate: FateRefused}), "applied; failed unrecognized; emits message.failed"},

		{"rule 27: unknown is not resent", flight, unknown, "applied; queued, unknown"},
		{"unknown after unknown", among(ourMessage(Queued, unheard)), unknown, "repeated"},
		{"unknown after evidence", among(ourMessage(Sent)), unknown, "late"},
		{"rule 27: refused for good", flight, final, "applied; failed invalid; emits message.failed"},
		{"refused after evidence", among(ourMessage(Delivered)), final, "late"},
		{"refused twice", among(ourMessage(Failed)), final, "late"},
		{"rule 27: refused for now", flight, busy, "applied; queued again"},
		{"rule 27: never left", flight, unreached, "applied; queued again"},
		{"the last of the tries", among(ourMessage(Queued, attempted, attempts(8))), busy, "applied; failed unavailable; emits message.failed"},
		{"the message is too old for another try", among(ourMessage(Queued, attempted, old)), unreached, "applied; failed unreachable; emits message.failed"},
		{"never left, after an attempt that may have", among(ourMessage(Queued, attempted, maybe)), unreached, "applied; queued again"},
		{"too old for another try, after an attempt that may have left", among(ourMessage(Queued, attempted, maybe, old)), unreached, "applied; failed outcome_unknown; emits message.failed"},
		{"the last of the tries never left, after an attempt that may have", among(ourMessage(Queued, attempted, maybe, attempts(8))), ended(SendResult{Fate: FateNeverLeft, Failure: because(ReasonUnavailable)}), "applied; failed outcome_unknown; emits message.failed"},
		{"refused for good, after an attempt that may have left", among(ourMessage(Queued, attempted, maybe)), final, "applied; failed invalid; emits message.failed"},
		{"the messenger's own delay", flight, afterDelay(10 * time.Minute), "applied; queued again"},
		{"the messenger's own delay beyond the hour fails at once", flight, afterDelay(time.Hour), "applied; failed throttled; emits message.failed"},
		{"the messenger's own table tries again", flight, ownPolicy, "applied; queued again"},
		{"the messenger's own table has no more tries", among(ourMessage(Queued, attempted, attempts(2))), onceMore, "applied; failed invalid; emits message.failed"},
		{"a message that is gone", among(nil), accepted, "ignored"},
	})

	if id := decide(t, met(ourMessage("", byPeer)), accepted).Message.ProviderID; id != "" {
		t.Errorf("two messages have the id %s", id)
	}
	if alias := decide(t, flight, accepted).Aliases; len(alias) != 1 || alias[0] != "US.1" {
		t.Errorf("the answer gave the aliases %v", alias)
	}
}

func TestDecideOverdue(t *testing.T) {
	overdue := EvidenceOverdue{"msg_1"}
	waitedFor := func(d time.Duration) func(*Message) {
		return func(m *Message) { m.Attempts, m.UnknownAt = 1, now.Add(-d) }
	}
	testRules(t, []rule{
		{"no evidence came for ten minutes", among(ourMessage(Queued, waitedFor(10*time.Minute))), overdue, "applied; failed outcome_unknown; emits message.failed"},
		{"it is not ten minutes yet", among(ourMessage(Queued, waitedFor(10*time.Minute-1))), overdue, "ignored"},
		{"evidence came", among(ourMessage(Sent)), overdue, "ignored"},
		{"nothing is waited for", among(ourMessage(Queued, attempted)), overdue, "ignored"},
		{"a message that is gone", among(nil), overdue, "ignored"},
		{"orphans are due", among(ourMessage(Sent)), OrphansDue{"wamid.1"}, "ignored"},
	})
}

func TestARetryNamesTheOldMessage(t *testing.T) {
	old := ourMessage(Failed, func(m *Message) { m.ReplyTo, m.Content = "wamid.0", &Content{Topic: &Topic{ID: "10"}} })
	m := decide(t, among(old), SendRequested{ID: "msg_2", Chat: "chat_1", Type: TypeText, Text: "hi", RetryOf: "msg_1"}).Message
	if m.Content.RetryOf != "msg_1" || m.ReplyTo != "wamid.0" || m.Content.TopicID() != "10" {
		t.Errorf("rule 22: it retries %q, in reply to %q, in topic %q", m.Content.RetryOf, m.ReplyTo, m.Content.TopicID())
	}
}
