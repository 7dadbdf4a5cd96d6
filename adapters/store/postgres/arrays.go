package postgres

import (
	"fmt"
	"strings"

	"recado/adapters/store/shared"
)

// unnest writes rows as one array for each column: "unnest($1::text[], …)", its
// alias with the columns' names, and the arguments, numbered from first.
func unnest[T any](alias string, first int, cols []shared.Column[T], list []T) (string, []any) {
	var sql, names strings.Builder
	args := make([]any, len(cols))
	for i, c := range cols {
		typ := ""
		typ, args[i] = array(c, list)
		if i > 0 {
			sql.WriteString(", ")
			names.WriteString(", ")
		}
		fmt.Fprintf(&sql, "$%d::%s[]", first+i, typ)
		names.WriteString(c.Name)
	}
	return fmt.Sprintf("unnest(%s) AS %s(%s)", sql.String(), alias, names.String()), args
}

func array[T any](c shared.Column[T], list []T) (string, any) {
	switch {
	case c.Text != nil:
		return "text", gather(list, func(r *T) string { return shared.Plain(c.Text(r)) })
	case c.Num != nil:
		return "bigint", gather(list, c.Num)
	case c.Flag != nil:
		return "boolean", gather(list, c.Flag)
	}
	return "bytea", gather(list, c.Blob)
}

func gather[T, V any](list []T, get func(*T) V) []V {
	values := make([]V, len(list))
	for i := range list {
		values[i] = get(&list[i])
	}
	return values
}

// sets lists assignments from the alias: "a = u.a, b = u.b".
func sets[T any](cols []shared.Column[T], alias string) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = c.Name + " = " + alias + "." + c.Name
	}
	return strings.Join(list, ", ")
}
