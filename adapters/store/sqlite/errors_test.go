package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/domain"
)

func TestAFullDiskKeepsNothingAndIsNoFaultOfTheData(t *testing.T) {
	s := office(t, t.TempDir())
	pages := func(sql string) {
		t.Helper()
		done, err := s.write.wait(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		if _, err := s.write.exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	pages(`PRAGMA max_page_count = 100`)
	_, err := s.Apply(t.Context(), domain.Batch{Updates: arrivals(1)})
	var data *domain.DataError
	if !errors.Is(err, domain.ErrUnavailable) || errors.As(err, &data) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("got %v", err)
	}
	chats, err := s.Chats(t.Context(), "acme", domain.ChatQuery{Limit: 10})
	if err != nil || len(chats) != 0 {
		t.Errorf("got %v, %v", chats, err)
	}
	pages(`PRAGMA max_page_count = 1000000`)
	if _, err := s.Apply(t.Context(), domain.Batch{Updates: arrivals(1)}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// After a statement of which nobody knows what it left behind, the next has a
// connection of its own, and the old one holds nothing.
func TestAConnectionInAnUnknownStateIsReplaced(t *testing.T) {
	s := office(t, t.TempDir())
	done, err := s.write.wait(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.write.exec(t.Context(), "BEGIN IMMEDIATE")
	s.write.drop()
	done()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), hooks(1)); err != nil {
		t.Error(err)
	}
}

func TestADamagedFileIsCalledDamaged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "recado.db"), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), dir, sealer(t))
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}

func TestTextThatIsNotUTF8IsBadData(t *testing.T) {
	s := office(t, t.TempDir())
	updates := arrivals(1)
	said := updates[7].Fact.(domain.MessageArrived)
	said.Text = "\xff"
	updates[7].Fact = said
	_, err := s.Apply(t.Context(), domain.Batch{Updates: updates})
	var data *domain.DataError
	if !errors.As(err, &data) {
		t.Errorf("got %v", err)
	}
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	dir := t.TempDir()
	s := office(t, dir)
	s.Close()
	if _, err := os.Stat(filepath.Join(dir, "recado.db-wal")); err == nil {
		t.Error("the file is not whole by itself")
	}
	if err := s.Append(t.Context(), hooks(1)); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Append gives %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Ping gives %v", err)
	}
}
