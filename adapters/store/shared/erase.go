package shared

import (
	"context"
	"fmt"
)

// erasures lists what erase deletes of a connection $2, and in which order: of its
// first chats what is queued and the messages, then those chats themselves.
var erasures = []struct{ table, of string }{
	{"outbox", "chat_id IN (" + firstChats + ")"},
	{"messages", "chat_id IN (" + firstChats + ")"},
	{"chats", "id IN (" + firstChats + ")"},
	{"aliases", "connection_id = $2"},
	{"orphans", "connection_id = $2"},
}

const firstChats = "SELECT id FROM chats WHERE connection_id = $2 ORDER BY peer_id LIMIT 10"

// erase deletes a bounded number of rows of a company that ended, and reports
// whether there may be more. Statement is that of TrimBy.
func (q Queries) erase(ctx context.Context, statement string) (more bool, err error) {
	connection, exists, err := find(ctx, q.db, Value[string], `SELECT connection_id FROM erasures ORDER BY connection_id LIMIT 1`)
	if err != nil || !exists {
		return false, err
	}
	marked, err := q.markMedia(ctx, `company_id = (SELECT company_id FROM erasures WHERE connection_id = $2)`, connection)
	if err != nil || marked > 0 {
		return marked > 0, err
	}
	for _, e := range erasures {
		n, err := q.db.Exec(ctx, fmt.Sprintf(statement, e.table, e.of), trimRows, connection)
		if err != nil {
			return false, err
		}
		if n == trimRows || n > 0 && e.table == "chats" {
			return true, nil
		}
	}
	_, err = q.db.Exec(ctx, `DELETE FROM erasures WHERE connection_id = $1`, connection)
	return true, err
}
