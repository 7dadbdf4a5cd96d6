package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// ticks is the unit of CPU time in /proc, per second: the same on every Linux.
const ticks = 100

// A stat is what /proc says about a process.
type stat struct {
	name     string
	parent   int
	own      float64 // seconds of CPU
	children float64 // of children that ended
}

// readStat fails where there is no /proc, as on macOS.
func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	open, end := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
	fields := strings.Fields(string(text[end+1:])) // from the third field on: state, ppid, …
	number := func(field int) float64 { n, _ := strconv.ParseFloat(fields[field-3], 64); return n }
	return stat{
		name: string(text[open+1 : end]), parent: int(number(4)),
		own: (number(14) + number(15)) / ticks, children: (number(16) + number(17)) / ticks,
	}, nil
}

// cpu returns the seconds of CPU that a process used, or NaN if unknown.
func cpu(pid int) float64 {
	s, err := readStat(pid)
	if err != nil || pid == 0 {
		return math.NaN()
	}
	return s.own
}

// cpuOfFamily returns the CPU of a process and all of its children.
func cpuOfFamily(pid int) float64 {
	parent, err := readStat(pid)
	entries, _ := os.ReadDir("/proc")
	if err != nil || pid == 0 {
		return math.NaN()
	}
	sum := parent.own + parent.children
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid {
			sum += s.own
		}
	}
	return sum
}

// memory returns the resident memory of a process and its peak, in MB.
func memory(pid int) (now, most float64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // empty without /proc
	read := func(name string) float64 {
		_, rest, found := strings.Cut(string(text), name)
		fields := strings.Fields(rest)
		if !found || len(fields) == 0 {
			return math.NaN()
		}
		kilobytes, _ := strconv.ParseFloat(fields[0], 64)
		return kilobytes / 1024
	}
	return read("VmRSS:"), read("VmHWM:")
}

// consumers are the processes whose CPU is reported, in the order of the table.
var consumers = []string{"recado", "postgres", "redis", "bench"}

// consumed returns the CPU that each consumer has used so far.
func (b *bench) consumed(ctx context.Context, p *process) []float64 {
	return []float64{cpu(p.pid()), cpuOfFamily(b.servers.postgresPID(ctx)), cpu(b.servers.redisPID(ctx)), cpu(os.Getpid())}
}
