package store

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"recado/adapters/vault"
	"recado/cmd/recado-telegram/store/storetest"
)

// connection is one that no other package holds: locks are those of the whole database.
const connection = "tg-store"

// stores runs a test over both databases.
func stores(t *testing.T, test func(*testing.T, *Store)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		s, err := Open(t.TempDir(), seal(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		test(t, s)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, openAt(t, storetest.Database(t)))
	})
}

func seal(t *testing.T) Sealer {
	t.Helper()
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func openAt(t *testing.T, at string) *Store {
	t.Helper()
	s, err := OpenPostgres(t.Context(), at, seal(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *Store) must(t *testing.T, do func(*Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), connection, do); err != nil {
		t.Fatal(err)
	}
}

func TestAnAccountIsRemembered(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			if a, err := tx.Account(); err != nil || a.Status != "logged_out" {
				t.Errorf("before anything: %+v, %v", a, err)
			}
			return tx.SetAccount(Account{UserID: 1000, Status: "working", At: 5})
		})
		if data, err := s.Session(t.Context(), connection); err != nil || data != nil {
			t.Errorf("a session: %q, %v", data, err)
		}
		if err := s.SetSession(t.Context(), connection, []byte("the session")); err != nil {
			t.Fatal(err)
		}
		if data, err := s.Session(t.Context(), connection); err != nil || string(data) != "the session" {
			t.Errorf("the session: %q, %v", data, err)
		}
		var stored []byte
		if err := s.db.QueryRow(`SELECT session FROM accounts`).Scan(&stored); err != nil || bytes.Contains(stored, []byte("the session")) {
			t.Errorf("it is stored as %q, %v", stored, err)
		}
		state := State{Pts: 7, Qts: 1, Date: 1767353000, Seq: 3}
		s.must(t, func(tx *Tx) error {
			return errors.Join(tx.SetState(State{}), tx.SetState(state), tx.SetChannel(1<<40, 9))
		})
		s.must(t, func(tx *Tx) error {
			got, known, err := tx.State()
			channels, err2 := tx.Channels()
			if got != state || !known || channels[1<<40] != 9 {
				t.Errorf("%+v, %t, %v", got, known, channels)
			}
			return errors.Join(err, err2)
		})
		claim := func(user int64) {
			t.Helper()
			s.must(t, func(tx *Tx) error {
				owner, err := tx.Claim(user)
				if owner != 1000 {
					t.Errorf("the connection is that of %d", owner)
				}
				return err
			})
		}
		claim(1000)
		if err := s.Forget(t.Context(), connection); err != nil {
			t.Fatal(err)
		}
		claim(1001)
		s.must(t, func(tx *Tx) error {
			a, err := tx.Account()
			_, known, err2 := tx.State()
			if a.UserID != 1000 || known {
				t.Errorf("after the login: %+v, a position: %t", a, known)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestAGroupThatMovedIsFound(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			return errors.Join(tx.SetMigrated(-500, -1000000000700), tx.SetMigrated(-500, -1000000000700))
		})
		s.must(t, func(tx *Tx) error {
			moved, err := tx.MigratedTo(-500)
			stays, err2 := tx.MigratedTo(-501)
			if moved != -1000000000700 || stays != 0 {
				t.Errorf("one moved to %d, the other to %d", moved, stays)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestPeersAreFound(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		ana := Peer{Chat: 2000, Hash: -1 << 62, Phone: "34600110022", Username: "ana_gil", First: "Ana", Bot: true}
		odd := Peer{Chat: 4000, First: "a\xffb\x00"}
		s.must(t, func(tx *Tx) error {
			return errors.Join(tx.SetPeer(Peer{Chat: 2000}), tx.SetPeer(Peer{Chat: 3000}), tx.SetPeer(ana), tx.SetPeer(odd))
		})
		s.must(t, func(tx *Tx) error {
			byID, _, err := tx.Peer(2000)
			byPhone, _, err2 := tx.PeerNamed("34600110022", "")
			byName, _, err3 := tx.PeerNamed("", "ana_gil")
			_, nobody, err4 := tx.PeerNamed("", "nobody")
			if byID != ana || byPhone != ana || byName != ana || nobody {
				t.Errorf("%+v, %+v, %+v, nobody: %t", byID, byPhone, byName, nobody)
			}
			return errors.Join(err, err2, err3, err4)
		})
	})
}

// The number of a person who hides it is kept, until it is somebody else's or was looked
// up too long ago.
func TestPhoneNumbersAreKept(t *testing.T) {
	const phone = "34600110022"
	hold := func(p Peer) func(*Tx) error { return func(tx *Tx) error { return tx.SetPeer(p) } }
	lookUp := func(chat int64) func(*Tx) error {
		return func(tx *Tx) error { return tx.SetLookedUp(phone, chat) }
	}
	age := func(by time.Duration) func(*Tx) error {
		return func(tx *Tx) error {
			return tx.exec(`UPDATE looked_up SET at = at - $2 WHERE connection = $1`, by.Milliseconds())
		}
	}
	for _, tt := range []struct {
		name  string
		steps []func(*Tx) error
		want  int64 // whose it is; zero: nobody's
	}{
		{"a person shows it", []func(*Tx) error{hold(Peer{Chat: 2000, Phone: phone})}, 2000},
		{"and hides it", []func(*Tx) error{hold(Peer{Chat: 2000, Phone: phone}), hold(Peer{Chat: 2000})}, 2000},
		{"and shows another", []func(*Tx) error{hold(Peer{Chat: 2000, Phone: phone}), hold(Peer{Chat: 2000, Phone: "1"})}, 0},
		{"it is somebody else's now", []func(*Tx) error{hold(Peer{Chat: 2000, Phone: phone}), hold(Peer{Chat: 3000, Phone: phone}), hold(Peer{Chat: 2000})}, 3000},
		{"it was looked up", []func(*Tx) error{hold(Peer{Chat: 2000}), lookUp(2000)}, 2000},
		{"it was looked up again", []func(*Tx) error{hold(Peer{Chat: 2000}), hold(Peer{Chat: 3000}), lookUp(2000), lookUp(3000)}, 3000},
		{"it was looked up, and somebody shows it", []func(*Tx) error{hold(Peer{Chat: 2000}), lookUp(2000), hold(Peer{Chat: 3000, Phone: phone})}, 3000},
		{"it was looked up, although somebody showed it once", []func(*Tx) error{hold(Peer{Chat: 2000, Phone: phone}), hold(Peer{Chat: 3000}), lookUp(3000)}, 3000},
		{"it was looked up long ago", []func(*Tx) error{hold(Peer{Chat: 2000}), lookUp(2000), age(LookedUpFor + time.Minute)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stores(t, func(t *testing.T, s *Store) {
				for _, step := range tt.steps {
					s.must(t, step)
				}
				s.must(t, func(tx *Tx) error {
					p, known, err := tx.PeerNamed(phone, "")
					if p.Chat != tt.want || known != (tt.want != 0) {
						t.Errorf("it is that of %d, known: %t; want %d", p.Chat, known, tt.want)
					}
					return err
				})
			})
		})
	}
}

func TestMessagesAreRemembered(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			fresh, err := tx.See(2000, 1, false)
			again, err2 := tx.See(2000, 1, false)
			if !fresh || again {
				t.Errorf("the first is new: %t, the second: %t", fresh, again)
			}
			_, err3 := tx.See(-1_000_000_000_005, 2, false)
			return errors.Join(err, err2, err3)
		})
		var asked Sent
		s.must(t, func(tx *Tx) (err error) { asked, err = tx.Ask("msg_1", "text a"); return err })
		if asked.Random != RandomOf(connection, "msg_1") || asked.Message != 0 {
			t.Errorf("asked: %+v", asked)
		}
		s.must(t, func(tx *Tx) error {
			asked, err := tx.Ask("msg_1", "text b") // it was not taken yet
			if asked.Content != "text b" {
				t.Errorf("asked again: %+v", asked)
			}
			return errors.Join(err, tx.Towards("msg_1", 2000), tx.Took("msg_1", 2000, 3, 1767353000))
		})
		want := Sent{"msg_1", RandomOf(connection, "msg_1"), "text b", 2000, 3, 1767353000}
		s.must(t, func(tx *Tx) error {
			asked, err := tx.Ask("msg_1", "text c")
			sent, known, err2 := tx.SentAs(want.Random)
			client, err3 := tx.ClientOf(2000, 3)
			if asked != want || sent != want || !known || client != "msg_1" {
				t.Errorf("%+v, %+v, %q", asked, sent, client)
			}
			return errors.Join(err, err2, err3)
		})
		s.must(t, func(tx *Tx) error {
			one, err := tx.ChatOf(1)
			ofChannel, err2 := tx.ChatOf(2)
			read, err3 := tx.Read(2000, 3)
			again, err4 := tx.Read(2000, 3)
			if one != 2000 || ofChannel != 0 || !slices.Equal(read, []int{3}) || len(again) != 0 {
				t.Errorf("the chats %d, %d; read %v, %v", one, ofChannel, read, again)
			}
			return errors.Join(err, err2, err3, err4)
		})
	})
}

func TestAFloodIsRemembered(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		s.must(t, func(tx *Tx) error {
			before, err := tx.Flooded()
			err2 := errors.Join(tx.SetFlooded(7), tx.SetFlooded(1767353000))
			until, err3 := tx.Flooded()
			_, err4 := tx.See(2000, 1, false)
			met, err5 := tx.Met(2000)
			stranger, err6 := tx.Met(3000)
			if before != 0 || until != 1767353000 || !met || stranger {
				t.Errorf("flooded until %d, then %d; met %t, a stranger %t", before, until, met, stranger)
			}
			return errors.Join(err, err2, err3, err4, err5, err6)
		})
	})
}

func TestWebhooksComeInTheOrderOfTheirChat(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		woken := 0
		s.OnWebhook(func() { woken++ })
		s.must(t, func(tx *Tx) error {
			return errors.Join(tx.AddWebhook(1, []byte(`{"a":1}`)), tx.AddWebhook(1, []byte(`{"a":2}`)), tx.AddWebhook(2, []byte(`{"b":1}`)))
		})
		if err := s.Update(t.Context(), connection, func(tx *Tx) error {
			return errors.Join(tx.AddWebhook(3, []byte(`{}`)), errors.New("rolled back"))
		}); err == nil || woken != 1 {
			t.Errorf("%v; woken %d times", err, woken)
		}
		due := func() []Webhook {
			t.Helper()
			list, _, err := s.Due(t.Context(), connection, 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first := due()
		if len(first) != 2 || string(first[0].Body) != `{"a":1}` || string(first[1].Body) != `{"b":1}` || first[0].ID >= first[1].ID {
			t.Fatalf("due: %+v", first)
		}
		later := time.Now().Add(time.Hour).Truncate(time.Millisecond)
		if err := errors.Join(s.Again(t.Context(), first[1].ID, later), s.Delivered(t.Context(), first[0].ID)); err != nil {
			t.Fatal(err)
		}
		list, next, err := s.Due(t.Context(), connection, 10)
		if err != nil || len(list) != 1 || string(list[0].Body) != `{"a":2}` || !next.Equal(later) {
			t.Errorf("then due: %+v, %v, %v", list, next, err)
		}
		if n, since, err := s.Waiting(t.Context(), connection); n != 2 || err != nil || time.Since(since) > time.Hour {
			t.Errorf("%d wait since %v, %v", n, since, err)
		}
	})
}

func TestADirectoryIsHeldByOne(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, seal(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, seal(t)); !errors.Is(err, ErrHeld) {
		t.Errorf("opened again: %v", err)
	}
	s.Close()
	if s, err = Open(dir, seal(t)); err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// Of two processes one holds an account, and the other takes over when the first stops,
// or when PostgreSQL ends its connection; then the context of the first ends.
func TestAnAccountIsHeldByOne(t *testing.T) {
	t.Parallel()
	at := storetest.Database(t)
	one, two := openAt(t, at), openAt(t, at)
	held := make(chan context.Context)
	hold := func(s *Store, until context.Context) chan error {
		ended := make(chan error, 1)
		go func() {
			ended <- s.Hold(until, connection, time.Millisecond, func(ctx context.Context) {
				held <- ctx
				<-ctx.Done()
			})
		}()
		return ended
	}
	ctx, stop := context.WithCancel(t.Context())
	first := hold(one, ctx)
	<-held
	waits := hold(two, t.Context())
	stop()
	if err := <-first; err != nil {
		t.Errorf("the first stopped: %v", err)
	}
	second := <-held
	third := hold(one, t.Context())
	if _, err := one.db.Exec(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
		AND granted AND (classid::bigint << 32) | objid::bigint = $1`, lockOf("account "+connection)); err != nil {
		t.Fatal(err)
	}
	<-second.Done()
	if err := <-waits; err == nil {
		t.Error("the second does not say that it lost the account")
	}
	<-held
	one.Close()
	_ = third // it ends with the test
}
