package metrics

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Row describes a metric: for the page of metrics, the dashboards, and the checks
// of alerts.
type Row struct {
	Name   string
	Type   string // as Prometheus names it
	Help   string
	Labels []RowLabel
}

// A RowLabel is a label of a Row.
type RowLabel struct {
	Name   string
	Values []string // every one, sorted; nil: the set is open
}

// Reference describes every metric that Recado counts itself, in the order of their
// definitions.
func Reference() (rows []Row) {
	for _, d := range definitions {
		rows = append(rows, Row{d.name, d.typ.String(), d.help, d.rowLabels()})
	}
	return rows
}

// WriteReference writes the page of metrics.
func WriteReference(w io.Writer) {
	fmt.Fprint(w, "# Metrics\n\n`/metrics` of RECADO_INTERNAL_LISTEN. `make generate` writes this page.\n\n| name | type | labels | meaning |\n|---|---|---|---|\n")
	for _, r := range Reference() {
		var labels []string
		for _, l := range r.Labels {
			switch {
			case l.Values == nil:
				labels = append(labels, "`"+l.Name+"`")
			case len(l.Values) > longList:
				labels = append(labels, fmt.Sprintf("`%s`: %d values", l.Name, len(l.Values)))
			default:
				labels = append(labels, "`"+l.Name+"`: "+strings.Join(l.Values, ", "))
			}
		}
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", r.Name, r.Type, strings.Join(labels, "; "), r.Help)
	}
	fmt.Fprint(w, "\nThe queues of jobs have the metrics of asynq's own collector, `asynq_…`; Go and the process those of Prometheus' client.\n")
}

// longList is how many values of a label are too many for the page.
const longList = 20

func (t metricType) String() string {
	return map[metricType]string{counter: "counter", gauge: "gauge", histogram: "histogram"}[t]
}

func (d definition) rowLabels() (labels []RowLabel) {
	for _, l := range d.labels {
		for i, name := range l.names {
			row := RowLabel{Name: name}
			for _, values := range l.values {
				row.Values = append(row.Values, values[i])
			}
			slices.Sort(row.Values)
			row.Values = slices.Compact(row.Values)
			labels = append(labels, row)
		}
	}
	return labels
}
