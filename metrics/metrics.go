// Package metrics holds every metric of Recado: its name, its one line of help,
// and a method in words of the domain that counts it. No label takes an open
// set of values.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"recado/domain"
)

// Metrics counts and measures what Recado does. It may be used by many
// goroutines at once.
type Metrics struct {
	webhooks       *prometheus.CounterVec
	webhookSeconds *prometheus.HistogramVec
	updates        *prometheus.CounterVec
	applyDelay     *prometheus.HistogramVec
	sends          *prometheus.CounterVec
	failures       *prometheus.CounterVec
	callbacks      *prometheus.CounterVec
	callbackDelay  prometheus.Histogram
	waiting        *prometheus.GaugeVec
	oldest         *prometheus.GaugeVec
	parked         *prometheus.GaugeVec
	dialogsUsed    *prometheus.GaugeVec
	dialogsLimit   *prometheus.GaugeVec
	dialogsRefused *prometheus.CounterVec
	wabaAvailable  *prometheus.GaugeVec
	wabaReserved   *prometheus.GaugeVec
	connections    *prometheus.GaugeVec

	noSubscriptions bool
}

// New registers every metric with reg, and gives every counter and histogram a
// zero for each of its labels, so that the first count is a step and not a new
// series. It panics if reg has them already.
func New(reg prometheus.Registerer) *Metrics {
	f := promauto.With(reg)
	m := &Metrics{
		webhooks: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_webhooks_total",
			Help: "Webhooks that came in, by what they were answered.",
		}, []string{"kind", "result"}),
		webhookSeconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "recado_webhook_seconds",
			Help:    "Time from a webhook's arrival to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, // 1 ms to 10 s, when messengers give up
		}, []string{"kind"}),
		updates: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_updates_total",
			Help: "Updates that messengers told, by what became of them.",
		}, []string{"kind", "outcome"}),
		applyDelay: f.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "recado_apply_delay_seconds",
			Help:    "Time from a webhook's commit to the moment it was applied.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}, // 5 ms to 30 min, after a standstill
		}, []string{"kind"}),
		sends: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_sends_total",
			Help: "Attempts to send a message, by what came of them.",
		}, []string{"kind", "outcome"}),
		failures: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_failures_total",
			Help: "Messages that were not sent, by the code that is told and the reason that is known.",
		}, []string{"kind", "code", "reason"}),
		callbacks: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_callbacks_total",
			Help: "Attempts to tell an endpoint of an event, by what came of them.",
		}, []string{"outcome"}),
		callbackDelay: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "recado_callback_delay_seconds",
			Help:    "Time from an event's commit to its delivery.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 300, 1800, 7200, 86400, 604800}, // 10 ms to 7 days, when events expire
		}),
		waiting: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_waiting",
			Help: "Items that wait in the lanes of a kind.",
		}, []string{"lane"}),
		oldest: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_oldest_waiting_seconds",
			Help: "Age of the oldest item that waits in the lanes of a kind; 0 if none does.",
		}, []string{"lane"}),
		parked: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_parked",
			Help: "Items put aside for a person, by the kind of lane they were in.",
		}, []string{"lane"}),
		dialogsUsed: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_dialogs_outgoing_used",
			Help: "Outgoing dialogs of a subscription in this month of its company. Every instance shows the same: take the maximum.",
		}, subscriptionLabels),
		dialogsLimit: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_dialogs_outgoing_limit",
			Help: "Outgoing dialogs that a subscription may have in a month; +Inf if it has no limit.",
		}, subscriptionLabels),
		dialogsRefused: f.NewCounterVec(prometheus.CounterOpts{
			Name: "recado_dialogs_refused_total",
			Help: "Messages that were not sent because a subscription has no dialogs left, by the code that is told.",
		}, []string{"kind", "tariff", "code"}),
		wabaAvailable: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_waba_dialogs_available",
			Help: "Paid WABA dialogs of a subscription that may still be opened. Every instance shows the same: take the maximum.",
		}, wabaLabels),
		wabaReserved: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_waba_dialogs_reserved",
			Help: "Paid WABA dialogs of a subscription that wait for their price.",
		}, wabaLabels),
		connections: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "recado_connections",
			Help: "Connections, by whether messages go out over them. Every instance shows the same: take the maximum.",
		}, []string{"kind", "status"}),
	}
	m.zero()
	return m
}

// These labels name a subscription: the one open set among the labels.
var (
	subscriptionLabels = []string{"company", "subscription", "kind", "tariff"}
	wabaLabels         = []string{"company", "subscription"}
)

// LeaveOutSubscriptions shows no series of single subscriptions: where there are
// too many of them for a Prometheus. It is called before the first SetGauges.
func (m *Metrics) LeaveOutSubscriptions() { m.noSubscriptions = true }

// dialogCodes are those of messages that were one dialog too many.
var dialogCodes = []domain.Code{domain.DialogLimitReached, domain.NoPaidDialogs}

// zero makes the series that will be counted. The gauges wait for the first
// SetGauges: before it nothing is known of them.
func (m *Metrics) zero() {
	for _, k := range domain.Kinds {
		kind := string(k)
		m.webhookSeconds.WithLabelValues(kind)
		m.applyDelay.WithLabelValues(kind)
		for _, r := range WebhookResults {
			m.webhooks.WithLabelValues(kind, string(r))
		}
		for _, o := range domain.Outcomes {
			m.updates.WithLabelValues(kind, string(o))
		}
		for _, o := range SendOutcomes {
			m.sends.WithLabelValues(kind, string(o))
		}
		for reason, policy := range domain.Policies {
			m.failures.WithLabelValues(kind, string(policy.Code), string(reason))
		}
		for _, t := range domain.Tariffs {
			for _, c := range dialogCodes {
				m.dialogsRefused.WithLabelValues(kind, string(t), string(c))
			}
		}
	}
	for _, o := range CallbackOutcomes {
		m.callbacks.WithLabelValues(string(o))
	}
}

// Handler serves what g gathers. A part that cannot be gathered, such as the
// queues of a Redis that is away, does not hide the rest.
func Handler(g prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(g, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}
