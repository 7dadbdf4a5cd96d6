package shared

import (
	"context"
	"fmt"
	"strings"

	"recado/domain"
)

func (d *declaration) endpoints(ctx context.Context, r domain.Registry) error {
	for _, e := range r.Endpoints {
		was, exists, err := find(ctx, d.tx, d.ScanEndpoint, SelectEndpoint, e.ID)
		if err != nil {
			return err
		}
		if !d.owned("endpoint", string(e.ID), exists, was.Company, e.Company) {
			continue
		}
		if exists && was.Origin == domain.EndpointOfAPI {
			d.lines = append(d.lines, fmt.Sprintf(
				"! endpoint %s: created through the API, it stays as it is; delete it there, or give the one in the file another id", e.ID))
			continue
		}
		if err := d.endpoint(ctx, e, was, exists); err != nil {
			return err
		}
	}
	return nil
}

// endpoint writes what differs of one endpoint. A new address or secret, and an
// apply after it was disabled, start it afresh.
func (d *declaration) endpoint(ctx context.Context, e, was domain.Endpoint, exists bool) error {
	afresh := was.Status == domain.EndpointDisabled || was.URL != e.URL || was.Secret != e.Secret
	status := domain.EndpointOK
	if was.Status == domain.EndpointPaused && !afresh {
		status = was.Status // its probes go on
	}
	if !d.compare("endpoint", string(e.ID), exists,
		fact{name: "url", before: was.URL, after: e.URL},
		fact{name: "secret", before: string(was.Secret), after: string(e.Secret), secret: true},
		fact{name: "previous_secret", before: string(was.Previous), after: string(e.Previous), secret: true},
		fact{name: "events", before: strings.Join(was.Events, " "), after: strings.Join(e.Events, " ")},
		fact{name: "batch", before: fmt.Sprint(was.Batch), after: fmt.Sprint(e.Batch)},
		fact{name: "status", before: string(was.Status), after: string(status)}) {
		return nil
	}
	e.Origin = domain.EndpointOfFile
	if !exists {
		created, err := d.insertEndpoint(ctx, d.tx, d.finds.expiry, e)
		if err == nil && !created {
			d.mistake("endpoint %s: a call took the id a moment ago, or an endpoint had it whose events are still being expired by the running service;"+
				" apply the file again later", e.ID)
		}
		return err
	}
	if err := d.updateEndpoint(ctx, d.tx, e); err != nil || !afresh {
		return err
	}
	return restartEndpoint(ctx, d.tx, was)
}
