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

// Settle takes the last step of a book of batches: it decides, and calls write
// with what is to be stored. When that is nothing it returns ErrRollback, and the
// receipts as well.
func Settle(
	batches []domain.Batch, updates []domain.Update, book *domain.Book,
	write func(domain.Writes, []domain.ParkedItem) ([]domain.EndpointID, error),
) ([]domain.Receipt, error) {
	results, err := book.Decide()
	if err != nil {
		return nil, err
	}
	strays := unrouted(updates, results)
	receipts := make([]domain.Receipt, len(batches))
	var parked []domain.ParkedItem
	taken := 0
	for i, b := range batches {
		receipts[i].Results, results = results[:len(b.Updates):len(b.Updates)], results[len(b.Updates):]
		parked = append(parked, b.Parked...)
		taken += len(b.Inbox)
	}
	parked = append(parked, strays...)
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

// unrouted parks the updates for accounts that no connection has. They are
// retried when such a connection is declared.
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
