package domain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"recado/domain"
	"recado/domain/domaintest"
)

// Invariant 3: every update may come twice, late, or in another order. Exempt
// are `failed` against a later status, the moment of a block, the numbers seq
// and inbound_seq, and the sequence of events; see TestWhatTheOrderMayDecide.
func TestOrderAndRepeatsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		inOrder, shuffled := applied(t, story, story.InOrder()), applied(t, story, story.Shuffled(t))
		if diff := domaintest.Diff(inOrder.view(), shuffled.view()); diff != "" {
			t.Fatalf("in order (-), shuffled (+):\n%s", diff)
		}
	})
}

// Rules 44 and 47: a person is one chat, whatever name is used and told when.
func TestAPersonIsOneChat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := domaintest.Persons(t, "run")
		s := open(people.Routes())
		people.Check(s.apply, func() []domain.Chat { return slices.Collect(maps.Values(s.chats)) })
	})
}

func TestARepeatOfEverythingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		s := applied(t, story, story.InOrder())
		chats, messages, events, orphans := maps.Clone(s.chats), maps.Clone(s.messages), len(s.events), len(s.orphans)
		if err := story.Apply(s.apply, story.Updates); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(chats, s.chats) + cmp.Diff(messages, s.messages); diff != "" {
			t.Fatalf("once (-), twice (+):\n%s", diff)
		}
		if len(s.events) != events || len(s.orphans) != orphans {
			t.Fatalf("%d events and %d orphans after a repeat, had %d and %d", len(s.events), len(s.orphans), events, orphans)
		}
	})
}

func TestStatusesNeverGoBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(before, after *memory) {
			for id, m := range after.messages {
				was, known := before.messages[id]
				lifted := known && was.Status == domain.Failed && was.Failure.Reason == domain.ReasonOutcomeUnknown
				if known && m.Status != was.Status && !was.Status.May(m.Status) && !lifted {
					t.Fatalf("message %s went from %s to %s", id, was.Status, m.Status)
				}
				if (m.Status == domain.Failed) != (m.Failure != nil) {
					t.Fatalf("message %s is %q with the failure %v", id, m.Status, m.Failure)
				}
			}
		})
	})
}

func TestUnansweredIsWhatWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(_, s *memory) {
			for id, c := range s.chats {
				var count int64
				var oldest time.Time
				for _, m := range s.messages {
					if m.Chat == id && waits(c, m) {
						count++
						if oldest.IsZero() || m.At.Before(oldest) {
							oldest = m.At
						}
					}
				}
				if c.Unanswered != count || !c.WaitingSince.Equal(oldest) {
					t.Fatalf("chat of %s: %d unanswered since %s; %d messages wait since %s", c.Peer, c.Unanswered, c.WaitingSince, count, oldest)
				}
			}
		})
	})
}

func TestSeqRisesByOnePerEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(_, s *memory) {
			last := map[domain.ChatID]int64{}
			for _, e := range s.events {
				last[e.Chat]++
				if e.Seq != last[e.Chat] || !strings.Contains(string(e.Body), fmt.Sprintf(`"seq":%d,`, e.Seq)) {
					t.Fatalf("event %d of chat %s has seq %d and says %s", last[e.Chat], e.Chat, e.Seq, e.Body)
				}
			}
			for id, c := range s.chats {
				if c.Seq != last[id] {
					t.Fatalf("chat %s has seq %d after %d events", id, c.Seq, last[id])
				}
			}
		})
	})
}

func TestNoOrphanWaitsForAMessageThatExists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(_, s *memory) {
			for _, m := range s.messages {
				for key := range s.orphans {
					if key.ProviderKey == (domain.ProviderKey{Connection: m.Connection, ProviderID: m.ProviderID}) {
						t.Fatalf("an orphan waits for message %s", m.ID)
					}
				}
			}
		})
	})
}

// Rule 9: what a blocked peer writes is stored nowhere.
func TestABlockedPeersTextIsNowhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(_, s *memory) {
			all, err := json.Marshal([]any{
				slices.Collect(maps.Values(s.chats)), slices.Collect(maps.Values(s.messages)),
			})
			if err != nil {
				t.Fatal(err)
			}
			texts := []string{string(all)}
			for _, o := range s.orphans {
				texts = append(texts, string(o.Fact))
			}
			for _, e := range s.events {
				texts = append(texts, string(e.Body))
			}
			for _, text := range texts {
				if strings.Contains(text, story.Hushed) {
					t.Fatalf("a blocked peer's text is stored: %s", text)
				}
			}
		})
	})
}

// applied returns a new store after the batches of the story.
func applied(t *rapid.T, story domaintest.Story, batches [][]domain.Update) *memory {
	t.Helper()
	s := open(story.Routes())
	if err := story.Apply(s.later, batches...); err != nil {
		t.Fatal(err)
	}
	return s
}

// watch applies the story shuffled, and calls look after each batch.
func watch(t *rapid.T, story domaintest.Story, look func(before, after *memory)) {
	t.Helper()
	s := open(story.Routes())
	err := story.Apply(func(updates []domain.Update) ([]domain.Result, error) {
		before := &memory{chats: maps.Clone(s.chats), messages: maps.Clone(s.messages)}
		results, err := s.later(updates)
		look(before, s)
		return results, err
	}, story.Shuffled(t)...)
	if err != nil {
		t.Fatal(err)
	}
}

// later applies the updates; the clock jumps to the end of the wait for
// evidence where they ask for it.
func (s *memory) later(updates []domain.Update) ([]domain.Result, error) {
	if _, due := updates[0].Fact.(domain.EvidenceOverdue); due {
		s.now = s.now.Add(10 * time.Minute)
		defer func() { s.now = s.now.Add(-10 * time.Minute) }()
	}
	return s.apply(updates)
}

// Rule 28: whatever came first, a dialog counts if the earliest of ours that was
// not refused is earlier than the earliest of theirs; and the sums agree, also
// those of the paid dialogs.
func TestADialogCountsIfOursWasFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story := domaintest.History(t, "run")
		watch(t, story, func(_, s *memory) {
			sums := map[domain.CountKey]int64{}
			for id, c := range s.chats {
				for month, ours := range s.oursFirst(id) {
					if got := dialogOf(c, month).Outgoing(); got != (ours && !c.IsGroup) {
						t.Fatalf("the dialog of %s in %s counts: %t; ours was first: %t, a group: %t", c.Peer, month, got, ours, c.IsGroup)
					}
					if ours && !c.IsGroup {
						sums[domain.CountKey{Subscription: domain.SubscriptionID(c.Connection), Month: month}]++
					}
				}
				if !c.PaidDialog.OpenedAt.IsZero() { // reserved or committed: each story knows one of a chat
					sums[domain.CountKey{Subscription: domain.SubscriptionID(c.Connection), Month: domain.PaidDialogs}]++
				}
			}
			for key, c := range s.counts {
				if c.Used != sums[key] {
					t.Fatalf("%d dialogs in %+v, want %d", c.Used, key, sums[key])
				}
				delete(sums, key)
			}
			for key, n := range sums {
				if n != 0 {
					t.Fatalf("no count of %d dialogs in %+v", n, key)
				}
			}
		})
	})
}

func dialogOf(c domain.Chat, month string) domain.Dialog {
	for _, d := range c.Dialogs {
		if d.Month == month {
			return d
		}
	}
	return domain.Dialog{}
}

// oursFirst tells of each month of a chat, by its messages, whether we wrote first.
func (s *memory) oursFirst(chat domain.ChatID) map[string]bool {
	ours, theirs, months := map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}
	for _, m := range s.messages {
		if m.Chat != chat || givenBack(m) {
			continue
		}
		first := ours
		if m.Direction == domain.Inbound {
			first = theirs
		}
		month := domain.Month(m.At, time.UTC)
		if at, known := first[month]; !known || m.At.Before(at) {
			first[month] = m.At
		}
	}
	for month, at := range ours {
		first, wrote := theirs[month]
		months[month] = !wrote || at.Before(first)
	}
	return months
}

// givenBack reports whether a message failed before the messenger accepted it.
func givenBack(m domain.Message) bool {
	return m.Status == domain.Failed && (m.Failure.Reason == domain.ReasonNoAccount ||
		m.SentAt.IsZero() && m.ProviderID == "" && m.Failure.Reason != domain.ReasonOutcomeUnknown)
}
