package shared

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// torn is a database in which the statements that name some tables fail. The others
// find nothing.
type torn struct {
	tables []string
	asked  *[]string
}

func (d torn) Query(_ context.Context, _ func(Row) error, sql string, _ ...any) error {
	return d.ask(sql)
}

func (d torn) Exec(_ context.Context, sql string, _ ...any) (int64, error) { return 0, d.ask(sql) }

func (d torn) ask(sql string) error {
	*d.asked = append(*d.asked, sql)
	for _, table := range d.tables {
		if strings.Contains(sql, table) {
			return fmt.Errorf("%s is torn", table)
		}
	}
	return nil
}

func TestATableThatCannotBeTrimmedKeepsNoOtherFromIt(t *testing.T) {
	var whole, asked []string
	for _, d := range []torn{{nil, &whole}, {[]string{"orphans", "signals", "erasures"}, &asked}} {
		q := NewQueries(d, d, func(context.Context, func(context.Context, Tx) error) error { return errors.New("no transaction") }, Dialect{}, nil)
		_, err := q.TrimBy(t.Context(), "DELETE FROM %[1]s WHERE %[2]s LIMIT $1")
		for _, part := range append(d.tables, "no transaction") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("the error %q does not name %s", err, part)
			}
		}
	}
	if strings.Join(asked, "\n") != strings.Join(whole, "\n") {
		t.Errorf("asked %q, want all of %q", asked, whole)
	}
}
