package metrics

import (
	"time"

	"recado/domain"
	"recado/metrics/trace"
)

// A WebhookResult is how a webhook was answered.
type WebhookResult string

// The results of webhooks.
const (
	WebhookAccepted    WebhookResult = "accepted"    // committed, 200; also a handshake that succeeds
	WebhookForged      WebhookResult = "forged"      // 401; also a handshake with another token, 403
	WebhookUnknown     WebhookResult = "unknown"     // no such hook, 404
	WebhookTooLarge    WebhookResult = "too_large"   // 413
	WebhookBroken      WebhookResult = "broken"      // the connection broke off, 400
	WebhookUnavailable WebhookResult = "unavailable" // the store cannot take it, 503
	WebhookFailed      WebhookResult = "failed"      // a fault in Recado, 500
)

// WebhookResults lists every WebhookResult.
var WebhookResults = []WebhookResult{WebhookAccepted, WebhookForged, WebhookUnknown, WebhookTooLarge, WebhookBroken, WebhookUnavailable, WebhookFailed}

// A SendOutcome is the outcome of an attempt to send a message.
type SendOutcome string

// The outcomes of sends.
const (
	SendSent    SendOutcome = "sent"
	SendRetried SendOutcome = "retried" // it will be tried again
	SendFailed  SendOutcome = "failed"
)

// SendOutcomes lists every SendOutcome.
var SendOutcomes = []SendOutcome{SendSent, SendRetried, SendFailed}

// A MediaDirection says which way a file goes.
type MediaDirection string

// The directions of files.
const (
	MediaIn  MediaDirection = "in"  // from a messenger
	MediaOut MediaDirection = "out" // uploaded to be sent
)

// MediaDirections lists every MediaDirection.
var MediaDirections = []MediaDirection{MediaIn, MediaOut}

// A MediaOutcome is the outcome of an attempt to take a file.
type MediaOutcome string

// The outcomes of files.
const (
	MediaKept    MediaOutcome = "kept"
	MediaRetried MediaOutcome = "retried" // it will be tried again
	MediaLost    MediaOutcome = "lost"
)

// MediaOutcomes lists every MediaOutcome.
var MediaOutcomes = []MediaOutcome{MediaKept, MediaRetried, MediaLost}

// A LookbackOutcome says what a look at a messenger's own memory found.
type LookbackOutcome string

// The outcomes of looks.
const (
	LookbackKnown  LookbackOutcome = "known"  // a message that a webhook told of
	LookbackNew    LookbackOutcome = "new"    // a message that none told of, or not yet
	LookbackFailed LookbackOutcome = "failed" // the messenger did not answer the look
)

// LookbackOutcomes lists every LookbackOutcome.
var LookbackOutcomes = []LookbackOutcome{LookbackKnown, LookbackNew, LookbackFailed}

// A CallbackOutcome is the outcome of an attempt to deliver an event.
type CallbackOutcome string

// The outcomes of callbacks.
const (
	CallbackDelivered CallbackOutcome = "delivered"
	CallbackRetried   CallbackOutcome = "retried"   // it will be tried again
	CallbackThrottled CallbackOutcome = "throttled" // the endpoint wants a slower pace; it will be tried again
	CallbackParked    CallbackOutcome = "parked"
)

// CallbackOutcomes lists every CallbackOutcome.
var CallbackOutcomes = []CallbackOutcome{CallbackDelivered, CallbackRetried, CallbackThrottled, CallbackParked}

// Webhook counts a webhook and measures how long its answer took.
func (m *Metrics) Webhook(k domain.Kind, r WebhookResult, took time.Duration) {
	m.count(webhooksTotal, string(k), string(r))
	m.observe(webhookSeconds, seconds(took), string(k))
}

// Update counts an update.
func (m *Metrics) Update(k domain.Kind, o domain.Outcome) {
	m.count(updatesTotal, string(k), string(o))
}

// Applied measures the time from the commit of a webhook until it was applied. Its
// first message may be empty.
func (m *Metrics) Applied(k domain.Kind, delay time.Duration, first domain.MessageID) {
	m.observeTraced(applyDelay, seconds(delay), first, string(k))
}

// Send counts an attempt to send a message.
func (m *Metrics) Send(k domain.Kind, o SendOutcome) {
	m.count(sendsTotal, string(k), string(o))
}

// Media counts an attempt to take a file, and the bytes of one that is kept.
func (m *Metrics) Media(d MediaDirection, o MediaOutcome, bytes int64) {
	m.count(mediaTotal, string(d), string(o))
	m.add(mediaBytes, float64(bytes), string(d), string(o))
}

// Lookback counts a message that a look found, or a look that failed.
func (m *Metrics) Lookback(k domain.Kind, o LookbackOutcome) {
	m.count(lookbackTotal, string(k), string(o))
}

// Failure counts a message that failed.
func (m *Metrics) Failure(k domain.Kind, c domain.Code, r domain.Reason) {
	m.count(failuresTotal, string(k), string(c), string(r))
}

// Callback counts an attempt to deliver an event.
func (m *Metrics) Callback(o CallbackOutcome) {
	m.count(callbacksTotal, string(o))
}

// CallbackDelay measures the time from the commit of an event to its delivery.
func (m *Metrics) CallbackDelay(d time.Duration, body []byte) {
	if m.trace == nil {
		m.observe(callbackDelay, seconds(d))
		return
	}
	m.observeTraced(callbackDelay, seconds(d), trace.MessageOf(body))
}

// Signal counts a signal of a connection.
func (m *Metrics) Signal(k domain.Kind, s domain.Signal) {
	m.count(signalsTotal, string(k), string(s.Kind), string(s.Level))
}

// otherPrice is the label of a category or a type that is not listed.
const otherPrice = "other"

// Priced counts a message whose price became known.
func (m *Metrics) Priced(p domain.Price) {
	p = p.Counted()
	label := func(name string) string {
		if name == domain.UnknownPrice {
			return otherPrice
		}
		return name
	}
	m.count(pricedTotal, label(p.Category), label(p.Type))
}

// DialogRefused counts a message that failed because no dialog was left.
func (m *Metrics) DialogRefused(k domain.Kind, t domain.Tariff, c domain.Code) {
	m.count(dialogsRefused, string(k), string(t), string(c))
}

// seconds returns d in seconds, or 0 if it is negative, as clocks that differ make it.
func seconds(d time.Duration) float64 { return max(d, 0).Seconds() }
