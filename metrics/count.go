package metrics

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"recado/domain"
)

// A WebhookResult is how a webhook was answered.
type WebhookResult string

// The results of webhooks.
const (
	WebhookAccepted    WebhookResult = "accepted"    // committed, 200
	WebhookForged      WebhookResult = "forged"      // 401
	WebhookUnknown     WebhookResult = "unknown"     // no such hook, 404
	WebhookTooLarge    WebhookResult = "too_large"   // 413
	WebhookBroken      WebhookResult = "broken"      // did not arrive whole, 400
	WebhookUnavailable WebhookResult = "unavailable" // the store cannot take it, 503
)

// WebhookResults lists every WebhookResult.
var WebhookResults = []WebhookResult{WebhookAccepted, WebhookForged, WebhookUnknown, WebhookTooLarge, WebhookBroken, WebhookUnavailable}

// A SendOutcome is what came of an attempt to send a message.
type SendOutcome string

// The outcomes of sends.
const (
	SendSent    SendOutcome = "sent"
	SendRetried SendOutcome = "retried" // it will be tried again
	SendFailed  SendOutcome = "failed"
)

// SendOutcomes lists every SendOutcome.
var SendOutcomes = []SendOutcome{SendSent, SendRetried, SendFailed}

// A CallbackOutcome is what came of an attempt to tell an endpoint of an event.
type CallbackOutcome string

// The outcomes of callbacks.
const (
	CallbackDelivered CallbackOutcome = "delivered"
	CallbackRetried   CallbackOutcome = "retried" // it will be tried again
	CallbackParked    CallbackOutcome = "parked"
)

// CallbackOutcomes lists every CallbackOutcome.
var CallbackOutcomes = []CallbackOutcome{CallbackDelivered, CallbackRetried, CallbackParked}

// Webhook counts a webhook and the time its answer took.
func (m *Metrics) Webhook(k domain.Kind, r WebhookResult, took time.Duration) {
	m.webhooks.WithLabelValues(string(k), string(r)).Inc()
	m.webhookSeconds.WithLabelValues(string(k)).Observe(seconds(took))
}

// Update counts an update.
func (m *Metrics) Update(k domain.Kind, o domain.Outcome) {
	m.updates.WithLabelValues(string(k), string(o)).Inc()
}

// Applied measures how long a webhook waited from its commit until it was applied.
func (m *Metrics) Applied(k domain.Kind, delay time.Duration) {
	m.applyDelay.WithLabelValues(string(k)).Observe(seconds(delay))
}

// Send counts an attempt to send a message.
func (m *Metrics) Send(k domain.Kind, o SendOutcome) {
	m.sends.WithLabelValues(string(k), string(o)).Inc()
}

// Failure counts a message that was not sent.
func (m *Metrics) Failure(k domain.Kind, c domain.Code, r domain.Reason) {
	m.failures.WithLabelValues(string(k), string(c), string(r)).Inc()
}

// Callback counts an attempt to tell an endpoint of an event.
func (m *Metrics) Callback(o CallbackOutcome) {
	m.callbacks.WithLabelValues(string(o)).Inc()
}

// CallbackDelay measures how long a delivered event waited from its commit.
func (m *Metrics) CallbackDelay(d time.Duration) {
	m.callbackDelay.Observe(seconds(d))
}

// DialogRefused counts a message that was one dialog too many.
func (m *Metrics) DialogRefused(k domain.Kind, t domain.Tariff, c domain.Code) {
	m.dialogsRefused.WithLabelValues(string(k), string(t), string(c)).Inc()
}

// SetGauges shows what waits now, and what subscriptions used. A kind of lane
// that g leaves out has nothing waiting; a subscription that it leaves out is gone.
func (m *Metrics) SetGauges(g domain.Gauges) {
	for _, lane := range domain.LaneKinds {
		m.waiting.WithLabelValues(lane).Set(float64(g.Backlog[lane]))
		m.oldest.WithLabelValues(lane).Set(seconds(g.Oldest[lane]))
		m.parked.WithLabelValues(lane).Set(float64(g.Parked[lane]))
	}
	for _, k := range domain.Kinds {
		for _, s := range domain.ConnectionStatuses {
			m.connections.WithLabelValues(string(k), string(s)).Set(float64(g.Connections[k][s]))
		}
	}
	if !m.noSubscriptions {
		m.setUsage(g.Usage)
	}
}

func (m *Metrics) setUsage(usage []domain.Usage) {
	for _, gauge := range []*prometheus.GaugeVec{m.dialogsUsed, m.dialogsLimit, m.wabaAvailable, m.wabaReserved} {
		gauge.Reset()
	}
	for _, u := range usage {
		labels := []string{string(u.Company), string(u.ID), string(u.Kind), string(u.Tariff)}
		limit := math.Inf(1)
		if n := u.Limit(); n != domain.Unlimited {
			limit = float64(n)
		}
		m.dialogsUsed.WithLabelValues(labels...).Set(float64(u.Dialogs))
		m.dialogsLimit.WithLabelValues(labels...).Set(limit)
		if u.Kind == domain.WABA {
			m.wabaAvailable.WithLabelValues(labels[:2]...).Set(float64(u.PaidAvailable()))
			m.wabaReserved.WithLabelValues(labels[:2]...).Set(float64(u.PaidReserved))
		}
	}
}

// seconds returns d in seconds, 0 if clocks that differ made it negative.
func seconds(d time.Duration) float64 { return max(d, 0).Seconds() }
