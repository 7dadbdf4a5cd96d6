package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"recado/adapters/store/shared"
	"recado/domain"
)

// SQLite has no lists: they are JSON, in arguments and in columns.

// list writes values as JSON, for json_each.
func list[T any](values []T) string {
	if len(values) == 0 {
		return "[]"
	}
	data, err := json.Marshal(values)
	if err != nil {
		panic(err) // of strings and numbers
	}
	return string(data)
}

// pairs writes keys of two texts as JSON.
func pairs[T any](keys []T, both func(T) [2]string) string {
	values := make([][2]string, len(keys))
	for i, k := range keys {
		values[i] = both(k)
	}
	return list(values)
}

// bound writes the lists among the arguments as JSON.
func bound(args []any) []any {
	for i, a := range args {
		if texts, ok := a.([]string); ok {
			args[i] = list(texts)
		}
	}
	return args
}

// A row reads lists from JSON.
type row struct{ *sql.Rows }

// Scan implements shared.Row.
func (r row) Scan(dest ...any) error {
	for i, d := range dest {
		if texts, ok := d.(*[]string); ok {
			dest[i] = (*scanList)(texts)
		}
	}
	return r.Rows.Scan(dest...)
}

type scanList []string

// Scan implements sql.Scanner.
func (l *scanList) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("list of type %T", src)
	}
	return json.Unmarshal([]byte(text), (*[]string)(l))
}

// value is what a column gets of a row. Text must be UTF-8, as everywhere.
func value[T any](c shared.Column[T], of *T) (any, error) {
	switch {
	case c.Text != nil:
		text := shared.Plain(c.Text(of))
		if !utf8.ValidString(text) {
			return nil, &domain.DataError{Err: errors.New(c.Name + " is not UTF-8")}
		}
		return text, nil
	case c.Num != nil:
		return c.Num(of), nil
	case c.Flag != nil:
		return c.Flag(of), nil
	}
	return c.Blob(of), nil
}
