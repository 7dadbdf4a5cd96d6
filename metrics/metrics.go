// Package metrics holds every metric of Recado: a table of definitions, and for
// each a method in words of the domain that counts it. No label takes an open
// set of values, but for those of subscriptions.
//
// Open definitions.go first.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts and measures what Recado does. It may be used by many
// goroutines at once.
type Metrics struct {
	// Each definition has a value in the array of its type.
	counters   [metricCount]*prometheus.CounterVec
	gauges     [metricCount]*prometheus.GaugeVec
	histograms [metricCount]*prometheus.HistogramVec

	noSubscriptions bool
}

// New registers every metric with reg, and sets every counter and histogram to
// zero for all of its label values, so that the first count is a step and not a
// new series. It panics if reg has the metrics already.
//
// Gauges have no value before the first SetGauges: until then it is not known.
func New(reg prometheus.Registerer) *Metrics {
	m := &Metrics{}
	f := promauto.With(reg)
	for i, d := range definitions {
		switch names := d.labelNames(); d.typ {
		case counter:
			m.counters[i] = f.NewCounterVec(prometheus.CounterOpts{Name: d.name, Help: d.help}, names)
			for _, values := range d.series() {
				m.counters[i].WithLabelValues(values...)
			}
		case histogram:
			m.histograms[i] = f.NewHistogramVec(prometheus.HistogramOpts{Name: d.name, Help: d.help, Buckets: d.buckets}, names)
			for _, values := range d.series() {
				m.histograms[i].WithLabelValues(values...)
			}
		case gauge:
			m.gauges[i] = f.NewGaugeVec(prometheus.GaugeOpts{Name: d.name, Help: d.help}, names)
		}
	}
	return m
}

// LeaveOutSubscriptions leaves out the series of single subscriptions, for
// installations that have too many of them for a Prometheus. Call it before the
// first SetGauges.
func (m *Metrics) LeaveOutSubscriptions() { m.noSubscriptions = true }

func (m *Metrics) count(i metric, labels ...string) { m.counters[i].WithLabelValues(labels...).Inc() }

func (m *Metrics) add(i metric, value float64, labels ...string) {
	m.counters[i].WithLabelValues(labels...).Add(value)
}

func (m *Metrics) observe(i metric, value float64, labels ...string) {
	m.histograms[i].WithLabelValues(labels...).Observe(value)
}

func (m *Metrics) set(i metric, value float64, labels ...string) {
	m.gauges[i].WithLabelValues(labels...).Set(value)
}

// Handler serves what g gathers. If a part cannot be gathered, such as the
// queues of a Redis that is away, it serves the rest.
func Handler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}
