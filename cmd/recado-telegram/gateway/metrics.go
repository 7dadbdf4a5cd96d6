package gateway

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// A metric is one of the page for Prometheus: its values by the labels beside the connection.
type metric struct {
	name, kind, help string
	read             func(g *Gateway, i int, r *http.Request) (label string, values map[string]int64)
}

var metrics = []metric{
	{"recado_telegram_accounts", "gauge", "Accounts, by the status that they have.", func(g *Gateway, i int, r *http.Request) (string, map[string]int64) {
		s, err := g.accounts[i].Status(r.Context())
		if err != nil {
			return "status", nil
		}
		return "status", map[string]int64{s.Status: 1}
	}},
	{"recado_telegram_updates_total", "counter", "Updates that Recado took.", func(g *Gateway, i int, _ *http.Request) (string, map[string]int64) {
		return "kind", g.lanes[i].taken.All()
	}},
	{"recado_telegram_webhooks_waiting", "gauge", "Webhooks that Recado did not take yet.", func(g *Gateway, i int, r *http.Request) (string, map[string]int64) {
		n, _, err := g.store.Waiting(r.Context(), g.accounts[i].Connection)
		if err != nil {
			return "", nil
		}
		return "", map[string]int64{"": n}
	}},
	{"recado_telegram_oldest_webhook_seconds", "gauge", "How long the oldest of them waits.", func(g *Gateway, i int, r *http.Request) (string, map[string]int64) {
		n, since, err := g.store.Waiting(r.Context(), g.accounts[i].Connection)
		if err != nil || n == 0 {
			return "", map[string]int64{"": 0}
		}
		return "", map[string]int64{"": int64(time.Since(since).Seconds())}
	}},
	{"recado_telegram_calls_total", "counter", "Calls of Recado, by ok or the status of the error.", func(g *Gateway, i int, _ *http.Request) (string, map[string]int64) {
		return "outcome", g.accounts[i].calls.All()
	}},
	{"recado_telegram_differences_total", "counter", "Differences that Telegram was asked for, by what it answered.", func(g *Gateway, i int, _ *http.Request) (string, map[string]int64) {
		return "answer", g.accounts[i].Differences.All()
	}},
}

// metricsPage shows how the accounts fare, for Prometheus.
func (g *Gateway) metricsPage(w http.ResponseWriter, r *http.Request) {
	for _, m := range metrics {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", m.name, m.help, m.kind)
		for i := range g.accounts {
			label, values := m.read(g, i, r)
			m.write(w, g.accounts[i].Connection, label, values)
		}
	}
}

func (m metric) write(w io.Writer, connection, label string, values map[string]int64) {
	for _, value := range slices.Sorted(maps.Keys(values)) {
		labels := fmt.Sprintf("connection=%q", connection)
		if label != "" {
			labels += fmt.Sprintf(",%s=%q", label, value)
		}
		fmt.Fprintf(w, "%s{%s} %d\n", m.name, labels, values[value])
	}
}
