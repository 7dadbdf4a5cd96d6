// Package trace records, by OpenTelemetry, what happens to a message: its trace has the
// webhook or the request that brought it, the transaction that applied it, each attempt
// to send it, and each call that tells a CRM of it.
//
// No row and no job carries a trace. Its id and the id of its first span are a hash of
// the message's id, so that every process knows them, at any time.
package trace

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"recado/domain"
)

// A Tracer records spans of messages. One that is nil records nothing, and costs nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	spans    trace.Tracer
	below    uint64 // a trace is recorded if its number is not higher; see placeOf
}

// New returns a Tracer that sends spans to OTEL_EXPORTER_OTLP_ENDPOINT, or nil if that is
// not set. Of the other standard variables it knows those of the exporter, of the batches,
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED, and as the part of the
// messages that is recorded OTEL_TRACES_SAMPLER_ARG, 1 by default.
func New(ctx context.Context, getenv func(string) string, version string, log *slog.Logger) (*Tracer, error) {
	if getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" || getenv("OTEL_SDK_DISABLED") == "true" {
		return nil, nil
	}
	part, err := strconv.ParseFloat(getenv("OTEL_TRACES_SAMPLER_ARG"), 64)
	if err != nil {
		part = 1
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "recado"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are not exported", "err", err) }))
	return newTracer(sdk.NewBatchSpanProcessor(exporter), about, part), nil
}

func newTracer(to sdk.SpanProcessor, about *resource.Resource, part float64) *Tracer {
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(to), sdk.WithResource(about), sdk.WithSampler(sdk.AlwaysSample()), sdk.WithIDGenerator(ids{}))
	below := uint64(math.MaxUint64)
	if part < 1 {
		below = uint64(max(part, 0) * math.MaxUint64)
	}
	return &Tracer{provider, provider.Tracer("recado"), below}
}

// Close sends what was recorded.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// A place is where the trace of a message begins.
type place struct {
	trace trace.TraceID
	root  trace.SpanID
}

// placeOf returns the trace of a message, and whether it is recorded.
func (t *Tracer) placeOf(m domain.MessageID) (p place, sampled bool) {
	if m == "" {
		return place{}, false
	}
	hash := sha256.Sum256([]byte(m))
	copy(p.trace[:], hash[:16])
	copy(p.root[:], hash[16:24])
	return p, binary.BigEndian.Uint64(hash[24:]) <= t.below
}

// samples reports whether the trace of a message is recorded.
func (t *Tracer) samples(m domain.MessageID) bool {
	_, sampled := t.placeOf(m)
	return sampled
}

// TraceID returns the id of the message's trace; empty: it is not recorded.
func (t *Tracer) TraceID(m domain.MessageID) string {
	if t == nil {
		return ""
	}
	p, sampled := t.placeOf(m)
	if !sampled {
		return ""
	}
	return p.trace.String()
}

// A span is one thing that happened to a message.
type span struct {
	name         string
	root         bool // it brought the message
	kind         trace.SpanKind
	message      domain.MessageID
	began, ended time.Time
	wrong        string // empty: it succeeded
	about        []attribute.KeyValue
}

// record records a span of a message that is sampled.
func (t *Tracer) record(s span) {
	p, _ := t.placeOf(s.message)
	ctx := context.WithValue(context.Background(), placeKey{}, p)
	if !s.root {
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: p.trace, SpanID: p.root, TraceFlags: trace.FlagsSampled, Remote: true,
		}))
	}
	_, recorded := t.spans.Start(ctx, s.name, trace.WithTimestamp(s.began), trace.WithSpanKind(s.kind),
		trace.WithAttributes(append(s.about, attribute.String("recado.message", string(s.message)))...))
	if s.wrong != "" {
		recorded.SetStatus(codes.Error, s.wrong)
	}
	recorded.End(trace.WithTimestamp(s.ended))
}
