package postgres

import "recado/adapters/store/shared"

var dialect = shared.Dialect{
	ListChats: listChats,
	In:        "= ANY (ARRAY(%s))",
	Texts:     "unnest(CAST(%s AS text[])) AS k(value)",
}

// listChats selects a page of a list of chats. See shared.Dialect. The page is a
// range of one in the order of an index that is named in full: whatever a plan is
// made for, it reads that index in its order.
const listChats = `
SELECT %[1]s FROM (
    SELECT %[1]s, listed, %[2]s AS scope FROM chats
    WHERE %[2]s >= %[3]s AND (%[2]s, listed) <= (%[3]s, $2)%[4]s
    ORDER BY %[2]s DESC, listed DESC%[6]s
) c
WHERE (last_inbound_at, created_at, id) < ($3, $4, $5)
ORDER BY scope DESC, listed DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $6`
