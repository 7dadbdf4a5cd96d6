package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A slowStore takes a second to apply, and remembers what it applied together.
type slowStore struct {
	mu      sync.Mutex
	applied [][]string
	errs    map[string]error // by what the command names
}

func named(u domain.Update) string { return string(u.Fact.(domain.NoReplyNeeded).Chat) }

func (s *slowStore) Apply(_ context.Context, b domain.Batch) (r domain.Receipt, err error) {
	time.Sleep(time.Second)
	var names []string
	for _, u := range b.Updates {
		name := named(u)
		switch {
		case name == "panics":
			panic("at the disco")
		case s.errs[name] != nil:
			err = s.errs[name]
		}
		names = append(names, name)
		r.Results = append(r.Results, domain.Result{Chat: domain.Chat{ID: domain.ChatID(name)}})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applied = append(s.applied, names)
	return r, err
}

// together applies commands that come at once, in this order, and returns what
// each caller is told.
func (s *slowStore) together(names ...string) map[string]error {
	g := &gatherer{chats: s}
	told := map[string]error{}
	var callers sync.WaitGroup
	for _, name := range names {
		callers.Go(func() {
			result, _, err := g.apply(domain.Update{Fact: domain.NoReplyNeeded{Chat: domain.ChatID(name)}})
			if err == nil && string(result.Chat.ID) != name {
				err = fmt.Errorf("is told of %s", result.Chat.ID)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			told[name] = err
		})
		synctest.Wait()
	}
	callers.Wait()
	return told
}

func TestACommandThatComesAloneWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{}
		begun := time.Now()
		told := s.together("a", "b", "c")
		if took := time.Since(begun); took != time.Second || len(s.applied) != 3 || told["a"] != nil {
			t.Errorf("after %v: applied %v, told %v", took, s.applied, told)
		}
	})
}

func TestCommandsThatWaitAreAppliedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{}
		begun := time.Now()
		told := s.together("a", "b", "c", "d", "e", "f", "g")
		if took := time.Since(begun); took != 2*time.Second || !slices.Equal(s.applied[len(s.applied)-1], []string{"e", "f", "g"}) {
			t.Errorf("after %v: applied %v", took, s.applied)
		}
		for name, err := range told {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestManyCommandsAreBoundedBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{}
		var names []string
		for i := range 3*applyMost + appliesAtOnce {
			names = append(names, fmt.Sprint(i))
		}
		told := s.together(names...)
		most := 0
		for _, batch := range s.applied {
			most = max(most, len(batch))
		}
		if len(told) != len(names) || most != applyMost {
			t.Errorf("told %d of %d, at most %d together", len(told), len(names), most)
		}
	})
}

func TestACommandThatCannotBeStoredFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := &domain.DataError{Err: errors.New("no such text")}
		s := &slowStore{errs: map[string]error{"bad": bad}}
		told := s.together("a", "b", "c", "d", "e", "bad", "f")
		for name, err := range told {
			if want := s.errs[name]; !errors.Is(err, want) {
				t.Errorf("%s is told %v, want %v", name, err, want)
			}
		}
	})
}

func TestAStoreThatIsAwayIsToldToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("the store is away")
		s := &slowStore{errs: map[string]error{"e": away}}
		told := s.together("a", "b", "c", "d", "e", "f")
		if told["d"] != nil || !errors.Is(told["e"], away) || !errors.Is(told["f"], away) || len(s.applied) != 5 {
			t.Errorf("told %v, applied %v", told, s.applied)
		}
	})
}

func TestAPanicIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{}
		if told := s.together("panics", "b"); told["panics"] == nil || told["b"] != nil {
			t.Errorf("told %v", told)
		}
	})
}
