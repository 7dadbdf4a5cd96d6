package storetest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
	"recado/domain/domaintest"
)

// stories is how many random stories a test plays.
var stories = form{short: "20", long: "40"}

// orderAndRepeats tells one store many stories in order, and another one the
// same stories shuffled and repeated; afterwards both show the same.
func orderAndRepeats(t *testing.T, open func(*testing.T) domain.Store) {
	unlessAsked(t, "rapid.checks", stories)
	one, other := open(t), open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		story := domaintest.History(t, fmt.Sprint(n))
		inOrder, shuffled := show(t, one, story, story.InOrder()), show(t, other, story, story.Shuffled(t))
		if diff := domaintest.Diff(inOrder, shuffled); diff != "" {
			t.Fatalf("in order (-), shuffled (+):\n%s", diff)
		}
		hushed(t, one, story)
		hushed(t, other, story)
	})
}

// peopleOfManyNames tells a store of persons with several names; each has one chat.
func peopleOfManyNames(t *testing.T, open func(*testing.T) domain.Store) {
	unlessAsked(t, "rapid.checks", stories)
	s := open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		people := domaintest.Persons(t, fmt.Sprintf("people-%d", n))
		show(t, s, people.Story, nil)
		people.Check(func(updates []domain.Update) ([]domain.Result, error) {
			receipt, err := s.Apply(context.Background(), domain.Batch{Updates: updates})
			return receipt.Results, err
		}, func() []domain.Chat {
			chats, err := s.Chats(context.Background(), people.Company(), domain.ChatQuery{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			return chats
		})
	})
}

// A form of a test is how much it does, without the flag -long and with it.
type form struct{ short, long string }

// unlessAsked sets a flag of rapid for the time of a test, if nobody did.
func unlessAsked(t *testing.T, name string, value form) {
	t.Helper()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == name })
	f := flag.Lookup(name)
	if asked || f == nil {
		return
	}
	chosen := value.short
	if long := flag.Lookup("long"); long != nil && long.Value.String() == "true" {
		chosen = value.long
	}
	before := f.Value.String()
	if err := f.Value.Set(chosen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(before); err != nil {
			t.Error(err)
		}
	})
}

// show tells a store the batches of a story and reads what the company sees.
func show(t *rapid.T, s domain.Store, story domaintest.Story, batches [][]domain.Update) domaintest.View {
	t.Helper()
	ctx := context.Background()
	registry := story.Registry()
	for _, route := range story.Routes() {
		registry.Hooks = append(registry.Hooks, domain.Hook{ID: route.Account.Hook, Kind: route.Kind})
	}
	if _, err := s.Declare(ctx, registry, false); err != nil {
		t.Fatal(err)
	}
	err := story.Apply(func(updates []domain.Update) ([]domain.Result, error) {
		if _, overdue := updates[0].Fact.(domain.EvidenceOverdue); overdue {
			if i, ok := s.(Insides); ok {
				if err := i.Forward(ctx, 11*time.Minute); err != nil {
					return nil, err
				}
			}
		}
		receipt, err := s.Apply(ctx, domain.Batch{Updates: updates})
		return receipt.Results, err
	}, batches...)
	if err != nil {
		t.Fatal(err)
	}
	company := story.Company()
	chats, err := s.Chats(ctx, company, domain.ChatQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var messages []domain.Message
	for _, c := range chats {
		list, err := s.Messages(ctx, company, domain.MessageQuery{Chat: c.ID, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, list...)
	}
	return domaintest.Snapshot(chats, messages, nil)
}

// hushed checks that nothing of what blocked peers wrote is stored.
func hushed(t *rapid.T, s domain.Store, story domaintest.Story) {
	t.Helper()
	i, ok := s.(Insides)
	if !ok {
		return
	}
	all, err := i.Dump(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(all, []byte(story.Hushed)) {
		t.Fatal("a blocked peer's text is stored")
	}
}
