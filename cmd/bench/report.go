package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A goal is a bound on a figure of the report.
type goal struct {
	name   string
	got    func(*table) float64
	want   float64
	atMost bool // want is an upper bound, else a lower one
	unit   string
}

func share(of, against string) func(*table) float64 {
	return func(t *table) float64 { return t.median(of) / t.median(against) }
}

func figure(row string) func(*table) float64 {
	return func(t *table) float64 { return t.median(row) }
}

var goals = []goal{
	{"acknowledged in a burst, against the bare handler", share(rowBurst, rowBare), 0.5, false, "×"},
	{"acknowledgement at half load, p99", figure(rowAckP99), 50, true, "ms"},
	{"carried to the end, against the naive pipeline", share(rowCarried, rowNaive), 5, false, "×"},
	{"statuses against messages", share(rowStatuses, rowCarried), 1.5, false, "×"},
	{"the same without an endpoint", share(rowStatusesOnly, rowCommitted), 1.5, false, "×"},
	{"callbacks from a backlog", figure(rowBacklog), 4000, false, "/s"},
	{"callbacks in batches, carried, against single ones", share(rowBatches, rowCarried), 2, false, "×"},
	{"callbacks in batches from a backlog, against single ones", share(rowBatchBacklog, rowBacklog), 2, false, "×"},
	{"p99 of healthy endpoints beside bad ones, against none", share(rowBesideBad, rowNoneBad), 2, true, "×"},
	{"p99 of other chats beside one that waits, against none", share(rowBesideOne, rowNoneWaits), 2, true, "×"},
	{"sends, from the API to the messenger", figure(rowSends), 1000, false, "/s"},
	{"people's messages beside a campaign, p99", figure(rowCampaignPeople), 2000, true, "ms"},
	{"another company beside a campaign, p99, against none", share(rowCampaignOther, rowCampaignAlone), 2, true, "×"},
	{"refused as too fast", figure(rowCampaignLimits), 1, true, "%"},
	{"webhook → callback at half load, p99", figure(rowCallbackP99), 100, true, "ms"},
	{"carried beside 1,000,000 messages, against none", share(rowGrown(1_000_000), rowCarried), 0.85, false, "×"},
	{"carried beside 10,000,000 messages, against none", share(rowGrown(10_000_000), rowCarried), 0.85, false, "×"},
	{"carried beside an open transaction, against none", share(rowPinned, rowAlone), 0.9, false, "×"},
	{"carried after its end, against none", share(rowUnpinned, rowAlone), 0.9, false, "×"},
	{"carried beside slow readers, against none", share(rowReaders, rowAlone), 0.9, false, "×"},
	{"carried beside pg_dump, against none", share(rowDumped, rowAlone), 0.9, false, "×"},
	{"memory at half load", figure(rowMemory), 150, true, "MB"},
}

// measured says how often each row was measured.
func measured(rounds int) string {
	if rounds == 1 {
		return "of one round"
	}
	return fmt.Sprintf("the median of %d rounds, with the least and the most", rounds)
}

// report returns the report as Markdown.
func (b *bench) report(ctx context.Context, took time.Duration) string {
	var s strings.Builder
	fmt.Fprintf(&s, "# Measured speed\n\n`make bench` writes this page, except its notes. Each row is %s; the run took %s.\n\n```\n%s```\n\n",
		measured(b.plan.rounds), took.Round(time.Second), &b.table)
	s.WriteString("Goals, against the same run:\n\n```\n")
	for _, g := range goals {
		got := g.got(&b.table)
		if math.IsNaN(got) {
			continue
		}
		sign, verdict := "≥", "reached"
		if g.atMost {
			sign = "≤"
		}
		if g.atMost && got > g.want || !g.atMost && got < g.want {
			verdict = "NOT reached"
		}
		fmt.Fprintf(&s, "%-56s %10s %-3s %s %-8s %s\n", g.name, number(got), g.unit, sign, number(g.want), verdict)
	}
	fmt.Fprintf(&s, "```\n\nOn:\n\n```\n%s```\n", b.machine(ctx))
	return s.String()
}

// machine describes the machine and the servers.
func (b *bench) machine(ctx context.Context) string {
	setting := func(name string) string {
		var value string
		_ = b.servers.admin.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value) // empty: unknown
		return value
	}
	version, _ := exec.CommandContext(ctx, b.program, "version").Output() // #nosec G204 -- the developer's own program
	var s strings.Builder
	for _, line := range [][2]string{
		{"date", time.Now().UTC().Format(time.DateOnly)},
		{"recado", strings.TrimSpace(string(version))},
		{"CPU", fmt.Sprintf("%d × %s", runtime.NumCPU(), procLine("/proc/cpuinfo", "model name"))},
		{"memory", procLine("/proc/meminfo", "MemTotal")},
		{"kernel", procLine("/proc/sys/kernel/osrelease", "")},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{"Postgres", fmt.Sprintf("%s: fsync %s, synchronous_commit %s, shared_buffers %s, wal_compression %s, max_wal_size %s", setting("server_version"),
			setting("fsync"), setting("synchronous_commit"), setting("shared_buffers"), setting("wal_compression"), setting("max_wal_size"))},
		{"Redis", fmt.Sprintf("%s: append-only file %s", b.servers.redisInfo(ctx, "redis_version"),
			map[string]string{"0": "off", "1": "on"}[b.servers.redisInfo(ctx, "aof_enabled")])},
		{"load", fmt.Sprintf("%d companies, each with a hook, a number and an endpoint, and %s chats, or %s beside somebody else's transactions; webhooks of one message over %d connections; the load, the CRM and the messenger on the same cores",
			companies, thousands(b.plan.chats), thousands(b.plan.many), callers)},
	} {
		fmt.Fprintf(&s, "%-9s %s\n", line[0], line[1])
	}
	return s.String()
}

// procLine returns the value of the first line with a name, or the whole file.
func procLine(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "?"
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, ":")
		switch {
		case name == "":
			return strings.TrimSpace(line)
		case found && strings.TrimSpace(key) == name:
			return strings.TrimSpace(value)
		}
	}
	return "?"
}
