package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// A Page is a dashboard.
type Page struct {
	UID, Title, Description string
	Panels                  []Panel
}

// A Panel answers a question.
type Panel struct {
	Title, Description string
	Unit               string // as Grafana names it
	Shape              shape
	Queries            []Query
}

// A Query is PromQL, and how its series are named.
type Query struct{ Expr, Legend string }

// A shape is how a panel shows its answer.
type shape int

const (
	lines  shape = iota // over time
	number              // now
	rows                // now, a row for each series
)

// The grid of Grafana is 24 wide.
var sizes = map[shape]struct{ width, height uint32 }{lines: {12, 8}, number: {6, 4}, rows: {12, 8}}

// source is the Prometheus that the reader chooses at the top of the page.
var source = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${source}")}

// Build returns the dashboard as Grafana reads it.
func (p Page) Build() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder(p.Title).Uid(p.UID).Description(p.Description).
		Tags([]string{"recado"}).Time("now-6h", "now").Refresh("30s").Readonly().
		WithVariable(dashboard.NewDatasourceVariableBuilder("source").Label("Prometheus").Type("prometheus"))
	for _, panel := range p.Panels {
		b.WithPanel(panel.builder())
	}
	return b.Build()
}

func (p Panel) builder() cog.Builder[dashboard.Panel] {
	size := sizes[p.Shape]
	switch p.Shape {
	case number:
		b := stat.NewPanelBuilder().Title(p.Title).Description(p.Description).Unit(p.Unit).Datasource(source).Span(size.width).Height(size.height)
		for _, q := range p.Queries {
			b.WithTarget(q.now())
		}
		return b
	case rows:
		b := table.NewPanelBuilder().Title(p.Title).Description(p.Description).Unit(p.Unit).Datasource(source).Span(size.width).Height(size.height)
		for _, q := range p.Queries {
			b.WithTarget(q.now())
		}
		return b
	default:
		b := timeseries.NewPanelBuilder().Title(p.Title).Description(p.Description).Unit(p.Unit).Datasource(source).Span(size.width).Height(size.height).Min(0)
		for _, q := range p.Queries {
			b.WithTarget(prometheus.NewDataqueryBuilder().Expr(q.Expr).LegendFormat(q.Legend).Range())
		}
		return b
	}
}

// now asks for the present value only.
func (q Query) now() cog.Builder[variants.Dataquery] {
	return prometheus.NewDataqueryBuilder().Expr(q.Expr).LegendFormat(q.Legend).Instant().Format(prometheus.PromQueryFormatTable)
}
