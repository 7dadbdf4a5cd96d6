package domain

import (
	"testing"
	"time"
)

var occurred = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// Rule 39: the envelope.
func TestEnvelope(t *testing.T) {
	c := chatWith()
	c.Seq = 42
	f := ownFailure(ReasonNoAccount, "no such user")
	failedMessage := messageFailed{ourMessage(Failed).name(), f.Public(), Time(occurred)}
	e, err := newChatEvent("evt_1", occurred, c, notice{EventMessageFailed, failedMessage})
	want := `{"id":"evt_1","type":"message.failed","version":1,"occurred_at":"2026-01-02T03:04:05.678Z","company_id":"acme",` +
		`"connection":{"id":"waba-1","kind":"waba"},"chat":{"id":"chat_1","peer_id":"79990000000","is_group":false,"seq":42,"unanswered":3},` +
		`"data":{"message_id":"msg_1","provider_id":"wamid.1","failure":{"code":"messenger_account_not_found","text":"No se encontró la cuenta de mensajero",` +
		`"cause":{"source":"recado","code":"no_account","title":"no such user"}},"at":"2026-01-02T03:04:05.678Z"}}`
	if string(e.Body) != want || err != nil {
		t.Errorf("sealed %v\n%s\nwant\n%s", err, e.Body, want)
	}
	if e.Seq != 42 || e.Chat != "chat_1" || e.Company != "acme" || e.Type != EventMessageFailed {
		t.Errorf("the event is %+v", e)
	}
}

func TestEnvelopeWithoutAChat(t *testing.T) {
	e, err := CompanyEvent("evt_1", occurred, "acme", EventEndpointStatus, EndpointStatusData{"crm", EndpointPaused, 7, 0})
	want := `{"id":"evt_1","type":"endpoint.status","version":1,"occurred_at":"2026-01-02T03:04:05.678Z","company_id":"acme",` +
		`"data":{"endpoint_id":"crm","status":"paused","waiting":7,"expired":0}}`
	if string(e.Body) != want || err != nil || e.Chat != "" || e.Seq != 0 {
		t.Errorf("made %v %+v\n%s\nwant\n%s", err, e, e.Body, want)
	}
}

func TestOriginOfAnEmployee(t *testing.T) {
	if got := (Employee{}).Origin(); got != OriginEmployee {
		t.Errorf("a person writes from %s", got)
	}
	if got := (Employee{Service: true}).Origin(); got != OriginAPI {
		t.Errorf("a service writes from %s", got)
	}
}
