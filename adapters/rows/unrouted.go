package rows

import (
	"fmt"

	"recado/domain"
)

// Unrouted puts aside the updates for accounts that no connection has. They
// are tried again when such a connection is declared.
func Unrouted(updates []domain.Update, results []domain.Result) []domain.ParkedItem {
	var parked []domain.ParkedItem
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
