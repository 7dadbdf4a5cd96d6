package trace

import (
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"recado/domain"
)

func recorded(t *testing.T, part float64, steps func(*Tracer)) tracetest.SpanStubs {
	t.Helper()
	to := tracetest.NewInMemoryExporter()
	tracer := newTracer(sdk.NewSimpleSpanProcessor(to), resource.Empty(), part)
	steps(tracer)
	spans := to.GetSpans()
	if err := tracer.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return spans
}

// everything happens to a message that a client wrote.
func everything(t *Tracer) {
	began := time.Now()
	t.Applied(
		domain.Batch{Updates: []domain.Update{{Hook: "meta", Fact: domain.MessageArrived{}, Received: began}}},
		domain.Receipt{Results: []domain.Result{{Outcome: domain.Applied, Message: domain.Message{ID: "msg_1"}}}}, began,
	)
	t.Called("crm", []domain.Try{{OK: true, Delivery: domain.Delivery{Body: []byte(`{"id":"evt_1","data":{"message":{"id":"msg_1","text":"Hola"}}}`)}}})
}

func TestEverythingOfAMessageIsOneTrace(t *testing.T) {
	spans := recorded(t, 1, everything)
	if len(spans) != 3 {
		t.Fatalf("recorded %d spans", len(spans))
	}
	root := spans[0].SpanContext
	for i, name := range []string{"webhook", "apply", "callback"} {
		s := spans[i]
		if s.Name != name || s.SpanContext.TraceID() != root.TraceID() || i > 0 && s.Parent.SpanID() != root.SpanID() {
			t.Errorf("span %d is %s of %s below %s, want %s of %s below %s", i, s.Name, s.SpanContext.TraceID(), s.Parent.SpanID(), name, root.TraceID(), root.SpanID())
		}
	}
	if spans[0].Parent.IsValid() {
		t.Error("the webhook is not the first span")
	}
}

func TestAFailedSendSaysWhy(t *testing.T) {
	spans := recorded(t, 1, func(t *Tracer) {
		t.Applied(
			domain.Batch{Updates: []domain.Update{{Fact: domain.SendRequested{}, Received: time.Now()}}},
			domain.Receipt{Results: []domain.Result{{Outcome: domain.Applied, Message: domain.Message{ID: "msg_2"}}}}, time.Now(),
		)
		t.Sent(domain.Message{ID: "msg_2", Attempts: 1}, time.Now(), domain.SendResult{Fate: domain.FateRefused, Failure: &domain.Failure{Reason: domain.ReasonThrottled}})
	})
	if len(spans) != 2 || spans[0].Name != "request" || spans[1].Name != "send" || spans[1].Status.Description != string(domain.ReasonThrottled) ||
		spans[1].Parent.SpanID() != spans[0].SpanContext.SpanID() {
		t.Errorf("recorded %+v", spans)
	}
}

// Every process makes the same choice of messages, so that a trace is whole or not there.
func TestAPartOfTheMessagesIsRecorded(t *testing.T) {
	if spans := recorded(t, 0, everything); len(spans) != 0 {
		t.Errorf("of no message, %d spans are recorded", len(spans))
	}
	tracer := newTracer(sdk.NewSimpleSpanProcessor(tracetest.NewInMemoryExporter()), resource.Empty(), 0.1)
	n := 0
	for i := range 10_000 {
		if tracer.TraceID(domain.MessageID(rune(i))) != "" {
			n++
		}
	}
	if n < 800 || n > 1200 {
		t.Errorf("of 10,000 messages %d are recorded, want a tenth", n)
	}
}

func TestTheMessageOfAnEventIsReadFromItsBody(t *testing.T) {
	for _, typ := range domain.EventTypes {
		example, ok := domain.ExampleOf(typ)
		body, err := json.Marshal(example.Envelope)
		if !ok || err != nil {
			t.Fatalf("%s has no example, %v", typ, err)
		}
		var e struct {
			Data struct {
				ID      domain.MessageID `json:"message_id"`
				Message struct{ ID domain.MessageID }
			}
		}
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatal(err)
		}
		if want := e.Data.ID + e.Data.Message.ID; MessageOf(body) != want {
			t.Errorf("%s: %q, want %q", typ, MessageOf(body), want)
		}
	}
}

func TestTracingIsOffUnlessConfigured(t *testing.T) {
	tracer, err := New(t.Context(), func(string) string { return "" }, "1", slog.New(slog.NewTextHandler(io.Discard, nil)))
	if tracer != nil || err != nil {
		t.Errorf("%v, %v", tracer, err)
	}
	if allocs := testing.AllocsPerRun(100, func() { everythingOff(tracer) }); allocs != 0 {
		t.Errorf("off, it allocates %v times", allocs)
	}
}

var (
	offBatch   = domain.Batch{Updates: []domain.Update{{Hook: "meta"}}}
	offReceipt = domain.Receipt{Results: []domain.Result{{Outcome: domain.Applied}}}
	offTries   = []domain.Try{{OK: true}}
)

func everythingOff(t *Tracer) {
	now := time.Now()
	t.Applied(offBatch, offReceipt, now)
	t.Called("crm", offTries)
	t.Sent(domain.Message{}, now, domain.SendResult{})
}

func BenchmarkTracing(b *testing.B) {
	for name, part := range map[string]float64{"1 %": 0.01, "all": 1} {
		tracer := newTracer(sdk.NewBatchSpanProcessor(tracetest.NewNoopExporter()), resource.Empty(), part)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				everything(tracer)
			}
		})
	}
	b.Run("off", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			everythingOff(nil)
		}
	})
}
