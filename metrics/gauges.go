package metrics

import (
	"cmp"
	"math"
	"slices"

	"recado/domain"
)

// SetGauges shows what the lanes, the connections, the endpoints and the subscriptions have now.
// A kind of lane that g leaves out has nothing waiting; a subscription that it
// leaves out is gone.
func (m *Metrics) SetGauges(g domain.Gauges) {
	for _, lane := range domain.LaneKinds {
		m.set(waiting, float64(g.Backlog[lane]), string(lane))
		m.set(oldestWaiting, seconds(g.Oldest[lane]), string(lane))
		m.set(parked, float64(g.Parked[lane]), string(lane))
	}
	for _, k := range domain.Kinds() {
		for _, s := range domain.ConnectionStatuses {
			m.set(connections, float64(g.Connections[k][s]), string(k), string(s))
		}
	}
	for _, s := range domain.EndpointStatuses {
		m.set(endpoints, float64(g.Endpoints[s]), string(s))
	}
	m.setUsage(nearest(g.Usage, m.subscriptions))
}

func (m *Metrics) setUsage(usage []domain.Usage) {
	for _, i := range []metric{dialogsUsed, dialogsLimit, wabaAvailable, wabaReserved, wabaBought} {
		m.gauges[i].Reset()
	}
	for _, u := range usage {
		labels := []string{string(u.Company), string(u.ID), string(u.Kind), string(u.Tariff)}
		limit := math.Inf(1)
		if n := u.Limit(); n != domain.Unlimited {
			limit = float64(n)
		}
		m.set(dialogsUsed, float64(u.Dialogs), labels...)
		m.set(dialogsLimit, limit, labels...)
		if u.Kind.Traits().PaidDialogs {
			m.set(wabaAvailable, float64(u.PaidAvailable()), labels[:2]...)
			m.set(wabaBought, float64(u.WABADialogs), labels[:2]...)
			m.set(wabaReserved, float64(u.PaidReserved), labels[:2]...)
		}
	}
}

// nearest returns the n subscriptions that are nearest to one of their limits.
func nearest(usage []domain.Usage, n int) []domain.Usage {
	if n == AllSubscriptions || n >= len(usage) {
		return usage
	}
	usage = slices.Clone(usage)
	slices.SortStableFunc(usage, func(a, b domain.Usage) int { return cmp.Compare(nearness(b), nearness(a)) })
	return usage[:n]
}

// nearness is the part of a limit that is used: of the outgoing dialogs, or of the
// paid ones where that is more.
func nearness(u domain.Usage) float64 {
	part := func(used, of int64) float64 {
		if of <= 0 {
			return 0
		}
		return float64(used) / float64(of)
	}
	return max(part(u.Dialogs, u.Limit()), part(u.PaidReserved+u.PaidCommitted, u.WABADialogs))
}
