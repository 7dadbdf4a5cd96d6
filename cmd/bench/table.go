package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A table is rows with a value from each round, in groups.
type table struct{ rows []*row }

type row struct {
	group, name, unit string
	values            []float64
}

// add adds a round's value to a row.
func (t *table) add(group, name, unit string, value float64) {
	r := t.row(group, name)
	if r == nil {
		r = &row{group: group, name: name, unit: unit}
		t.rows = append(t.rows, r)
	}
	r.values = append(r.values, value)
}

func (t *table) row(group, name string) *row {
	i := slices.IndexFunc(t.rows, func(r *row) bool { return r.group == group && r.name == name })
	if i < 0 {
		return nil
	}
	return t.rows[i]
}

// median returns the median of a row in any group, or NaN if it was not measured.
func (t *table) median(name string) float64 {
	i := slices.IndexFunc(t.rows, func(r *row) bool { return r.name == name })
	if i < 0 {
		return math.NaN()
	}
	return median(t.rows[i].values)
}

// String formats the table: the median and the range of each row.
func (t *table) String() string {
	var groups []string
	widest := 0
	for _, r := range t.rows {
		if !slices.Contains(groups, r.group) {
			groups = append(groups, r.group)
		}
		widest = max(widest, utf8.RuneCountInString(r.name))
	}
	var b strings.Builder
	for _, group := range groups {
		fmt.Fprintf(&b, "\n%s\n", group)
		for _, r := range t.rows {
			if r.group == group {
				fmt.Fprintf(&b, "  %-*s %10s %-3s %10s – %s\n", widest, r.name,
					number(median(r.values)), r.unit, number(slices.Min(r.values)), number(slices.Max(r.values)))
			}
		}
	}
	return b.String()[1:]
}

// number formats a number with at least three digits.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "?"
	case math.Abs(v) >= 100:
		return thousands(int(math.Round(v)))
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// thousands puts commas between the thousands.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
