package shared

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"recado/domain"
)

// The webhooks that were parked for a connection go back into the inbox once it is
// declared. They may be very many: a first portion goes with the registry, and Trim puts
// back the rest. The account's row in unparking says up to which id: what cannot be read
// is parked again, with a greater one.

// unparking are the statements that put back what is parked of the account $2 of a hook
// $1, up to an id $3.
type unparking struct {
	portion string // selects the last id of a portion, whose bodies it does not read; 0: nothing is left
	take    string // removes what is parked, as ScanWebhook scans it
	left    string // selects something if anything is left
}

func newUnparking(d Dialect) unparking {
	return unparking{
		portion: fmt.Sprintf(`
SELECT coalesce(max(id), 0) FROM (
    SELECT id, size, sum(size) OVER (ORDER BY id) AS total FROM (
        SELECT id, length(body) AS size FROM parked WHERE %s
        ORDER BY hook_id, account, id LIMIT %d
    ) oldest
) sized
WHERE total <= %d OR total = size`, d.Parked, domain.InboxBatchRows, domain.InboxBatchBytes),
		take: takeParked + d.Parked + returningWebhook,
		left: `SELECT 1 FROM parked WHERE ` + d.Parked + ` LIMIT 1`,
	}
}

const (
	insertUnparking = `
INSERT INTO unparking (hook_id, account, up_to) VALUES ($1, $2, (SELECT max(id) FROM parked))
ON CONFLICT (hook_id, account) DO UPDATE SET up_to = excluded.up_to`
	lockUnparking = `UPDATE unparking SET up_to = up_to WHERE hook_id = $1 AND account = $2 RETURNING up_to`
)

// account puts back what is parked of an account, and returns how much that is, up to
// countMax.
func (u unparking) account(ctx context.Context, tx Tx, a domain.AccountKey) (int64, error) {
	n, err := One(ctx, tx, Value[int64], fmt.Sprintf(`
SELECT count(*) FROM (SELECT 1 FROM parked WHERE hook_id = $1 AND account = $2 LIMIT %d) p`, countMax), a.Hook, a.Account)
	if err != nil || n == 0 {
		return 0, err
	}
	if _, err := tx.Exec(ctx, insertUnparking, a.Hook, a.Account); err != nil {
		return 0, err
	}
	_, err = u.step(ctx, tx, a)
	return n, err
}

// unparkRest puts back a portion of what the registry left.
func (q Queries) unparkRest(ctx context.Context) (more bool, err error) {
	accounts, err := List(ctx, q.db, scanAccountKey, `SELECT hook_id, account FROM unparking ORDER BY hook_id, account LIMIT 2`)
	if err != nil || len(accounts) == 0 {
		return false, err
	}
	err = q.transact(ctx, func(ctx context.Context, tx Tx) (err error) {
		more, err = q.finds.unparking.step(ctx, tx, accounts[0])
		return err
	})
	return more || len(accounts) > 1, err
}

// step puts back the first of what is left of an account, and reports whether there is
// more. Who else does so waits for it, so that their order stays.
func (u unparking) step(ctx context.Context, tx Tx, a domain.AccountKey) (more bool, err error) {
	upTo, left, err := find(ctx, tx, Value[int64], lockUnparking, a.Hook, a.Account)
	if err != nil || !left {
		return false, err
	}
	last, err := One(ctx, tx, Value[int64], u.portion, a.Hook, a.Account, upTo)
	if err != nil {
		return false, err
	}
	if _, err := unpark(ctx, tx, u.take, a.Hook, a.Account, last); err != nil {
		return false, err
	}
	_, more, err = find(ctx, tx, Value[int], u.left, a.Hook, a.Account, upTo)
	if err == nil && !more {
		_, err = tx.Exec(ctx, `DELETE FROM unparking WHERE hook_id = $1 AND account = $2`, a.Hook, a.Account)
	}
	return more, err
}

const (
	takeParked       = `DELETE FROM parked WHERE `
	returningWebhook = ` RETURNING id, hook_id, kind, at, body`
)

// unpark puts parked parts of webhooks, which a statement takes, back into the inbox in
// their order.
func unpark(ctx context.Context, tx Tx, take string, args ...any) (int64, error) {
	back, err := List(ctx, tx, ScanWebhook, take, args...)
	if err != nil || len(back) == 0 {
		return 0, err
	}
	slices.SortFunc(back, func(x, y domain.Webhook) int { return cmp.Compare(x.ID, y.ID) })
	return int64(len(back)), tx.Put(ctx, back)
}
