package trace

import (
	"bytes"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"recado/domain"
)

// Applied records the webhooks and requests that a transaction applied, of which each
// concerns a message.
func (t *Tracer) Applied(b domain.Batch, r domain.Receipt, began time.Time) {
	if t == nil {
		return
	}
	now := time.Now()
	for i, result := range r.Results {
		u, m := b.Updates[i], result.Message
		if result.Outcome != domain.Applied || !t.samples(m.ID) {
			continue
		}
		about := []attribute.KeyValue{attribute.String("recado.connection", string(m.Connection)), attribute.String("recado.chat", string(m.Chat))}
		_, arrived := u.Fact.(domain.MessageArrived)
		_, requested := u.Fact.(domain.SendRequested)
		switch {
		case u.Hook != "":
			t.record(span{name: "webhook", root: arrived, kind: trace.SpanKindServer, message: m.ID, began: u.Received, ended: now, about: about})
			t.record(span{name: "apply", kind: trace.SpanKindInternal, message: m.ID, began: began, ended: now, about: about})
		case requested:
			t.record(span{name: "request", root: true, kind: trace.SpanKindServer, message: m.ID, began: u.Received, ended: now, about: about})
		}
	}
}

// Sent records an attempt to send a message, which ends now.
func (t *Tracer) Sent(m domain.Message, began time.Time, r domain.SendResult) {
	if t == nil || !t.samples(m.ID) {
		return
	}
	s := span{name: "send", kind: trace.SpanKindClient, message: m.ID, began: began, ended: time.Now()}
	s.about = []attribute.KeyValue{
		attribute.String("recado.connection", string(m.Connection)), attribute.Int("recado.attempt", m.Attempts), attribute.String("recado.fate", string(r.Fate)),
	}
	if r.Fate != domain.FateAccepted {
		s.wrong = string(r.Reason())
	}
	t.record(s)
}

// Called records the calls that told a CRM of messages, which ended now.
func (t *Tracer) Called(e domain.EndpointID, tries []domain.Try) {
	if t == nil {
		return
	}
	now := time.Now()
	for _, try := range tries {
		message := MessageOf(try.Delivery.Body)
		if try.Skipped || !t.samples(message) {
			continue
		}
		t.record(span{
			name: "callback", kind: trace.SpanKindClient, message: message, began: now.Add(-try.Took), ended: now, wrong: try.Error,
			about: []attribute.KeyValue{
				attribute.String("recado.endpoint", string(e)), attribute.String("recado.event", string(try.Delivery.Event)), attribute.Int("http.response.status_code", try.Status),
			},
		})
	}
}

// openings begin the data of an event that concerns a message.
var openings = [][]byte{[]byte(`"data":{"message":{"id":"`), []byte(`"data":{"message_id":"`)}

// MessageOf returns the message that an event concerns; empty: none. It reads the body
// without decoding it.
func MessageOf(body []byte) domain.MessageID {
	for _, opening := range openings {
		if _, rest, found := bytes.Cut(body, opening); found {
			id, _, _ := bytes.Cut(rest, []byte(`"`))
			return domain.MessageID(id)
		}
	}
	return ""
}
