package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"recado/domain"
)

// words parses a body of words. A word is an update but for "?", which cannot
// be read, "~", which concerns nobody, and "panic".
var words = fakeConnector{parse: func(body []byte) (p domain.Parsed) {
	for word := range strings.FieldsSeq(string(body)) {
		switch word {
		case "panic":
			panic("index out of range")
		case "?":
			p.Bad = append(p.Bad, domain.BadItem{Account: "a", Item: []byte(word), Error: "unreadable"})
		case "~":
			p.Ignored++
		default:
			p.Updates = append(p.Updates, domain.Update{
				Account: "a", Fact: domain.MessageArrived{Text: word}, Item: func() []byte {
					if word == "guilty-mute" {
						panic("nobody can write it")
					}
					return []byte(word)
				},
			})
		}
	}
	return p
}}

// An archive is a store that takes every update but the guilty ones, and parks all
// but the doomed.
type archive struct {
	inbox  []domain.Webhook
	early  []string // words of webhooks that were used up before they were stored
	stored []string
	parked []string
}

func (a *archive) store() *fakeStore {
	s := newStore()
	s.next = func(int) ([]domain.Webhook, error) { return a.inbox, nil }
	s.apply = func(b domain.Batch) (domain.Receipt, error) {
		bad := fmt.Errorf("apply: %w", &domain.DataError{Err: errors.New("no such character")})
		for _, u := range b.Updates {
			if text := u.Fact.(domain.MessageArrived).Text; strings.HasPrefix(text, "guilty") || strings.HasPrefix(text, "doomed") {
				return domain.Receipt{}, bad
			}
		}
		for _, p := range b.Parked {
			if strings.HasPrefix(string(p.Body), "doomed") {
				return domain.Receipt{}, bad
			}
		}
		for _, u := range b.Updates {
			a.stored = append(a.stored, u.Fact.(domain.MessageArrived).Text)
		}
		for _, p := range b.Parked {
			a.parked = append(a.parked, string(p.Body))
		}
		for _, h := range a.inbox {
			if !slices.Contains(b.Inbox, h.ID) || slices.Contains(a.parked, string(h.Body)) || strings.Contains(string(h.Body), "doomed panic") {
				continue
			}
			known := map[string]bool{"~": true}
			for _, word := range slices.Concat(a.stored, a.parked) {
				known[word] = true
			}
			for word := range strings.FieldsSeq(string(h.Body)) {
				if !known[word] && !strings.HasPrefix(word, "doomed") && !strings.HasSuffix(word, "mute") {
					a.early = append(a.early, word)
				}
			}
		}
		a.inbox = slices.DeleteFunc(slices.Clone(a.inbox), func(h domain.Webhook) bool { return slices.Contains(b.Inbox, h.ID) })
		return applied(b)
	}
	return s
}

// bodies are webhooks of WABA, numbered from 1.
func bodies(list ...string) (hooks []domain.Webhook) {
	for i, body := range list {
		hooks = append(hooks, domain.Webhook{
			ID: int64(i + 1), Hook: "meta", Kind: domain.WABA, Body: []byte(body), Received: time.Now(),
		})
	}
	return hooks
}

func TestInbox(t *testing.T) {
	tests := []struct {
		name   string
		bodies []string
		stored string
		parked []string
	}{
		{"keeps the order", []string{"a b", "c", "d e"}, "a b c d e", nil},
		{"takes an empty webhook", []string{""}, "", nil},
		{"parks what cannot be read, and not its neighbours", []string{"a ? b", "c"}, "a b c", []string{"?"}},
		{"ignores what concerns nobody", []string{"~ a ~"}, "a", nil},
		{"parks the whole of what a parser panics at", []string{"a", "b panic c", "d"}, "a d", []string{"b panic c"}},
		{"parks what the store cannot take, and not its neighbours", []string{"a b guilty c", "d"}, "a b c d", []string{"guilty"}},
		{"finds several guilty ones", []string{"guilty1 a guilty2", "b guilty3 ?"}, "a b", []string{"guilty1", "guilty2", "guilty3", "?"}},
		{"finds one that is alone", []string{"guilty"}, "", []string{"guilty"}},
		{"discards what it cannot even park, and not its neighbours", []string{"a doomed b", "doomed", "c guilty"}, "a b c", []string{"guilty"}},
		{"discards what cannot be parked of what cannot be read", []string{"a", "doomed panic", "b"}, "a b", nil},
		{"parks nothing of what the parser cannot write", []string{"a guilty-mute b"}, "a b", []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &archive{inbox: bodies(tt.bodies...)}
			s := newShop(t, a.store(), words)
			s.drain(t.Context(), "inbox:3")
			if got := strings.Join(a.stored, " "); got != tt.stored {
				t.Errorf("stored %q, want %q", got, tt.stored)
			}
			if diff := cmp.Diff(tt.parked, a.parked); diff != "" {
				t.Errorf("parked: %s", diff)
			}
			if len(a.early) > 0 || len(a.inbox) > 0 {
				t.Errorf("used up before all of it was stored: %v; left: %v", a.early, a.inbox)
			}
			all := strings.Join(tt.bodies, " ")
			for outcome, want := range map[domain.Outcome]int{
				domain.Applied: len(a.stored), domain.Parked: len(tt.parked), domain.Ignored: strings.Count(all, "~"),
				domain.Discarded: strings.Count(all, "doomed"),
			} {
				if n := s.counted(t, "recado_updates_total", "waba", string(outcome)); n != float64(want) {
					t.Errorf("counted %v updates as %s, want %d", n, outcome, want)
				}
			}
			if n := s.counted(t, "recado_apply_delay_seconds", "waba"); n != float64(len(tt.bodies)) {
				t.Errorf("measured %v webhooks, want %d", n, len(tt.bodies))
			}
		})
	}
}

func TestInboxLosesNothing(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "c", "guilty", "?", "doomed"})
	rapid.Check(t, func(rt *rapid.T) {
		var list []string
		var stored []string
		parked := 0
		for range rapid.IntRange(1, 5).Draw(rt, "webhooks") {
			body := rapid.SliceOfN(word, 0, 8).Draw(rt, "body")
			list = append(list, strings.Join(body, " "))
			for _, w := range body {
				switch w {
				case "guilty", "?":
					parked++
				case "doomed":
				default:
					stored = append(stored, w)
				}
			}
		}
		a := &archive{inbox: bodies(list...)}
		newShop(t, a.store(), words).drain(t.Context(), "inbox:3")
		if len(a.early) > 0 || !slices.Equal(a.stored, stored) || len(a.parked) != parked || len(a.inbox) != 0 {
			rt.Fatalf("stored %v, want %v; parked %v, want %d; left %d", a.stored, stored, a.parked, parked, len(a.inbox))
		}
	})
}

func TestAParkedUpdateKnowsWhereItCameFrom(t *testing.T) {
	a := &archive{inbox: bodies("guilty ?")}
	a.inbox = append(a.inbox, domain.Webhook{ID: 2, Hook: "bot", Kind: domain.TelegramBot, Body: []byte("whole")})
	store := a.store()
	apply := store.apply
	var parked []domain.ParkedItem
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		r, err := apply(b)
		if err == nil {
			parked = append(parked, b.Parked...)
		}
		return r, err
	}
	newShop(t, store, words).drain(t.Context(), "inbox:3")
	want := []domain.ParkedItem{
		{Hook: "meta", Kind: domain.WABA, Account: "a", Body: []byte("guilty"), Error: "bad data: no such character"},
		{Hook: "meta", Kind: domain.WABA, Account: "a", Body: []byte("?"), Error: "unreadable"},
		{Hook: "bot", Kind: domain.TelegramBot, Body: []byte("whole"), Error: "no connector for telegram_bot"},
	}
	if diff := cmp.Diff(want, parked); diff != "" {
		t.Error(diff)
	}
}

func TestInboxAfterAFailure(t *testing.T) {
	tests := []struct {
		name    string
		failure error
		stored  string
		applies int
		logged  bool
	}{
		{"goes on behind a worker that lost the lane", fmt.Errorf("apply: %w", domain.ErrTaken), "a ", 2, false},
		{"leaves all to a later turn while the store is away", domain.ErrUnavailable, "", 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &archive{inbox: bodies("a ~ ?")}
			store := a.store()
			apply, applies := store.apply, 0
			store.apply = func(b domain.Batch) (domain.Receipt, error) {
				if applies++; applies == 1 {
					return domain.Receipt{}, tt.failure
				}
				return apply(b)
			}
			s := newShop(t, store, words)
			s.drain(t.Context(), "inbox:3")
			if got := strings.Join(append(a.stored, ""), " "); got != tt.stored || applies != tt.applies {
				t.Errorf("stored %q, applied %d times", got, applies)
			}
			if logged := s.log.String() != ""; logged != tt.logged {
				t.Errorf("logged %q", s.log)
			}
			for _, o := range []domain.Outcome{domain.Applied, domain.Ignored, domain.Parked} {
				if n := s.counted(t, "recado_updates_total", "waba", string(o)); n != float64(len(a.stored)) {
					t.Errorf("counted %v as %s: what was not stored does not count", n, o)
				}
			}
		})
	}
}

func TestInboxYieldsTheLaneAfterItsSlice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.next = func(lane int) ([]domain.Webhook, error) {
			if lane != 3 {
				t.Errorf("asked for lane %d", lane)
			}
			return bodies("a"), nil
		}
		store.apply = func(b domain.Batch) (domain.Receipt, error) {
			time.Sleep(100 * time.Millisecond)
			return applied(b)
		}
		store.hasWork = func(domain.Lane) (bool, error) { return true, nil }
		s := newShop(t, store, words)
		begun := time.Now()
		s.drain(t.Context(), "inbox:3")
		if took := time.Since(begun); took != maxInboxTurn {
			t.Errorf("took %v", took)
		}
		if got := s.hinted(); !slices.Equal(got, []domain.Lane{"inbox:3"}) {
			t.Errorf("hinted %v, though more is due", got)
		}
	})
}

func TestSmallBatchesOfALaneAreApart(t *testing.T) {
	few, many := bodies("a"), slices.Repeat(bodies("a"), fullBatch)
	tests := []struct {
		name    string
		batches [][]domain.Webhook
		at      []time.Duration
	}{
		{"the first does not wait", [][]domain.Webhook{few}, []time.Duration{0}},
		{"behind a small one more gathers", [][]domain.Webhook{few, few}, []time.Duration{0, inboxPace}},
		{"behind a full one there is more", [][]domain.Webhook{many, few}, []time.Duration{0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newStore()
				begun, at := time.Now(), []time.Duration(nil)
				store.next = func(int) ([]domain.Webhook, error) {
					if len(at) == len(tt.batches) {
						return nil, nil
					}
					return tt.batches[len(at)], nil
				}
				store.apply = func(b domain.Batch) (domain.Receipt, error) {
					at = append(at, time.Since(begun))
					return applied(b)
				}
				newShop(t, store, words).drain(t.Context(), "inbox:3")
				if !slices.Equal(at, tt.at) {
					t.Errorf("applied at %v, want %v", at, tt.at)
				}
			})
		})
	}
}

func TestInboxHintsTheEndpointsThatHaveEvents(t *testing.T) {
	a := &archive{inbox: bodies("a guilty b")}
	store := a.store()
	apply := store.apply
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		r, err := apply(b)
		for _, u := range b.Updates {
			r.Endpoints = append(r.Endpoints, domain.EndpointID("crm-"+u.Fact.(domain.MessageArrived).Text))
		}
		return r, err
	}
	s := newShop(t, store, words)
	s.drain(t.Context(), "inbox:3")
	if diff := cmp.Diff([]domain.Lane{"callback:crm-a", "callback:crm-b"}, s.hinted()); diff != "" {
		t.Errorf("hinted: %s", diff)
	}
}

// A slow store takes so many updates before its time is over.
func (a *archive) slow(takes int) (store *fakeStore, tries *[]int) {
	store, tries = a.store(), new([]int)
	apply := store.apply
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		*tries = append(*tries, len(b.Updates))
		if len(b.Updates) > takes {
			time.Sleep(10 * time.Second)
			return domain.Receipt{}, fmt.Errorf("%w: %w", domain.ErrUnavailable, domain.ErrTimeout)
		}
		return apply(b)
	}
	return store, tries
}

func TestAStoreThatIsSlowIsAskedForLess(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bodies []string
	}{
		{"many webhooks", slices.Repeat([]string{"a"}, 500)},
		{"one webhook of many updates", []string{strings.Repeat("a ", 500)}},
		{"some of each", append(slices.Repeat([]string{"a"}, 100), strings.Repeat("a ", 400))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &archive{inbox: bodies(tt.bodies...)}
				store, tries := a.slow(30)
				s := newShop(t, store, words)
				s.keepAlive(t)
				begun := time.Now()
				for len(a.inbox) > 0 && time.Since(begun) < 10*time.Minute {
					s.drain(t.Context(), "inbox:3")
					time.Sleep(time.Second) // until the sweep finds it
				}
				if took := time.Since(begun); took > 2*time.Minute {
					t.Errorf("took %v, by %v", took, *tries)
				}
				if len(a.stored) != 500 || len(a.inbox) > 0 {
					t.Errorf("stored %d updates of 500, left %d webhooks", len(a.stored), len(a.inbox))
				}
			})
		})
	}
}

// One webhook may carry tens of thousands of messages.
func TestALargeWebhookIsStoredInPortions(t *testing.T) {
	a := &archive{inbox: bodies(strings.Repeat("a ? ", 16_500))}
	store, apply := a.store(), a.store().apply
	most, pieces := 0, 0
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		most = max(most, len(b.Updates)+len(b.Parked))
		pieces += len(b.Updates) + len(b.Parked)
		return apply(b)
	}
	newShop(t, store, words).drain(t.Context(), "inbox:3")
	if most > maxPortion || pieces != 33_000 || len(a.inbox) > 0 {
		t.Errorf("stored %d pieces, %d at once", pieces, most)
	}
}
