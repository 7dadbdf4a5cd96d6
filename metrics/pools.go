package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"recado/domain"
)

// poolStates are the states of a pool's connections.
var poolStates = []string{"busy", "idle", "max"}

type poolCollector struct{ read func() []domain.Pool }

// NewPoolCollector makes a collector of the store's pools. It calls read at each
// scrape.
func NewPoolCollector(read func() []domain.Pool) prometheus.Collector { return poolCollector{read} }

// Describe implements prometheus.Collector.
func (poolCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, i := range []metric{poolConnections, poolWaits, poolWaitSeconds} {
		ch <- collected[i]
	}
}

// Collect implements prometheus.Collector.
func (c poolCollector) Collect(ch chan<- prometheus.Metric) {
	send := func(i metric, typ prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(collected[i], typ, value, labels...)
	}
	for _, p := range c.read() {
		send(poolConnections, prometheus.GaugeValue, float64(p.Busy), p.Name, "busy")
		send(poolConnections, prometheus.GaugeValue, float64(p.Idle), p.Name, "idle")
		send(poolConnections, prometheus.GaugeValue, float64(p.Max), p.Name, "max")
		send(poolWaits, prometheus.CounterValue, float64(p.Waits), p.Name)
		send(poolWaitSeconds, prometheus.CounterValue, p.Waited.Seconds(), p.Name)
	}
}
