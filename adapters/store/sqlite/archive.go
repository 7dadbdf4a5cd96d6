package sqlite

import "recado/adapters/store/shared"

var dialect = shared.Dialect{
	ListChats: listChats,
	In:        "IN (%s)",
	Texts:     "json_each(%s) AS k",
	Parked:    "hook_id = $1 AND account = $2 AND id <= $3",
}

// listChats selects a page of a list of chats. See shared.Dialect.
const listChats = `
SELECT %[1]s FROM chats INDEXED BY %[5]s
WHERE %[2]s = %[3]s AND listed <= $2%[4]s AND (last_inbound_at, created_at, id) < ($3, $4, $5)
ORDER BY listed DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $6`
