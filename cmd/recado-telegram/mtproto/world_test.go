package mtproto

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/messenger/telegram/telegramtest"
	"recado/adapters/vault"
	"recado/cmd/recado-telegram/dc"
	"recado/cmd/recado-telegram/store"
)

const connection = "tg-1"

// A fixture is an account, its database, and the data centre that it speaks to.
type fixture struct {
	*testing.T
	dc    *dc.World
	store *store.Store
	log   *lockedBuffer
	*Account
	stop func()
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

// newFixture logs an account in.
func newFixture(t *testing.T, changes ...func(*Config)) *fixture {
	t.Helper()
	seal, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.TempDir(), seal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	f := &fixture{T: t, dc: dc.New(t), store: s, log: &lockedBuffer{}}
	f.start(changes...)
	t.Cleanup(func() { f.stop() })
	f.eventually("a login can begin", func() bool { return f.Login(t.Context(), dc.Phone) == nil })
	if err := f.Code(t.Context(), dc.Code); err != nil {
		t.Fatal(err)
	}
	f.works()
	return f
}

// start runs the account, as a new process does.
func (f *fixture) start(changes ...func(*Config)) {
	cfg := Config{
		Connection: connection, APIID: 1, APIHash: "hash", Store: f.store, Telegram: f.dc.Telegram,
		Log: slog.New(slog.NewTextHandler(f.log, nil)),
	}
	for _, change := range changes {
		change(&cfg)
	}
	f.Account = New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Account.Run(ctx)
	}()
	f.stop = func() { cancel(); <-ended }
}

// restart stops the account, lets something happen, and runs it again.
func (f *fixture) restart(between func(), changes ...func(*Config)) {
	f.stop()
	between()
	f.start(changes...)
	f.works()
}

func (f *fixture) works() {
	f.Helper()
	f.eventually("the account works", func() bool { _, err := f.api(); return err == nil })
}

func (f *fixture) eventually(what string, is func() bool) {
	f.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	f.Fatalf("it is not true that %s; the log:\n%s", what, f.log.text())
}

// took takes what waits for Recado, and lists it: the field, and the words of it.
func (f *fixture) took() (all []string) {
	f.Helper()
	schema := telegramtest.ReadSchema(f, "../../../adapters/messenger/telegram", "update")
	for {
		due, _, err := f.store.Due(f.Context(), connection, 100)
		if err != nil {
			f.Fatal(err)
		}
		if len(due) == 0 {
			return all
		}
		for _, w := range due {
			if err := schema.Validate(append([]byte(`{"update_id":1,`), w.Body[1:]...)); err != nil {
				f.Errorf("%v: %s", err, w.Body)
			}
			all = append(all, inWords(f, w.Body))
			if err := f.store.Delivered(f.Context(), w.ID); err != nil {
				f.Fatal(err)
			}
		}
	}
}

// inWords is an update on a line.
func inWords(f *fixture, body []byte) string {
	var u map[string]struct {
		Text, Status string
		Outgoing     bool
		Client       string `json:"client_id"`
		IDs          []int  `json:"message_ids"`
		Chat         struct {
			ID    int64
			Title string
		}
		From struct {
			Name string `json:"first_name"`
		}
		Location *Location
		Venue    *Venue
		Contact  *Contact
	}
	if err := json.Unmarshal(body, &u); err != nil || len(u) != 1 {
		f.Errorf("%s: %v", body, err)
	}
	for field, v := range u {
		words := []string{field, v.Text + v.Status + sharedWords(v.Location, v.Venue, v.Contact)}
		if v.Chat.ID < 0 {
			words = append(words, fmt.Sprintf("in %d %s by %s", v.Chat.ID, v.Chat.Title, v.From.Name))
		}
		if v.Outgoing {
			words = append(words, "outgoing")
		}
		if v.Client != "" {
			words = append(words, v.Client)
		}
		for _, id := range v.IDs {
			words = append(words, "#"+string(rune('0'+id%10)))
		}
		return strings.Join(words, " ")
	}
	return ""
}

// sharedWords is what is in a message in place of a text; empty: nothing is.
func sharedWords(l *Location, v *Venue, c *Contact) string {
	switch {
	case v != nil && *l == v.Location:
		return fmt.Sprintf("at %v %v %s %s", l.Latitude, l.Longitude, v.Title, v.Address)
	case l != nil:
		return fmt.Sprintf("at %v %v", l.Latitude, l.Longitude)
	case c != nil:
		return fmt.Sprintf("contact %s %s %s %s", c.Phone, c.First, c.Last, c.VCard)
	}
	return ""
}

// comes waits until an update with these words came, and returns all that came.
func (f *fixture) comes(words string) (all []string) {
	f.Helper()
	f.eventually(words+" comes", func() bool {
		all = append(all, f.took()...)
		return strings.Contains(strings.Join(all, "\n"), words)
	})
	return all
}

// reaches waits until the stored position is at the end of Telegram's log.
func (f *fixture) reaches() {
	f.Helper()
	f.eventually("the position is stored", func() bool {
		var st store.State
		err := f.store.Update(f.Context(), connection, func(t *store.Tx) (err error) { st, _, err = t.State(); return err })
		return err == nil && st.Pts == f.dc.Position()
	})
}

// stands is how the account fares in the database, and whether a position is stored there.
func (f *fixture) stands() (now store.Account, positioned bool) {
	err := f.store.Update(f.Context(), connection, func(t *store.Tx) (err error) {
		if now, err = t.Account(); err == nil {
			_, positioned, err = t.State()
		}
		return err
	})
	if err != nil {
		f.Error(err)
	}
	return now, positioned
}
