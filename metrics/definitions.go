package metrics

import (
	"slices"

	"recado/domain"
)

// A metric is an index of definitions.
type metric int

const (
	webhooksTotal metric = iota
	webhookSeconds
	updatesTotal
	applyDelay
	sendsTotal
	failuresTotal
	callbacksTotal
	callbackDelay
	waiting
	oldestWaiting
	parked
	dialogsUsed
	dialogsLimit
	dialogsRefused
	wabaAvailable
	wabaReserved
	wabaBought
	connections
	endpoints
	clockSkew
	signalsTotal
	pricedTotal
	mediaTotal
	mediaBytes
	lookbackTotal
	storeSeconds
	storeErrors
	sweepAge
	redisUp
	redisPolicyOK
	spoolWebhooks
	spoolUsed
	sendSlotsBusy
	callbackSlotsBusy
	poolConnections
	poolWaits
	poolWaitSeconds
	buildInfo

	metricCount
)

// A metricType is a type of Prometheus.
type metricType int

const (
	counter metricType = iota
	gauge
	histogram
)

// A definition is what Prometheus knows of a metric before its first value.
type definition struct {
	name    string
	typ     metricType
	labels  []label
	help    string
	buckets []float64 // of a histogram
}

// definitions lists every metric that Recado counts itself.
var definitions = [metricCount]definition{
	webhooksTotal: {
		"recado_webhooks_total", counter,
		[]label{kind, closed("result", WebhookResults)},
		"Webhooks received, by how they were answered.", nil,
	},
	webhookSeconds: {
		"recado_webhook_seconds", histogram,
		[]label{kind},
		"Time from the arrival of a webhook to its answer.",
		[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, // 1 ms to 10 s, when messengers give up
	},
	updatesTotal: {
		"recado_updates_total", counter,
		[]label{kind, closed("outcome", domain.Outcomes)},
		"Updates from messengers, by what became of them.", nil,
	},
	applyDelay: {
		"recado_apply_delay_seconds", histogram,
		[]label{kind},
		"Time from the commit of a webhook to the commit of its updates.",
		[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}, // 5 ms to 30 min, after a standstill
	},
	sendsTotal: {
		"recado_sends_total", counter,
		[]label{kind, closed("outcome", SendOutcomes)},
		"Attempts to send a message, by outcome.", nil,
	},
	failuresTotal: {
		"recado_failures_total", counter,
		[]label{kind, codeAndReason},
		"Failed messages, by public code and internal reason.", nil,
	},
	callbacksTotal: {
		"recado_callbacks_total", counter,
		[]label{closed("outcome", CallbackOutcomes)},
		"Attempts to deliver an event to an endpoint, by outcome.", nil,
	},
	callbackDelay: {
		"recado_callback_delay_seconds", histogram, nil,
		"Time from the commit of an event to its delivery.",
		[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 300, 1800, 7200, 86400, 604800}, // 10 ms to 7 days, when events expire
	},
	waiting: {
		"recado_waiting", gauge,
		[]label{lane},
		"Items waiting in the lanes of a kind. " + sameEverywhere, nil,
	},
	oldestWaiting: {
		"recado_oldest_waiting_seconds", gauge,
		[]label{lane},
		"Age of the oldest item waiting in the lanes of a kind; 0 if none is. " + sameEverywhere, nil,
	},
	parked: {
		"recado_parked", gauge,
		[]label{lane},
		"Items parked for a person to look at, by the kind of lane they were in. " + sameEverywhere, nil,
	},
	dialogsUsed: {
		"recado_dialogs_outgoing_used", gauge,
		[]label{company, subscription, kind, tariff},
		"Outgoing dialogs that a subscription used this month, in the time zone of its company. " + sameEverywhere, nil,
	},
	dialogsLimit: {
		"recado_dialogs_outgoing_limit", gauge,
		[]label{company, subscription, kind, tariff},
		"Outgoing dialogs that a subscription may use in a month; +Inf if unlimited. " + sameEverywhere, nil,
	},
	dialogsRefused: {
		"recado_dialogs_refused_total", counter,
		[]label{kind, tariff, closed("code", dialogCodes)},
		"Messages that failed because their subscription has no dialogs left, by public code.", nil,
	},
	wabaAvailable: {
		"recado_waba_dialogs_available", gauge,
		[]label{company, subscription},
		"Paid WABA dialogs that a subscription can still open. " + sameEverywhere, nil,
	},
	wabaReserved: {
		"recado_waba_dialogs_reserved", gauge,
		[]label{company, subscription},
		"Paid WABA dialogs of a subscription that are reserved until their price is known. " + sameEverywhere, nil,
	},
	wabaBought: {
		"recado_waba_dialogs_bought", gauge,
		[]label{company, subscription},
		"Paid WABA dialogs that a subscription bought in all. " + sameEverywhere, nil,
	},
	connections: {
		"recado_connections", gauge,
		[]label{kind, closed("status", domain.ConnectionStatuses)},
		"Connections, by status. " + sameEverywhere, nil,
	},
	endpoints: {
		"recado_endpoints", gauge,
		[]label{closed("status", domain.EndpointStatuses)},
		"Endpoints, by status. " + sameEverywhere, nil,
	},
	clockSkew: {
		"recado_clock_skew_seconds", gauge, nil,
		"How far the clock of this instance is ahead of those of the CRMs, by the Date of their answers. CRMs refuse events when it is minutes off.", nil,
	},
	signalsTotal: {
		"recado_connection_signals_total", counter,
		[]label{kind, closed("signal", domain.SignalKinds), closed("level", domain.SignalLevels)},
		"What messengers signalled of connections, by kind of signal and level.", nil,
	},
	pricedTotal: {
		"recado_waba_messages_priced_total", counter,
		[]label{closed("category", append(slices.Clone(domain.PriceCategories), otherPrice)), closed("type", append(slices.Clone(domain.PriceTypes), otherPrice))},
		"Messages that WABA billed, by category and type of the price, free ones included.", nil,
	},
	mediaTotal: {
		"recado_media_total", counter, mediaLabels,
		"Attempts to take a file: in from a messenger, out from an upload.", nil,
	},
	mediaBytes: {
		"recado_media_bytes_total", counter, mediaLabels,
		"Bytes of the files that were taken.", nil,
	},
	lookbackTotal: {
		"recado_lookback_total", counter,
		[]label{kind, closed("outcome", LookbackOutcomes)},
		"Messages that looks at a messenger's own memory found, known by a webhook or new, and looks that failed. New ones, again and again, mean that webhooks are lost.", nil,
	},
	storeSeconds: {
		"recado_store_seconds", histogram,
		[]label{closed("operation", Operations)},
		"Time that an operation of the store took, including its wait for a connection and for a shared commit.",
		[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}, // 1 ms to 30 s, when a statement is given up
	},
	storeErrors: {
		"recado_store_errors_total", counter,
		[]label{closed("operation", Operations)},
		"Operations of the store that failed because the store did, and not because of their data.", nil,
	},
	sweepAge: {
		"recado_sweep_age_seconds", gauge, nil,
		"Time since the sweep of this worker last looked for work that nobody does. Only workers have it.", nil,
	},
	redisUp: {
		"recado_redis_up", gauge, nil,
		"1 if Redis answers and takes writes, otherwise 0.", nil,
	},
	redisPolicyOK: {
		"recado_redis_policy_ok", gauge, nil,
		"0 if Redis may evict jobs, otherwise 1; also 1 if Redis does not say its policy.", nil,
	},
	spoolWebhooks: {
		"recado_spool_webhooks", gauge, nil,
		"Webhooks on the disk of this process, which wait for the database.", nil,
	},
	spoolUsed: {
		"recado_spool_used_ratio", gauge, nil,
		"How much of the spool is used; at 1 webhooks are refused.", nil,
	},
	sendSlotsBusy: {
		"recado_send_slots_busy", gauge, nil,
		"Calls to messengers that send a message, in flight in this worker.", nil,
	},
	callbackSlotsBusy: {
		"recado_callback_slots_busy", gauge, nil,
		"Calls to endpoints that deliver events, in flight in this worker.", nil,
	},
	poolConnections: {
		"recado_store_pool_connections", gauge,
		[]label{pool, closed("state", poolStates)},
		"Connections of a pool of the store; max is how many it may have.", nil,
	},
	poolWaits: {
		"recado_store_pool_waits_total", counter,
		[]label{pool},
		"How often something waited for a connection of a pool.", nil,
	},
	poolWaitSeconds: {
		"recado_store_pool_wait_seconds_total", counter,
		[]label{pool},
		"Time spent waiting for a connection of a pool.", nil,
	},
	buildInfo: {
		"recado_build_info", gauge,
		[]label{open("version"), open("commit"), open("go")},
		"Always 1; its labels are the build of this process.", nil,
	},
}

// sameEverywhere is the help of a gauge that is read from the store.
const sameEverywhere = "Every instance exports the same value: use max by, not sum."

// A label is one label of a metric, or several whose values depend on one another.
type label struct {
	names  []string
	values [][]string // every combination; nil: the set is open
}

// The labels that several metrics have. Of the open ones those of a subscription
// may have many values, and an operator may limit them.
var (
	kind          = closed("kind", domain.Kinds())
	lane          = closed("lane", domain.LaneKinds)
	tariff        = closed("tariff", domain.Tariffs)
	mediaLabels   = []label{closed("direction", MediaDirections), closed("outcome", MediaOutcomes)}
	codeAndReason = label{[]string{"code", "reason"}, policies()}
	pool          = open("pool") // a few names, which depend on the store
	company       = open("company")
	subscription  = open("subscription")
)

// dialogCodes are the codes of messages for which no dialog was left.
var dialogCodes = []domain.Code{domain.DialogLimitReached, domain.NoPaidDialogs}

func open(name string) label { return label{names: []string{name}} }

func closed[V ~string](name string, values []V) label {
	l := label{names: []string{name}}
	for _, v := range values {
		l.values = append(l.values, []string{string(v)})
	}
	return l
}

// policies returns each reason with its code.
func policies() (pairs [][]string) {
	for reason, policy := range domain.Policies {
		pairs = append(pairs, []string{string(policy.Code), string(reason)})
	}
	return pairs
}

func (d definition) labelNames() (names []string) {
	for _, l := range d.labels {
		names = append(names, l.names...)
	}
	return names
}

// series returns the label values of every series that the metric can have;
// none if a label is open.
func (d definition) series() [][]string {
	series := [][]string{nil}
	for _, l := range d.labels {
		var longer [][]string
		for _, s := range series {
			for _, v := range l.values {
				longer = append(longer, append(s[:len(s):len(s)], v...))
			}
		}
		series = longer
	}
	return series
}
