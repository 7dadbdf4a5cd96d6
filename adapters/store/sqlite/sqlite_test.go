package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"recado/adapters/store/shared"
	"recado/adapters/store/storetest"
	"recado/adapters/vault"
	"recado/domain"
)

func TestStore(t *testing.T) {
	empty := t.TempDir() // to copy a migrated database takes a tenth of the time of migrating one
	opened(t, empty).Close()
	storetest.Run(t, func(t *testing.T) domain.Store {
		t.Helper()
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(empty)); err != nil {
			t.Fatal(err)
		}
		i := insides{ahead: new(atomic.Int64)}
		var err error
		i.Store, err = open(t.Context(), dir, sealer(t), func() time.Time { return time.Now().Add(time.Duration(i.ahead.Load())) })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(i.Close)
		return i
	})
}

func opened(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, sealer(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var sealingKey = bytes.Repeat([]byte{7}, 32)

func sealer(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.New(sealingKey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// insides implements storetest.Insides.
type insides struct {
	*Store
	ahead *atomic.Int64 // of the true time
}

// A place is a column of a table.
type place struct{ table, column string }

func (s insides) places(ctx context.Context) ([]place, error) {
	return shared.List(ctx, alone{s.Store}, func(row shared.Row) (place, error) {
		var p place
		err := row.Scan(&p.table, &p.column)
		return p, err
	}, `
SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'goose_%'`)
}

// Forward implements storetest.Insides.
func (s insides) Forward(_ context.Context, d time.Duration) error {
	s.ahead.Add(int64(d))
	return nil
}

// Execute implements storetest.Insides.
func (s insides) Execute(ctx context.Context, sql string) error {
	return weighed{s.Store}.Execute(ctx, sql)
}

// Dump implements storetest.Insides.
func (s insides) Dump(ctx context.Context) ([]byte, error) {
	places, err := s.places(ctx)
	if err != nil {
		return nil, err
	}
	var all []byte
	for _, p := range places {
		err := s.read.query(ctx, func(row shared.Row) error {
			var value []byte
			err := row.Scan(&value)
			all = append(append(all, value...), '\n')
			return err
		}, fmt.Sprintf(`SELECT CAST(%s AS blob) FROM %s`, p.column, p.table))
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
