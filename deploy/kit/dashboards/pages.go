package dashboards

// Pages lists every dashboard.
var Pages = []Page{dialogLimits, messageFlow, callbacks, workers}

var dialogLimits = Page{
	UID: "recado-dialogs", Title: "Recado: dialog limits",
	Description: "Which company is near its limit, when it will reach it, and what Meta bills beside the prepaid dialogs.",
	Panels: []Panel{
		{"At 80 % or more", "Subscriptions that used 80 % of their outgoing dialogs.", "short", number, []Query{
			{`count(recado:dialogs_used >= 0.8 * recado:dialogs_limit) or vector(0)`, ""},
		}},
		{"At the limit", "Subscriptions that cannot write first to new people.", "short", number, []Query{
			{`count(recado:dialogs_used >= recado:dialogs_limit) or vector(0)`, ""},
		}},
		{"Reached before the month ends", "At the pace of the last three days.", "short", number, []Query{
			{`count(recado:dialogs_forecast > recado:dialogs_limit) or vector(0)`, ""},
		}},
		{"Messages refused today", "They failed because no dialog was left.", "short", number, []Query{
			{`sum(increase(recado_dialogs_refused_total[1d]))`, ""},
		}},
		{"Who is near", "The used part of the limit, of the 20 nearest.", "percentunit", rows, []Query{
			{`topk(20, recado:dialogs_used / (recado:dialogs_limit > 0))`, ""},
		}},
		{"When it will be reached", "Time that is left at the pace of the last three days, of the 20 nearest.", "s", rows, []Query{
			{`bottomk(20, clamp_min(recado:dialogs_limit - recado:dialogs_used, 0) / (deriv(recado:dialogs_used[3d:30m]) > 0))`, ""},
		}},
		{"Used dialogs", "Of the 20 nearest to their limit; they begin at 0 each month.", "short", lines, []Query{
			{`recado:dialogs_used and topk(20, recado:dialogs_used / (recado:dialogs_limit > 0))`, "{{company}} {{subscription}}"},
		}},
		{"Refused messages", "Per hour, by what was missing.", "short", lines, []Query{
			{`sum by (kind, code) (increase(recado_dialogs_refused_total[1h]))`, "{{kind}} {{code}}"},
		}},
		{"Prepaid dialogs that are left", "Of WABA, the 20 with the least in parts of what they bought.", "short", rows, []Query{
			{`max by (company, subscription) (recado_waba_dialogs_available) and bottomk(20, max by (company, subscription) (recado_waba_dialogs_available) / (max by (company, subscription) (recado_waba_dialogs_bought) > 0))`, ""},
		}},
		{"What Meta bills", "Messages per day by category and type of their price; free ones have a type that says why.", "short", lines, []Query{
			{`sum by (category, type) (increase(recado_waba_messages_priced_total[1d])) > 0`, "{{category}} {{type}}"},
		}},
	},
}

var messageFlow = Page{
	UID: "recado-messages", Title: "Recado: message flow",
	Description: "From the messenger's webhook to the change of a chat, and from the queue to the messenger.",
	Panels: []Panel{
		{"Webhooks", "Per second, by how they were answered.", "reqps", lines, []Query{
			{`sum by (kind, result) (rate(recado_webhooks_total[5m])) > 0`, "{{kind}} {{result}}"},
		}},
		{"Time to answer a webhook", "Half of them, and 99 of 100, are faster.", "s", lines, []Query{
			{`histogram_quantile(0.5, sum by (le) (rate(recado_webhook_seconds_bucket[5m])))`, "50 %"},
			{`histogram_quantile(0.99, sum by (le) (rate(recado_webhook_seconds_bucket[5m])))`, "99 %"},
		}},
		{"Updates", "Per second, by what became of them.", "ops", lines, []Query{
			{`sum by (outcome) (rate(recado_updates_total[5m])) > 0`, "{{outcome}}"},
		}},
		{"From webhook to chat", "Time from the commit of a webhook until it is applied.", "s", lines, []Query{
			{`histogram_quantile(0.5, sum by (le) (rate(recado_apply_delay_seconds_bucket[5m])))`, "50 %"},
			{`histogram_quantile(0.99, sum by (le) (rate(recado_apply_delay_seconds_bucket[5m])))`, "99 %"},
		}},
		{"Sends", "Attempts per second, by outcome.", "ops", lines, []Query{
			{`sum by (kind, outcome) (rate(recado_sends_total[5m])) > 0`, "{{kind}} {{outcome}}"},
		}},
		{"Failed messages", "Per hour, by reason.", "short", lines, []Query{
			{`sum by (kind, reason) (increase(recado_failures_total[1h])) > 0`, "{{kind}} {{reason}}"},
		}},
		{"What waits", "Items in the lanes.", "short", lines, []Query{
			{`max by (lane) (recado_waiting)`, "{{lane}}"},
		}},
		{"How long it waits", "Age of the oldest item.", "s", lines, []Query{
			{`max by (lane) (recado_oldest_waiting_seconds)`, "{{lane}}"},
		}},
		{"Connections", "By status.", "short", lines, []Query{
			{`max by (kind, status) (recado_connections) > 0`, "{{kind}} {{status}}"},
		}},
		{"Signals of messengers", "Per hour, of a connection's account, quality, webhook …", "short", lines, []Query{
			{`sum by (kind, signal, level) (increase(recado_connection_signals_total[1h])) > 0`, "{{kind}} {{signal}} {{level}}"},
		}},
	},
}

var callbacks = Page{
	UID: "recado-callbacks", Title: "Recado: callbacks",
	Description: "How events get to the CRMs.",
	Panels: []Panel{
		{"Waiting events", "In all lanes of endpoints.", "short", number, []Query{{`max(recado_waiting{lane="callback"})`, ""}}},
		{"Oldest waiting event", "Of a paused endpoint too.", "s", number, []Query{{`max(recado_oldest_waiting_seconds{lane="callback"})`, ""}}},
		{"Parked events", "They need a person: recado parked.", "short", number, []Query{{`max(recado_parked{lane="callback"})`, ""}}},
		{"Endpoints that do not work", "Paused or disabled.", "short", number, []Query{{`sum(max by (status) (recado_endpoints{status=~"paused|disabled"}))`, ""}}},
		{"Attempts", "Per second, by outcome.", "ops", lines, []Query{{`sum by (outcome) (rate(recado_callbacks_total[5m]))`, "{{outcome}}"}}},
		{"From event to CRM", "Time from the commit of an event until the CRM took it.", "s", lines, []Query{
			{`histogram_quantile(0.5, sum by (le) (rate(recado_callback_delay_seconds_bucket[5m])))`, "50 %"},
			{`histogram_quantile(0.99, sum by (le) (rate(recado_callback_delay_seconds_bucket[5m])))`, "99 %"},
		}},
		{"Endpoints", "By status.", "short", lines, []Query{{`max by (status) (recado_endpoints)`, "{{status}}"}}},
		{"Calls in flight", "Of every worker together; each endpoint may have 16.", "short", lines, []Query{{`sum(recado_callback_slots_busy)`, "callbacks"}}},
		{"Late events", "The part that came later than 10 s; the objective allows 1 % in 30 days.", "percentunit", lines, []Query{
			{`recado:callback_late:ratio_rate5m`, "5 minutes"},
			{`recado:callback_late:ratio_rate6h`, "6 hours"},
		}},
		{"Replays", "Events that wait to be told again.", "short", lines, []Query{{`max(recado_waiting{lane="replay"})`, "waiting"}}},
	},
}

var workers = Page{
	UID: "recado-workers", Title: "Recado: workers",
	Description: "The processes and what they stand on: the database and Redis.",
	Panels: []Panel{
		{"Processes", "That answer Prometheus.", "short", number, []Query{{`sum(up{job="recado"})`, ""}}},
		{"Sweep", "Time since any worker looked for work that nobody does.", "s", number, []Query{{`min(recado_sweep_age_seconds)`, ""}}},
		{"Redis", "1: it takes jobs, for every process.", "short", number, []Query{{`min(recado_redis_up)`, ""}}},
		{"Policy of Redis", "0: it may evict jobs.", "short", number, []Query{{`min(recado_redis_policy_ok)`, ""}}},
		{"Spool", "Webhooks that wait on the disks of the processes for the database.", "short", number, []Query{{`sum(recado_spool_webhooks)`, ""}}},
		{"Spool, used", "Of the fullest; at 1 webhooks are refused.", "percentunit", number, []Query{{`max(recado_spool_used_ratio)`, ""}}},
		{"Time of store operations", "95 of 100 are faster.", "s", lines, []Query{
			{`histogram_quantile(0.95, sum by (operation, le) (rate(recado_store_seconds_bucket[5m])))`, "{{operation}}"},
		}},
		{"Store operations", "Per second.", "ops", lines, []Query{{`sum by (operation) (rate(recado_store_seconds_count[5m]))`, "{{operation}}"}}},
		{"Failures of the store", "Per second, by operation.", "ops", lines, []Query{{`sum by (operation) (rate(recado_store_errors_total[5m]))`, "{{operation}}"}}},
		{"Connections to the database", "Of all processes, by pool.", "short", lines, []Query{
			{`sum by (pool, state) (recado_store_pool_connections)`, "{{pool}} {{state}}"},
		}},
		{"Waits for a connection", "Seconds per second: more than 1 means that something waits all the time.", "short", lines, []Query{
			{`sum by (pool) (rate(recado_store_pool_wait_seconds_total[5m]))`, "{{pool}}"},
		}},
		{"Calls in flight", "To messengers and to CRMs.", "short", lines, []Query{
			{`sum(recado_send_slots_busy)`, "sends"},
			{`sum(recado_callback_slots_busy)`, "callbacks"},
		}},
		{"Clocks", "How far each host is ahead of the CRMs.", "s", lines, []Query{{`recado_clock_skew_seconds`, "{{instance}}"}}},
		{"Builds", "What runs where.", "short", rows, []Query{{`count by (version, commit, go) (recado_build_info)`, ""}}},
	},
}
