package main

import (
	"slices"
	"time"
)

func rate(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

// between returns the time between the moments of each pair.
func between(from, to []time.Duration) []time.Duration {
	took := make([]time.Duration, len(from))
	for i := range from {
		took[i] = to[i] - from[i]
	}
	return took
}

// quantile returns the time, in milliseconds, that a share of all does not exceed.
func quantile(all []time.Duration, share float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	i := min(int(share*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
