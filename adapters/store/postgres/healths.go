package postgres

import (
	"sync"

	"recado/domain"
)

// healths holds what this process knows of the health of endpoints beyond what is
// stored. Each change that is stored leaves a version of the row, which every search for
// the endpoint reads until it is removed; an endpoint that works would leave one with
// every record.
type healths struct{ of sync.Map } // of an unstored by domain.EndpointID

type unstored struct{ stored, health domain.EndpointHealth }

// latest returns the health as this process last recorded it, unless the one that is
// stored has changed since.
func (h *healths) latest(id domain.EndpointID, stored domain.EndpointHealth) domain.EndpointHealth {
	if u, found := h.of.Load(id); found && u.(unstored).stored.Same(stored) {
		return u.(unstored).health
	}
	return stored
}

// keep keeps a health for latest if it was not stored. What was stored is forgotten: an
// endpoint that begins anew under the same id may have the same health as before it.
func (h *healths) keep(id domain.EndpointID, stored, health domain.EndpointHealth) {
	if health.MayWait(stored) {
		h.of.Store(id, unstored{stored, health})
	} else {
		h.of.Delete(id)
	}
}
