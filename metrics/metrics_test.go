package metrics

import (
	"errors"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"recado/domain"
)

// Kinds and lanes are those of the domain.
var (
	kinds = sorted(domain.Kinds())
	lanes = sorted(domain.LaneKinds)
)

// The other label values as they are documented. They are repeated here so that
// renaming a constant, on which dashboards and alerts rely, fails a test.
var (
	results    = []string{"accepted", "broken", "failed", "forged", "too_large", "unavailable", "unknown"}
	outcomes   = []string{"applied", "discarded", "dropped", "ignored", "late", "orphan", "parked", "repeated"}
	sends      = []string{"failed", "retried", "sent"}
	operations = []string{
		"append_inbox", "apply", "beat", "due_deliveries", "due_sends", "find_connection", "find_employee",
		"find_hook", "gauges", "next_inbox", "read_chats", "read_messages", "record_deliveries", "sweep_needs", "take_lane",
	}
	tries = []string{"delivered", "parked", "retried", "throttled"}
)

// documented lists the metrics that the outside relies on, with every value of
// each label.
var documented = map[string]map[string][]string{
	"recado_media_total":       {"direction": {"in", "out"}, "outcome": {"kept", "lost", "retried"}},
	"recado_lookback_total":    {"kind": kinds, "outcome": {"failed", "known", "new"}},
	"recado_media_bytes_total": {"direction": {"in", "out"}, "outcome": {"kept", "lost", "retried"}},
	"recado_connection_signals_total": {
		"kind": kinds, "level": {"critical", "info", "warning"},
		"signal": {"account", "limit", "name", "quality", "security", "template", "webhook"},
	},
	"recado_waba_messages_priced_total": {
		"category": {
			"authentication", "authentication_international", "general_purpose_ai", "group_marketing", "group_service", "group_utility",
			"marketing", "marketing_lite", "other", "referral_conversion", "service", "utility",
		},
		"type": {"free_customer_service", "free_entry_point", "other", "regular"},
	},
	"recado_webhooks_total":                {"kind": kinds, "result": results},
	"recado_webhook_seconds":               {"kind": kinds},
	"recado_updates_total":                 {"kind": kinds, "outcome": outcomes},
	"recado_apply_delay_seconds":           {"kind": kinds},
	"recado_sends_total":                   {"kind": kinds, "outcome": sends},
	"recado_failures_total":                {"kind": kinds, "code": codes(), "reason": reasons()},
	"recado_callbacks_total":               {"outcome": tries},
	"recado_callback_delay_seconds":        {},
	"recado_waiting":                       {"lane": lanes},
	"recado_oldest_waiting_seconds":        {"lane": lanes},
	"recado_parked":                        {"lane": lanes},
	"recado_dialogs_refused_total":         {"kind": kinds, "tariff": {"avanzada", "estandar", "inicial"}, "code": {"outgoing_dialog_limit_reached", "waba_no_paid_dialogs"}},
	"recado_dialogs_outgoing_used":         ofSubscriptions,
	"recado_dialogs_outgoing_limit":        ofSubscriptions,
	"recado_waba_dialogs_available":        ofWABA,
	"recado_waba_dialogs_reserved":         ofWABA,
	"recado_waba_dialogs_bought":           ofWABA,
	"recado_store_seconds":                 {"operation": operations},
	"recado_store_errors_total":            {"operation": operations},
	"recado_sweep_age_seconds":             {},
	"recado_redis_up":                      {},
	"recado_redis_policy_ok":               {},
	"recado_spool_webhooks":                {},
	"recado_spool_used_ratio":              {},
	"recado_send_slots_busy":               {},
	"recado_callback_slots_busy":           {},
	"recado_store_pool_connections":        {"pool": {"main"}, "state": {"busy", "idle", "max"}},
	"recado_store_pool_waits_total":        {"pool": {"main"}},
	"recado_store_pool_wait_seconds_total": {"pool": {"main"}},
	"recado_build_info":                    {"version": {"1.2.3"}, "commit": {"0123abc"}, "go": {"go1.26"}},
	"recado_endpoints":                     {"status": {"disabled", "ok", "paused"}},
	"recado_clock_skew_seconds":            {},
	"recado_connections":                   {"kind": kinds, "status": {"disconnected", "ok", "suspended", "unpaid"}},
}

var ofWABA = map[string][]string{"company": {"acme"}, "subscription": {"s1"}}

var ofSubscriptions = map[string][]string{
	"company": {"acme"}, "subscription": {"s1", "s2"}, "kind": {"telegram_bot", "waba"}, "tariff": {"estandar", "inicial"},
}

func sorted[V ~string](values []V) (list []string) {
	for _, v := range values {
		list = append(list, string(v))
	}
	slices.Sort(list)
	return list
}

func codes() []string {
	found := map[string]bool{}
	for _, p := range domain.Policies {
		found[string(p.Code)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func reasons() []string {
	return sorted(slices.Collect(maps.Keys(domain.Policies)))
}

// gathered returns for each metric the values that each label has.
func gathered(t *testing.T, g prometheus.Gatherer) map[string]map[string][]string {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string][]string{}
	for _, f := range families {
		labels := map[string][]string{}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !slices.Contains(labels[l.GetName()], l.GetValue()) {
					labels[l.GetName()] = append(labels[l.GetName()], l.GetValue())
				}
			}
		}
		for _, values := range labels {
			slices.Sort(values)
		}
		all[f.GetName()] = labels
	}
	return all
}

// everything counts each series once.
func everything(m *Metrics) {
	for _, k := range domain.Kinds() {
		for _, r := range WebhookResults {
			m.Webhook(k, r, time.Millisecond)
		}
		for _, o := range domain.Outcomes {
			m.Update(k, o)
		}
		for _, o := range SendOutcomes {
			m.Send(k, o)
		}
		for r, p := range domain.Policies {
			m.Failure(k, p.Code, r)
		}
		for _, t := range domain.Tariffs {
			for _, c := range dialogCodes {
				m.DialogRefused(k, t, c)
			}
		}
		m.Applied(k, time.Second, "")
	}
	for _, o := range CallbackOutcomes {
		m.Callback(o)
	}
	m.CallbackDelay(time.Minute, nil)
}

func TestMetricsAreThoseDocumented(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := New(reg)
	m.SetGauges(domain.Gauges{Usage: usage})
	m.ClockSkew(0)
	m.Swept()
	m.Redis(true, true)
	m.Spool(3, 0.5)
	m.Build("1.2.3", "0123abc", "go1.26")
	reg.MustRegister(NewPoolCollector(pools))
	if diff := cmp.Diff(gathered(t, reg), documented); diff != "" {
		t.Errorf("metrics and label values (-got +documented):\n%s", diff)
	}
}

// A series that begins with its first count hides that count from rate().
func TestEverySeriesIsThereBeforeItsFirstCount(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := New(reg)
	before, err := testutil.GatherAndCount(reg)
	if err != nil {
		t.Fatal(err)
	}
	everything(m)
	after, err := testutil.GatherAndCount(reg)
	if err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("%d series before the first counts, %d after", before, after)
	}
}

func TestMetricsAreClean(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := New(reg)
	everything(m)
	m.SetGauges(domain.Gauges{})
	m.Swept()
	reg.MustRegister(NewPoolCollector(pools))
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

var usage = []domain.Usage{
	{Dialogs: 12, Subscription: domain.Subscription{ID: "s1", Company: "acme", Kind: domain.WABA, Tariff: domain.Inicial, DialogLimit: -1, WABADialogs: 10}, PaidReserved: 2, PaidCommitted: 5},
	{Dialogs: 7, Subscription: domain.Subscription{ID: "s2", Company: "acme", Kind: domain.TelegramBot, Tariff: domain.Estandar, DialogLimit: -1}},
}

func TestEachMethodCountsItsMetric(t *testing.T) {
	tests := []struct {
		name  string
		count func(*Metrics)
		want  string // a line of the scrape
	}{
		{
			"a webhook", func(m *Metrics) { m.Webhook(domain.WABA, WebhookTooLarge, 0) },
			`recado_webhooks_total{kind="waba",result="too_large"} 1`,
		},
		{
			"its time", func(m *Metrics) { m.Webhook(domain.WABA, WebhookAccepted, 30*time.Millisecond) },
			`recado_webhook_seconds_bucket{kind="waba",le="0.05"} 1`,
		},
		{
			"an update", func(m *Metrics) { m.Update(domain.WABA, domain.Dropped) },
			`recado_updates_total{kind="waba",outcome="dropped"} 1`,
		},
		{
			"a webhook that is applied", func(m *Metrics) { m.Applied(domain.TelegramBot, 2*time.Second, "") },
			`recado_apply_delay_seconds_sum{kind="telegram_bot"} 2`,
		},
		{
			"clocks that differ", func(m *Metrics) { m.Applied(domain.TelegramBot, -time.Hour, "") },
			`recado_apply_delay_seconds_sum{kind="telegram_bot"} 0`,
		},
		{
			"a send", func(m *Metrics) { m.Send(domain.TelegramPersonal, SendRetried) },
			`recado_sends_total{kind="telegram_personal",outcome="retried"} 1`,
		},
		{
			"a failure", func(m *Metrics) { m.Failure(domain.WABA, domain.AccountNotFound, domain.ReasonNoAccount) },
			`recado_failures_total{code="messenger_account_not_found",kind="waba",reason="no_account"} 1`,
		},
		{
			"a callback", func(m *Metrics) { m.Callback(CallbackParked) },
			`recado_callbacks_total{outcome="parked"} 1`,
		},
		{
			"a callback that arrived late", func(m *Metrics) { m.CallbackDelay(6*24*time.Hour, nil) },
			`recado_callback_delay_seconds_bucket{le="604800"} 1`,
		},
		{
			"what waits", func(m *Metrics) { m.SetGauges(domain.Gauges{Backlog: map[domain.LaneKind]int64{"inbox": 7}}) },
			`recado_waiting{lane="inbox"} 7`,
		},
		{"how long it waits", func(m *Metrics) {
			m.SetGauges(domain.Gauges{Oldest: map[domain.LaneKind]time.Duration{"send": 90 * time.Second}})
		}, `recado_oldest_waiting_seconds{lane="send"} 90`},
		{
			"what is parked", func(m *Metrics) { m.SetGauges(domain.Gauges{Parked: map[domain.LaneKind]int64{"callback": 3}}) },
			`recado_parked{lane="callback"} 3`,
		},
		{
			"dialogs that are used", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) },
			`recado_dialogs_outgoing_used{company="acme",kind="waba",subscription="s1",tariff="inicial"} 12`,
		},
		{
			"the limit of dialogs", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) },
			`recado_dialogs_outgoing_limit{company="acme",kind="waba",subscription="s1",tariff="inicial"} 50`,
		},
		{
			"no limit of dialogs", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) },
			`recado_dialogs_outgoing_limit{company="acme",kind="telegram_bot",subscription="s2",tariff="estandar"} +Inf`,
		},
		{
			"paid dialogs that are left", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) },
			`recado_waba_dialogs_available{company="acme",subscription="s1"} 3`,
		},
		{
			"paid dialogs that wait for their price", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) },
			`recado_waba_dialogs_reserved{company="acme",subscription="s1"} 2`,
		},
		{
			"connections that are suspended", func(m *Metrics) {
				m.SetGauges(domain.Gauges{Connections: map[domain.Kind]map[domain.ConnectionStatus]int64{domain.WABA: {domain.ConnectionSuspended: 4}}})
			}, `recado_connections{kind="waba",status="suspended"} 4`,
		},
		{
			"endpoints that are paused", func(m *Metrics) {
				m.SetGauges(domain.Gauges{Endpoints: map[domain.EndpointStatus]int64{domain.EndpointPaused: 2}})
			}, `recado_endpoints{status="paused"} 2`,
		},
		{"paid dialogs that were bought", func(m *Metrics) { m.SetGauges(domain.Gauges{Usage: usage}) }, `recado_waba_dialogs_bought{company="acme",subscription="s1"} 10`},
		{"a Redis that is away", func(m *Metrics) { m.Redis(false, true) }, `recado_redis_up 0`},
		{"a Redis that evicts", func(m *Metrics) { m.Redis(true, false) }, `recado_redis_policy_ok 0`},
		{"a spool", func(m *Metrics) { m.Spool(3, 0.5) }, `recado_spool_used_ratio 0.5`},
		{"a call that sends", func(m *Metrics) { m.Busy(SendSlots) }, `recado_send_slots_busy 1`},
		{"a call that ended", func(m *Metrics) { m.Busy(CallbackSlots)() }, `recado_callback_slots_busy 0`},
		{"a sweep", func(m *Metrics) { m.Swept() }, "# TYPE recado_sweep_age_seconds gauge"},
		{"a clock that is behind", func(m *Metrics) { m.ClockSkew(-1500 * time.Millisecond) }, `recado_clock_skew_seconds -1.5`},
		{
			"a dialog too many", func(m *Metrics) { m.DialogRefused(domain.WABA, domain.Inicial, domain.DialogLimitReached) },
			`recado_dialogs_refused_total{code="outgoing_dialog_limit_reached",kind="waba",tariff="inicial"} 1`,
		},
		{"nothing waits any more", func(m *Metrics) {
			m.SetGauges(domain.Gauges{Backlog: map[domain.LaneKind]int64{"inbox": 7}})
			m.SetGauges(domain.Gauges{})
		}, `recado_waiting{lane="inbox"} 0`},
		{"a lane that we do not have", func(m *Metrics) {
			m.SetGauges(domain.Gauges{Backlog: map[domain.LaneKind]int64{"other": 7}})
		}, `recado_waiting{lane="inbox"} 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reg := prometheus.NewPedanticRegistry()
			tt.count(New(reg))
			if scraped := scrape(reg); !strings.Contains(scraped, "\n"+tt.want+"\n") {
				t.Errorf("scrape lacks %s:\n%s", tt.want, scraped)
			}
		})
	}
}

// Rule 43: an operator may switch off the series of single subscriptions.
func TestSubscriptionsMayBeLeftOut(t *testing.T) {
	tests := []struct {
		name  string
		limit int
		want  []string
	}{
		{"all of them", AllSubscriptions, []string{"s1", "s2"}},
		{"more than there are", 500, []string{"s1", "s2"}},
		{"the one that is nearest to a limit", 1, []string{"s1"}},
		{"none", 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reg := prometheus.NewPedanticRegistry()
			m := New(reg)
			m.LimitSubscriptions(tt.limit)
			m.SetGauges(domain.Gauges{Usage: usage})
			got := gathered(t, reg)
			if diff := cmp.Diff(got["recado_dialogs_outgoing_used"]["subscription"], tt.want); diff != "" {
				t.Errorf("subscriptions (-got +want):\n%s", diff)
			}
			if len(got["recado_waiting"]) == 0 {
				t.Error("the rest is gone with them")
			}
		})
	}
}

// pools is a store with one pool.
func pools() []domain.Pool {
	return []domain.Pool{{Name: "main", Busy: 3, Idle: 1, Max: 24, Waits: 7, Waited: time.Second}}
}

// A sweep that stopped is seen by its age, which grows by itself.
func TestTheAgeOfTheSweepGrows(t *testing.T) {
	var clock sweepClock
	if n := testutil.CollectAndCount(&clock); n != 0 {
		t.Errorf("a process that does not sweep has %d series", n)
	}
	clock.last.Store(time.Now().Add(-time.Minute).UnixNano())
	if age := testutil.ToFloat64(&clock); age < 60 {
		t.Errorf("a minute after the sweep its age is %v s", age)
	}
}

func scrape(g prometheus.Gatherer) string {
	w := httptest.NewRecorder()
	Handler(g).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// An operator whose Redis is away needs the other metrics most.
func TestHandlerServesTheRestWhenQueuesCannotBeRead(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	New(reg)
	reg.MustRegister(NewQueueCollector(func() ([]QueueInfo, error) { return nil, errors.New("no redis") }))
	if _, err := reg.Gather(); err == nil || !strings.Contains(err.Error(), "queues: no redis") {
		t.Errorf("gather: %v, want the error of the queues", err)
	}
	if scraped := scrape(reg); !strings.Contains(scraped, "recado_webhooks_total{") || strings.Contains(scraped, "asynq_") {
		t.Errorf("scrape:\n%s\nwant the other metrics and none of the queues", scraped)
	}
}
