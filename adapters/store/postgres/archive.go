package postgres

import "recado/adapters/store/shared"

var dialect = shared.Dialect{
	ListChats: listChats,
	In:        "= ANY (ARRAY(%s)) -- plan 2\n",
	Texts:     "unnest(CAST(%s AS text[])) AS k(value)",
	Parked:    "(hook_id, account, id) >= ($1, $2, 0) AND (hook_id, account, id) <= ($1, $2, $3) -- plan 1\n",
	AwaitWriters: []string{ // in the order in which apply takes the rows; readers are not waited for
		`SET LOCAL lock_timeout = '2s'`, `LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE`, `LOCK TABLE chats IN EXCLUSIVE MODE`,
	},
}

// listChats selects a page of a list of chats. See shared.Dialect. WITH TIES reads the
// last ten minutes of the page to their end, so that it can be sorted within them.
const listChats = `
SELECT %[1]s FROM (
    SELECT %[1]s, listed FROM chats
    WHERE %[2]s >= %[3]s AND (%[2]s, listed) <= (%[3]s, $2)%[4]s -- plans 1, 4
      AND (last_inbound_at, created_at, id) < ($3, $4, $5)
    ORDER BY %[2]s DESC, listed DESC FETCH FIRST $6 ROWS WITH TIES
) c
ORDER BY listed DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $6`
