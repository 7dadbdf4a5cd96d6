package shared

import (
	"fmt"

	"recado/domain"
)

// Updates lists those of batches that are applied together.
func Updates(batches []domain.Batch) (updates []domain.Update) {
	if len(batches) == 1 {
		return batches[0].Updates
	}
	for _, b := range batches {
		updates = append(updates, b.Updates...)
	}
	return updates
}

// Settle decides the updates of batches, whose book it is, and has what came of
// them written. Receipts come also with ErrRollback, when there is nothing to write.
func Settle(
	batches []domain.Batch, updates []domain.Update, book *domain.Book,
	write func(domain.Writes, []domain.ParkedItem) ([]domain.EndpointID, error),
) ([]domain.Receipt, error) {
	results, err := book.Decide()
	if err != nil {
		return nil, err
	}
	stray := unrouted(updates, results)
	receipts := make([]domain.Receipt, len(batches))
	var parked []domain.ParkedItem
	taken := 0
	for i, b := range batches {
		receipts[i].Results, results = results[:len(b.Updates):len(b.Updates)], results[len(b.Updates):]
		parked = append(parked, b.Parked...)
		taken += len(b.Inbox)
	}
	parked = append(parked, stray...)
	writes := book.Writes()
	if writes.Empty() && taken+len(parked) == 0 {
		return receipts, ErrRollback
	}
	endpoints, err := write(writes, parked)
	for i := range receipts {
		receipts[i].Endpoints = endpoints
	}
	return receipts, err
}

// unrouted puts aside the updates for accounts that no connection has. They are
// tried again when such a connection is declared.
func unrouted(updates []domain.Update, results []domain.Result) (parked []domain.ParkedItem) {
	for i, r := range results {
		if u := updates[i]; r.Outcome == domain.Parked && u.Item != nil {
			parked = append(parked, domain.ParkedItem{
				Hook: u.Hook, Kind: u.Kind, Account: u.Account, Body: u.Item(),
				Error: fmt.Sprintf("no connection of hook %s has the account %q", u.Hook, u.Account),
			})
		}
	}
	return parked
}
