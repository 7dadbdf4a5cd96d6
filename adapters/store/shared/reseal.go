package shared

import "context"

// sealedColumns are where sealed values lie, and what they are sealed for.
var sealedColumns = []struct{ place, table, column string }{
	{"hook ", "hooks", "secrets"},
	{"connection ", "connections", "settings"},
	{"endpoint ", "endpoints", "secret"},
	{"endpoint ", "endpoints", "previous"},
}

// Reseal implements domain.Store. A value that another process changes at the same
// time is left to the next round.
func (q Queries) Reseal(ctx context.Context) (resealed int64, err error) {
	for {
		var changed, left int64
		for _, c := range sealedColumns {
			rows, err := List(ctx, q.db, scanSealed, `SELECT id, `+c.column+` FROM `+c.table)
			if err != nil {
				return resealed, err
			}
			for _, row := range rows {
				if !q.vault.SealedBefore(row.sealed) {
					continue
				}
				n, err := q.reseal(ctx, c.place+row.id, `UPDATE `+c.table+` SET `+c.column+` = $3 WHERE id = $1 AND `+c.column+` = $2`, row)
				if err != nil {
					return resealed, err
				}
				changed, left = changed+n, left+1-n
			}
		}
		if resealed += changed; left == 0 {
			return resealed, nil
		}
	}
}

// A sealedRow is a sealed value, and the id of its row.
type sealedRow struct {
	id     string
	sealed []byte
}

func scanSealed(row Row) (s sealedRow, err error) {
	err = row.Scan(&s.id, &s.sealed)
	return s, err
}

func (q Queries) reseal(ctx context.Context, place, update string, row sealedRow) (int64, error) {
	plain, err := q.unseal(row.sealed, place)
	if err != nil {
		return 0, err
	}
	sealed, err := q.seal(plain, place)
	if err != nil {
		return 0, err
	}
	return q.db.Exec(ctx, update, row.id, row.sealed, sealed)
}
