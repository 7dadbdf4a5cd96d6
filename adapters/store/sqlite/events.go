package sqlite

import (
	"context"
	"slices"

	"recado/adapters/store/shared"
	"recado/domain"
)

const selectListeners = `
SELECT id, company_id, events FROM endpoints
WHERE company_id IN (SELECT value FROM json_each($1))
ORDER BY id`

const insertDelivery = `
INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at) VALUES (?, ?, ?, now_ms())`

// insertEvents stores events and gives each to each endpoint that wants it, in their
// order. It returns the endpoints.
func insertEvents(ctx context.Context, t *tx, events []domain.Event) ([]domain.EndpointID, error) {
	if len(events) == 0 {
		return nil, nil
	}
	if err := insertFeed(ctx, t, events); err != nil {
		return nil, err
	}
	listeners, err := shared.List(ctx, t, scanListener, selectListeners, list(companies(events)))
	if err != nil {
		return nil, err
	}
	var endpoints []domain.EndpointID
	for _, e := range events {
		for _, l := range listeners {
			if l.Company != e.Company || !slices.Contains(l.Events, "*") && !slices.Contains(l.Events, string(e.Type)) {
				continue
			}
			if _, err := t.Exec(ctx, insertDelivery, string(l.ID), string(e.ID), string(e.Chat)); err != nil {
				return nil, err
			}
			if !slices.Contains(endpoints, l.ID) {
				endpoints = append(endpoints, l.ID)
			}
		}
	}
	return endpoints, nil
}

func scanListener(row shared.Row) (domain.Endpoint, error) {
	var e domain.Endpoint
	err := row.Scan(&e.ID, &e.Company, &e.Events)
	return e, err
}

func companies(events []domain.Event) []domain.CompanyID {
	var ids []domain.CompanyID
	for _, e := range events {
		if !slices.Contains(ids, e.Company) {
			ids = append(ids, e.Company)
		}
	}
	return ids
}
