package shared

import (
	"testing"

	"recado/domain"
)

func TestEveryKindOfLanesHasItsQueries(t *testing.T) {
	for _, row := range domain.Lanes {
		q := laneQueries[row.Kind]
		if q.due == "" || q.waiting == "" || q.oldest == "" {
			t.Errorf("%s lacks one", row.Kind)
		}
		if row.Parks != (q.parked != "" && q.discard != "" && q.unpark != nil) {
			t.Errorf("%s parks: %t, and its queries say otherwise", row.Kind, row.Parks)
		}
	}
	if len(laneQueries) != len(domain.Lanes) {
		t.Errorf("queries of %d kinds, of %d that there are", len(laneQueries), len(domain.Lanes))
	}
}
