package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"recado/domain"
)

// acknowledger is a fakeConnector whose messenger waits for an answer to presses.
type acknowledger struct {
	fakeConnector
	answer func(ctx context.Context, press string) error
}

func (a acknowledger) Acknowledge(ctx context.Context, _ domain.Connection, press string) error {
	return a.answer(ctx, press)
}

// Presses go out over the lane that sends, once each, whatever comes of it, and no
// later than their messenger waits.
func TestPressesAreAcknowledgedOnce(t *testing.T) {
	store := newStore()
	until := time.Now().Add(domain.AcknowledgeWithin)
	waiting := []domain.Acknowledgement{{Connection: "shop", Press: "q1", Until: until}, {Connection: "shop", Press: "q2", Until: until}}
	store.presses = func() ([]domain.Acknowledgement, error) {
		taken := waiting
		waiting = nil
		return taken, nil
	}
	s := newShop(t, store, fakeConnector{})
	var calls atomic.Int32
	s.cfg.Connectors[domain.WABA] = acknowledger{answer: func(ctx context.Context, press string) error {
		calls.Add(1)
		if deadline, ok := ctx.Deadline(); !ok || deadline.After(until) {
			t.Errorf("%s may be acknowledged until %s", press, deadline)
		}
		return errors.New("the query is too old")
	}}
	s.drain(t.Context(), domain.SendLane("shop"))
	if calls.Load() != 2 {
		t.Errorf("%d calls, want 2", calls.Load())
	}
}

// watched is a fakeConnector whose messenger can be looked at.
type watched struct {
	fakeConnector
	seen domain.Watched
}

func (w watched) Watch(context.Context, domain.Connection, string) (domain.Watched, error) {
	return w.seen, nil
}

func TestALookAtTheMessengerIsRecorded(t *testing.T) {
	store := newStore()
	store.watches = func() ([]domain.ConnectionID, error) { return []domain.ConnectionID{"shop"}, nil }
	var recorded []domain.Fact
	store.apply = func(b domain.Batch) (domain.Receipt, error) {
		for _, u := range b.Updates {
			recorded = append(recorded, u.Fact)
		}
		signal := domain.Signal{Kind: domain.SignalWebhook, Level: domain.LevelWarning, Title: "late"}
		return domain.Receipt{Results: []domain.Result{{Outcome: domain.Applied, Kind: domain.WABA, Signals: []domain.RecordedSignal{{Connection: "shop", Signal: signal}}}}}, nil
	}
	s := newShop(t, store, fakeConnector{})
	s.cfg.HookURL = func(domain.Connection) string { return "https://recado.example/webhooks/waba/shop" }
	s.cfg.Connectors[domain.WABA] = watched{seen: domain.Watched{Waiting: 7}}
	if _, err := s.watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f, ok := recorded[0].(domain.ConnectionWatched); !ok || f.Seen.Waiting != 7 {
		t.Errorf("recorded %+v", recorded)
	}
	if n := s.counted(t, "recado_connection_signals_total", "waba", "warning", "webhook"); n != 1 {
		t.Errorf("counted %v", n)
	}
}
