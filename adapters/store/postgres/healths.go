package postgres

import (
	"sync"

	"recado/domain"
)

// healths holds what this process knows of the health of endpoints beyond what is
// stored. Each stored change is a version of the row, which all who look for an endpoint
// pass over until it is removed, and without it an endpoint that works would leave one
// with every record.
type healths struct {
	mu sync.Mutex
	of map[domain.EndpointID]unstored
}

type unstored struct{ stored, health domain.EndpointHealth }

// latest returns the health of an endpoint beyond what is stored, unless somebody else
// stored another since.
func (h *healths) latest(id domain.EndpointID, stored domain.EndpointHealth) domain.EndpointHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	if u, found := h.of[id]; found && u.stored.Same(stored) {
		return u.health
	}
	return stored
}

// keep keeps the health for latest if it was not stored.
func (h *healths) keep(id domain.EndpointID, stored, health domain.EndpointHealth) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !health.MayWait(stored) {
		delete(h.of, id)
		return
	}
	if h.of == nil {
		h.of = map[domain.EndpointID]unstored{}
	}
	h.of[id] = unstored{stored, health}
}
