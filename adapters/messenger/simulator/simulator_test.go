package simulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/waba"
	"recado/domain"
)

// Over a real network: Recado sends from many goroutines while the cast writes,
// some webhooks are refused and some not answered, and nothing is left behind.
func TestNothingIsLeftBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	var mu sync.Mutex // guards came
	came := map[string]int{}
	enough := make(chan struct{})
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // before that a server does not see that the caller went
		mu.Lock()
		came[r.URL.Path]++
		n := came["/webhooks/waba/meta"]
		if n >= 200 && came["/webhooks/telegram_bot/bot-1"] >= 50 && came["done"] == 0 {
			came["done"]++
			close(enough)
		}
		mu.Unlock()
		switch {
		case n%10 == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case n%31 == 0:
			<-r.Context().Done()
		}
	}))
	defer hooks.Close()

	cfg := config()
	cfg.Recado, cfg.Pace, cfg.Steady, cfg.Crowd = hooks.URL, time.Millisecond, false, 30
	cfg.Log = func(note simulator.Note) { _ = note.String() }
	s := simulator.New(cfg)
	api := httptest.NewServer(s.Handler())
	defer api.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	var senders sync.WaitGroup
	for _, peer := range []domain.PeerID{"34600110222", "34600110003", "34600110004", "34611204518"} {
		senders.Go(func() {
			for range 20 {
				a := waba.New(client, nil).Send(ctx, domain.Connection{Account: number, Settings: domain.Settings{
					"access_token": waToken, "base_url": domain.Secret(api.URL + "/meta/v23.0"),
				}}, domain.Outgoing{ID: "msg_1", Peer: peer, Type: domain.TypeText, Text: "Hola"})
				if a.Fate == domain.FateNeverLeft || peer == "34600110003" && a.Fate != domain.FateUnknown {
					t.Errorf("to %s: %+v", peer, a)
				}
			}
		})
	}
	senders.Go(func() {
		for range 20 {
			a := telegram.New(client).Send(ctx, domain.Connection{Settings: domain.Settings{
				"token": botToken, "base_url": domain.Secret(api.URL + "/telegram"),
			}}, domain.Outgoing{Peer: "487120003", Type: domain.TypeText, Text: "Hola"})
			if a.Fate != domain.FateUnknown {
				t.Errorf("a lost answer is %+v", a)
			}
		}
	})
	senders.Wait()
	select {
	case <-enough:
	case <-time.After(30 * time.Second):
		mu.Lock()
		t.Errorf("only this came: %v", came)
		mu.Unlock()
	}
	stop()
	<-ended
}
