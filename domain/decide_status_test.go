package domain

import "testing"

// Rules 18 to 20: what a message of each status makes of each status that is
// reported. A row is the status of the message, a column the reported one.
func TestStatuses(t *testing.T) {
	statuses := []DeliveryStatus{Sent, Delivered, Read, Failed}
	matrix := []struct {
		is   DeliveryStatus
		want [4]Outcome
	}{
		//          sent      delivered  read     failed
		{Queued, [4]Outcome{Applied, Applied, Applied, Applied}},
		{Sent, [4]Outcome{Repeated, Applied, Applied, Applied}},
		{Delivered, [4]Outcome{Late, Repeated, Applied, Late}},
		{Read, [4]Outcome{Late, Late, Repeated, Late}},
		{Failed, [4]Outcome{Late, Late, Late, Repeated}},
	}
	if len(matrix) != len(moves) {
		t.Fatalf("the matrix has %d rows for %d statuses", len(matrix), len(moves))
	}
	for _, row := range matrix {
		for i, reported := range statuses {
			t.Run(string(reported)+" after "+string(row.is), func(t *testing.T) {
				change := decide(t, among(ourMessage(row.is, named1)), StatusReported{ProviderID: "wamid.1", Status: reported})
				if change.Outcome != row.want[i] {
					t.Errorf("%s, want %s", change.Outcome, row.want[i])
				}
				if moved := change.Message != nil && change.Message.Status == reported && reported != row.is; moved != row.is.May(reported) {
					t.Errorf("moved: %t; the table of moves says %t", moved, row.is.May(reported))
				}
			})
		}
	}
}

func TestDecideStatus(t *testing.T) {
	report := func(s DeliveryStatus) StatusReported { return StatusReported{ProviderID: "wamid.1", Status: s} }
	byOurID := StatusReported{ProviderID: "wamid.1", Message: "msg_1", Status: Delivered}
	refused := report(Failed)
	refused.Failure = &Failure{ReasonNoAccount, Cause{Source: "waba", Code: "131026"}}
	inbound := &Message{ID: "msg_9", Chat: "chat_1", Direction: Inbound}
	withEcho := func(m, echo *Message) State {
		s := among(m)
		s.Echo = echo
		return s
	}
	testRules(t, []rule{
		{"rule 10: a status in a blocked chat", State{Chat: chatWith(blocked), Message: ourMessage(Sent)}, report(Read), "applied; read; emits message.status"},
		{"rule 17: the first proof that a reply left answers", among(ourMessage(Queued, attempted)), report(Sent), "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"rule 17: what the messenger took answers when it is sent", among(ourMessage(Queued, taken)), report(Sent), "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"rule 20: no time ends what the messenger took", among(ourMessage(Queued, taken)), EvidenceOverdue{"msg_1"}, "ignored"},
		{"the messenger gives back what it took", among(ourMessage(Queued, taken)), refused, "applied; failed no_account; emits message.failed"},
		{"rule 17: a skipped step answers too", among(ourMessage(Queued, attempted)), report(Read), "applied; read; 0 unanswered; emits message.status, chat.unanswered"},
		{"rule 17: a reply answers what it was written after", among(ourMessage(Queued, attempted, after(2))), report(Sent), "applied; sent; 1 unanswered; emits message.status, chat.unanswered"},
		{"rule 17: clear_unanswered false answers nothing", among(ourMessage(Queued, attempted, bare)), report(Sent), "applied; sent; emits message.status"},
		{"rule 17: a failed message answers nothing", among(ourMessage(Queued, attempted)), refused, "applied; failed no_account; emits message.failed"},
		{"rule 17: what was answered already is not reported again", State{Chat: chatWith(allAnswered), Message: ourMessage(Queued, attempted)}, report(Sent), "applied; sent; emits message.status"},
		{"rule 18: a step may be skipped", among(ourMessage(Sent)), report(Read), "applied; read; emits message.status"},
		{"rule 18: a lower status keeps its time", among(ourMessage(Read)), report(Delivered), "late; read"},
		{"rule 18: a lower status later than known changes nothing", among(ourMessage(Read)), report(Sent), "late"},
		{"rule 19: delivered after failed", among(ourMessage(Failed)), report(Delivered), "late"},
		{"rule 19: sent after failed keeps its time only", among(ourMessage(Failed)), report(Sent), "late; failed invalid"},
		{"rule 19: failed after delivered", among(ourMessage(Delivered)), refused, "late"},
		{"rule 19: evidence lifts outcome_unknown", among(ourMessage(Failed, lost)), report(Delivered), "applied; delivered; 0 unanswered; emits message.status, chat.unanswered"},
		{"rule 19: the messenger's own word replaces outcome_unknown", among(ourMessage(Failed, lost)), refused, "applied; failed no_account; emits message.failed"},
		{"rule 20: no status is concluded from time", among(ourMessage(Sent)), EvidenceOverdue{"msg_1"}, "ignored"},
		{"rule 21: a status before its message", State{}, report(Sent), "orphan; stored"},
		{"rule 24: failed without a reason gets a cause", among(ourMessage(Sent)), report(Failed), "applied; failed unrecognized; emits message.failed"},
		{"a status of the peer's own message", among(inbound), report(Read), "ignored"},
		{"a status by our id gives the name", among(ourMessage(Queued, unheard)), byOurID, "applied; delivered; 0 unanswered; emits message.status, chat.unanswered"},
		{"a status that comes late gives the name", among(ourMessage(Failed, nameless)), byOurID, "late; failed invalid"},
		{"a status by our id removes the echo that came before", withEcho(ourMessage(Queued, attempted), ourMessage(Sent, fromPhone)), byOurID, "applied; delivered; 0 unanswered; removes msg_echo; emits message.status, chat.unanswered, message.deleted"},
		{"a status by our id, with an id that a message of the peer has", withEcho(ourMessage(Queued, attempted), ourMessage("", byPeer)), byOurID, "applied; delivered; 0 unanswered; emits message.status, chat.unanswered"},
	})
}

// What the messenger said last is gone when its evidence lifts the failure.
func TestLiftedFailureIsForgotten(t *testing.T) {
	m := decide(t, among(ourMessage(Failed, lost)), StatusReported{ProviderID: "wamid.1", Status: Sent}).Message
	if m.Failure != nil || !m.FailedAt.IsZero() || m.Open() {
		t.Errorf("after the evidence: %+v", m)
	}
}

// What invariant 3 exempts: here the order decides, and it may.
func TestWhatTheOrderMayDecide(t *testing.T) {
	failed, delivered := StatusReported{ProviderID: "wamid.1", Status: Failed}, StatusReported{ProviderID: "wamid.1", Status: Delivered}
	first := decide(t, among(ourMessage(Sent)), failed)
	second := decide(t, among(ourMessage(Sent)), delivered)
	if got := decide(t, among(first.Message), delivered); got.Outcome != Late || first.Message.Status != Failed {
		t.Errorf("delivered after failed: %s", brief(got))
	}
	if got := decide(t, among(second.Message), failed); got.Outcome != Late || second.Message.Status != Delivered {
		t.Errorf("failed after delivered: %s", brief(got))
	}
}

func after(seq int64) func(*Message) { return func(m *Message) { m.AnswersSeq = seq } }
