package shared

import (
	"fmt"
	"strings"
	"time"
)

// A Column of a table: its name and, of each row, its value. Exactly one of Text,
// Num, Flag and Bytes is set; it determines the type. Into is set for a column that is
// read back: it returns what Scan writes to.
type Column[T any] struct {
	Name  string
	Text  func(*T) string
	Num   func(*T) int64
	Flag  func(*T) bool
	Bytes func(*T) []byte
	Into  func(*T) any
}

func textColumn[T any, S ~string](name string, at func(*T) *S) Column[T] {
	return Column[T]{Name: name, Text: func(row *T) string { return string(*at(row)) }, Into: func(row *T) any { return at(row) }}
}

func numberColumn[T any, N ~int | ~int64](name string, at func(*T) *N) Column[T] {
	return Column[T]{Name: name, Num: func(row *T) int64 { return int64(*at(row)) }, Into: func(row *T) any { return at(row) }}
}

func flagColumn[T any](name string, at func(*T) *bool) Column[T] {
	return Column[T]{Name: name, Flag: func(row *T) bool { return *at(row) }, Into: func(row *T) any { return at(row) }}
}

func momentColumn[T any](name string, at func(*T) *time.Time) Column[T] {
	return Column[T]{Name: name, Num: func(row *T) int64 { return Millis(*at(row)) }, Into: func(row *T) any { return Moment(at(row)) }}
}

func bytesColumn[T any](name string, at func(*T) *[]byte) Column[T] {
	return Column[T]{Name: name, Bytes: func(row *T) []byte { return *at(row) }, Into: func(row *T) any { return at(row) }}
}

// jsonColumn holds a value as JSON, and an empty text for one that is empty.
func jsonColumn[T, V any](name string, at func(*T) *V, empty func(V) bool) Column[T] {
	return Column[T]{
		Name: name,
		Text: func(row *T) string { return jsonOf(*at(row), empty(*at(row))) },
		Into: func(row *T) any { return document{at(row)} },
	}
}

func isNil[V any](v *V) bool { return v == nil }

func isEmpty[V any](list []V) bool { return len(list) == 0 }

// A document reads a column of JSON into what it points to.
type document struct{ into any }

// Scan implements sql.Scanner.
func (d document) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("JSON of type %T", src)
	}
	return fromJSON(text, d.into)
}

// Blob is the value of a column of bytes. It is never nil, which would be NULL.
func (c Column[T]) Blob(of *T) []byte {
	if b := c.Bytes(of); b != nil {
		return b
	}
	return []byte{}
}

// Names lists the columns' names: "a, b, c".
func Names[T any](cols []Column[T]) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

// read lists the columns that are read back, each written as the format says: "m.%s".
func read[T any](format string, cols []Column[T]) string {
	var list []string
	for _, c := range cols {
		if c.Into != nil {
			list = append(list, fmt.Sprintf(format, c.Name))
		}
	}
	return strings.Join(list, ", ")
}

// scan scans a row of the columns that are read back, in their order.
func scan[T any](row Row, lists ...[]Column[T]) (T, error) {
	var t T
	var into []any
	for _, cols := range lists {
		for _, c := range cols {
			if c.Into != nil {
				into = append(into, c.Into(&t))
			}
		}
	}
	err := row.Scan(into...)
	return t, err
}

// scanWith scans a row of columns that are read back, and of more behind them.
func scanWith[T any](row Row, cols []Column[T], more ...any) (T, error) {
	return scan(behind{row, more}, cols)
}

type behind struct {
	Row
	more []any
}

// Scan implements Row.
func (b behind) Scan(dest ...any) error { return b.Row.Scan(append(dest, b.more...)...) }

// row returns the place holders and the values of a row, for an INSERT.
func row[T any](cols []Column[T], of *T) (holes string, args []any) {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = fmt.Sprintf("$%d", i+1)
		switch {
		case c.Text != nil:
			args = append(args, Plain(c.Text(of)))
		case c.Num != nil:
			args = append(args, c.Num(of))
		case c.Flag != nil:
			args = append(args, c.Flag(of))
		default:
			args = append(args, c.Blob(of))
		}
	}
	return strings.Join(list, ", "), args
}
