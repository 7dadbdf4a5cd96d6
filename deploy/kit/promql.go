package kit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"recado/metrics"
)

// ruleMetric begins the names of what rules.yml records.
const ruleMetric = "recado:"

// A Vocabulary is what queries may use.
type Vocabulary struct {
	rows     map[string]metrics.Row
	recorded []string // by rules
}

// NewVocabulary returns the metrics of Recado, and those that rules record.
func NewVocabulary(recorded []string) Vocabulary {
	v := Vocabulary{map[string]metrics.Row{}, recorded}
	for _, r := range metrics.Reference() {
		names := []string{r.Name}
		if r.Type == "histogram" {
			names = []string{r.Name + "_bucket", r.Name + "_sum", r.Name + "_count"}
		}
		for _, name := range names {
			v.rows[name] = r
		}
	}
	return v
}

// Check returns an error if a query does not parse, or uses a metric, a label or a
// value of a label that does not exist: it would never find anything.
func (v Vocabulary) Check(query string) error {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return err
	}
	var wrong []error
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			wrong = append(wrong, v.checkSelector(s))
		}
		return nil
	})
	return errors.Join(wrong...)
}

func (v Vocabulary) checkSelector(s *parser.VectorSelector) error {
	row, known := v.rows[s.Name]
	switch {
	case s.Name == "up", slices.Contains(v.recorded, s.Name):
		return nil
	case !known:
		return fmt.Errorf("the metric %s does not exist", s.Name)
	}
	for _, m := range s.LabelMatchers {
		if err := checkMatcher(row, m); err != nil {
			return err
		}
	}
	return nil
}

func checkMatcher(row metrics.Row, m *labels.Matcher) error {
	switch {
	case m.Name == labels.MetricName, m.Name == "job", m.Name == "instance":
		return nil
	case m.Name == "le" && row.Type == "histogram":
		return nil
	}
	i := slices.IndexFunc(row.Labels, func(l metrics.RowLabel) bool { return l.Name == m.Name })
	if i < 0 {
		return fmt.Errorf("%s has no label %s", row.Name, m.Name)
	}
	for _, value := range strings.Split(m.Value, "|") {
		if values := row.Labels[i].Values; values != nil && !slices.Contains(values, value) {
			return fmt.Errorf("%s{%s=%q}: the values are %q", row.Name, m.Name, value, values)
		}
	}
	return nil
}
