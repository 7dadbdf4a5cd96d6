package store

import (
	"testing"
	"time"
)

// What passed long ago is deleted; that a chat was met is not.
func TestOldMessagesAreDeleted(t *testing.T) {
	const now, day = 1_800_000_000_000, 24 * 60 * 60 * 1000
	stores(t, func(t *testing.T, s *Store) {
		see := func(tx *Tx, chat int64, message, days int) {
			t.Helper()
			if fresh, err := tx.See(chat, message, false); err != nil || !fresh {
				t.Fatalf("message %d: %t, %v", message, fresh, err)
			}
			if err := tx.exec(`UPDATE seen SET at = $2 WHERE connection = $1 AND message = $3`, now-int64(days)*day, message); err != nil {
				t.Fatal(err)
			}
		}
		const recent, silent, other = deletedAtOnce + 2, deletedAtOnce + 3, deletedAtOnce + 4
		s.must(t, func(tx *Tx) error {
			for message := 1; message < recent; message++ {
				see(tx, 1, message, 91)
			}
			see(tx, 1, recent, 89)
			see(tx, 2, silent, 400)
			return nil
		})
		err := s.Update(t.Context(), "tg-store-other", func(tx *Tx) error {
			see(tx, 1, other, 91)
			see(tx, 1, other+1, 91)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteSeen(t.Context(), connection, time.UnixMilli(now-90*day)); err != nil {
			t.Fatal(err)
		}
		s.must(t, func(tx *Tx) error {
			left, err := tx.numbers(`SELECT message FROM seen WHERE connection = $1 ORDER BY message`)
			if err != nil || len(left) != 2 || left[0] != recent || left[1] != silent {
				t.Errorf("left are %v, %v; want %d and %d", left, err, recent, silent)
			}
			if met, err := tx.Met(2); err != nil || !met {
				t.Errorf("a chat that was silent for a year was met: %t, %v", met, err)
			}
			return nil
		})
		var others int
		if err := s.db.QueryRow(`SELECT count(*) FROM seen WHERE connection = 'tg-store-other'`).Scan(&others); err != nil || others != 2 {
			t.Errorf("of another account %d are left, %v; want 2", others, err)
		}
	})
}

// A phone number that was looked up too long ago is deleted.
func TestOldPhoneNumbersAreDeleted(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			if err := tx.SetLookedUp("1", 2000); err != nil {
				return err
			}
			if err := tx.exec(`UPDATE looked_up SET at = at - $2 WHERE connection = $1`, LookedUpFor.Milliseconds()); err != nil {
				return err
			}
			return tx.SetLookedUp("2", 3000)
		})
		if err := s.DeleteLookedUp(t.Context(), connection); err != nil {
			t.Fatal(err)
		}
		s.must(t, func(tx *Tx) error {
			left, err := tx.numbers(`SELECT chat FROM looked_up WHERE connection = $1`)
			if len(left) != 1 || left[0] != 3000 {
				t.Errorf("left are those of %v, want 3000", left)
			}
			return err
		})
	})
}

// How far people read is remembered, so that a message which is stored later is read, too.
func TestReadsAreRemembered(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			for _, tt := range []struct{ read, through int }{{5, 5}, {9, 9}, {7, 9}} {
				_, err := tx.Read(2000, tt.read)
				through, err2 := tx.ReadThrough(2000)
				if through != tt.through || err != nil || err2 != nil {
					t.Errorf("after a read up to %d it is read up to %d, %v, %v; want %d", tt.read, through, err, err2, tt.through)
				}
			}
			if through, err := tx.ReadThrough(3000); through != 0 || err != nil {
				t.Errorf("another chat is read up to %d, %v", through, err)
			}
			return nil
		})
	})
}
