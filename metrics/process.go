package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A Slots is a kind of calls that a worker has in flight.
type Slots metric

// The kinds of calls.
const (
	SendSlots     = Slots(sendSlotsBusy)
	CallbackSlots = Slots(callbackSlotsBusy)
)

// Busy counts a call as in flight until the function that it returns is called.
func (m *Metrics) Busy(s Slots) (done func()) {
	slots := m.gauges[s].WithLabelValues()
	slots.Inc()
	return slots.Dec
}

// ClockSkew shows how far our clock is ahead.
func (m *Metrics) ClockSkew(ahead time.Duration) { m.set(clockSkew, ahead.Seconds()) }

// Redis shows whether Redis works, and whether its policy is right.
func (m *Metrics) Redis(up, policyOK bool) {
	m.set(redisUp, number(up))
	m.set(redisPolicyOK, number(policyOK))
}

// Spool shows what waits on the disk for the database.
func (m *Metrics) Spool(webhooks int, used float64) {
	m.set(spoolWebhooks, float64(webhooks))
	m.set(spoolUsed, used)
}

// Build shows which build this process is.
func (m *Metrics) Build(version, commit, goVersion string) {
	m.set(buildInfo, 1, version, commit, goVersion)
}

// Swept notes that the sweep has looked for work.
func (m *Metrics) Swept() { m.swept.last.Store(time.Now().UnixNano()) }

// collected are the metrics whose values are computed when they are scraped, by
// collectors of their own.
var collected = map[metric]*prometheus.Desc{
	sweepAge:        definitions[sweepAge].desc(),
	poolConnections: definitions[poolConnections].desc(),
	poolWaits:       definitions[poolWaits].desc(),
	poolWaitSeconds: definitions[poolWaitSeconds].desc(),
}

func (d definition) desc() *prometheus.Desc {
	return prometheus.NewDesc(d.name, d.help, d.labelNames(), nil)
}

// A sweepClock knows when the sweep last looked. Its age grows while nothing runs,
// which a gauge that the sweep sets would hide.
type sweepClock struct{ last atomic.Int64 } // in nanoseconds since 1970; 0: this process does not sweep

// Describe implements prometheus.Collector.
func (*sweepClock) Describe(ch chan<- *prometheus.Desc) { ch <- collected[sweepAge] }

// Collect implements prometheus.Collector.
func (s *sweepClock) Collect(ch chan<- prometheus.Metric) {
	if last := s.last.Load(); last != 0 {
		ch <- prometheus.MustNewConstMetric(collected[sweepAge], prometheus.GaugeValue, seconds(time.Since(time.Unix(0, last))))
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
