// Package metrics holds every metric of Recado: a table of definitions, and for
// each a method in words of the domain that counts it. No label takes an open
// set of values, but for those of subscriptions.
//
// Open definitions.go first.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"recado/domain"
	"recado/metrics/trace"
)

// Metrics counts and measures what Recado does. It may be used by many
// goroutines at once.
type Metrics struct {
	// Each definition has a value in the array of its type.
	counters   [metricCount]*prometheus.CounterVec
	gauges     [metricCount]*prometheus.GaugeVec
	histograms [metricCount]*prometheus.HistogramVec

	swept         sweepClock
	trace         *trace.Tracer // nil: off
	subscriptions int           // how many of them have series; AllSubscriptions: every one
}

// AllSubscriptions stands for no limit of the subscriptions that have series.
const AllSubscriptions = -1

// What is kept of a native histogram: each bucket is 10 % wider than the one before.
const (
	nativeFactor     = 1.1
	nativeBuckets    = 100
	nativeResetAfter = time.Hour
)

// New registers every metric with reg, and sets every counter and histogram to
// zero for all of its label values, so that the first count is a step and not a
// new series. It panics if reg has the metrics already.
//
// Gauges have no value before the first SetGauges: until then it is not known.
// Histograms are native ones beside the classic ones, for a Prometheus that asks.
func New(reg prometheus.Registerer) *Metrics {
	m := &Metrics{subscriptions: AllSubscriptions}
	f := promauto.With(reg)
	for i, d := range definitions {
		if _, elsewhere := collected[metric(i)]; elsewhere {
			continue
		}
		switch names := d.labelNames(); d.typ {
		case counter:
			m.counters[i] = f.NewCounterVec(prometheus.CounterOpts{Name: d.name, Help: d.help}, names)
			for _, values := range d.series() {
				m.counters[i].WithLabelValues(values...)
			}
		case histogram:
			m.histograms[i] = f.NewHistogramVec(prometheus.HistogramOpts{
				Name: d.name, Help: d.help, Buckets: d.buckets, NativeHistogramBucketFactor: nativeFactor,
				NativeHistogramMaxBucketNumber: nativeBuckets, NativeHistogramMinResetDuration: nativeResetAfter,
			}, names)
			for _, values := range d.series() {
				m.histograms[i].WithLabelValues(values...)
			}
		case gauge:
			m.gauges[i] = f.NewGaugeVec(prometheus.GaugeOpts{Name: d.name, Help: d.help}, names)
		}
	}
	reg.MustRegister(&m.swept)
	m.set(sendSlotsBusy, 0)
	m.set(callbackSlotsBusy, 0)
	return m
}

// LimitSubscriptions gives series only to the n subscriptions that are nearest to
// a limit, for installations that have too many of them for a Prometheus. Call it
// before the first SetGauges.
func (m *Metrics) LimitSubscriptions(n int) { m.subscriptions = n }

// Trace makes the tracer record what the metrics see of messages. Call it before Store.
func (m *Metrics) Trace(t *trace.Tracer) { m.trace = t }

// Sent records an attempt to send a message that ends now.
func (m *Metrics) Sent(message domain.Message, began time.Time, r domain.SendResult) {
	m.trace.Sent(message, began, r)
}

func (m *Metrics) count(i metric, labels ...string) { m.counters[i].WithLabelValues(labels...).Inc() }

func (m *Metrics) add(i metric, value float64, labels ...string) {
	m.counters[i].WithLabelValues(labels...).Add(value)
}

func (m *Metrics) observe(i metric, value float64, labels ...string) {
	m.histograms[i].WithLabelValues(labels...).Observe(value)
}

// observeTraced adds the trace of a message as an exemplar, if it is recorded.
func (m *Metrics) observeTraced(i metric, value float64, message domain.MessageID, labels ...string) {
	o := m.histograms[i].WithLabelValues(labels...)
	if id := m.trace.TraceID(message); id != "" {
		o.(prometheus.ExemplarObserver).ObserveWithExemplar(value, prometheus.Labels{"trace_id": id})
		return
	}
	o.Observe(value)
}

func (m *Metrics) set(i metric, value float64, labels ...string) {
	m.gauges[i].WithLabelValues(labels...).Set(value)
}

// Handler serves what g gathers. If a part cannot be gathered, such as the
// queues of a Redis that is away, it serves the rest. Exemplars go to who asks for
// OpenMetrics, as Prometheus does.
func Handler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true})
}
