package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	tokens "golang.org/x/time/rate"
)

const (
	campaignGroup     = "Beside a campaign at 80/s, accepted by the API → called"
	rowCampaignAlone  = "another company's messages while nothing else waits, p99"
	rowCampaignOther  = "another company's messages beside it, p99"
	rowCampaignPeople = "people's messages over the same number, p99"
	rowCampaignSpeed  = "the campaign"
	rowCampaignLimits = "calls that the messenger refused as too fast"
)

// A campaignPlan says how much to measure of a campaign.
type campaignPlan struct {
	bulk  int // messages of the campaign
	rate  int // others a second, of both companies by turns
	lasts time.Duration
}

// campaign measures what people and another company wait for while one company sends
// a campaign over a number that bears 80 messages a second.
func (b *bench) campaign(ctx context.Context) error {
	p := b.plan.campaign
	strict := newStrictMeta()
	defer strict.close()
	t, err := b.create(ctx, &site{crowd: crowd{companies: 2, chats: 20, stride: 1}, sendsTo: strict.server.Listener.Addr().String()})
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if err := t.startWarm(ctx); err != nil {
		return t.withLog(err)
	}
	n := max(2, int(p.lasts.Seconds()*float64(p.rate)))
	others := load{
		address: t.public, script: t.crowd.sendings(n), calls: n, callers: 32, want: http.StatusAccepted, // more would be idle so long that the server hangs up
		every: time.Second / time.Duration(p.rate),
	}
	alone, err := t.waits(ctx, strict, others)
	if err != nil {
		return err
	}
	bulk := load{address: t.public, script: t.crowd.bulk(p.bulk), calls: p.bulk, callers: apiCallers, want: http.StatusAccepted}
	if _, err := bulk.run(ctx); err != nil {
		return t.withLog(err)
	}
	calls, refused := strict.counts()
	begun := time.Now()
	beside, err := t.waits(ctx, strict, others)
	if err != nil {
		return err
	}
	lasted := time.Since(begun)
	allCalls, allRefused := strict.counts()
	calls, refused = allCalls-calls, allRefused-refused
	b.table.add(campaignGroup, rowCampaignAlone, "ms", quantile(alone[1], 0.99))
	b.table.add(campaignGroup, rowCampaignOther, "ms", quantile(beside[1], 0.99))
	b.table.add(campaignGroup, rowCampaignPeople, "ms", quantile(beside[0], 0.99))
	b.table.add(campaignGroup, rowCampaignSpeed, perSecond, float64(calls-refused-n)/lasted.Seconds())
	b.table.add(campaignGroup, rowCampaignLimits, "%", 100*float64(refused)/float64(calls))
	return nil
}

// waits sends messages of two companies by turns, and returns how long those of each
// waited to be called.
func (t *site) waits(ctx context.Context, strict *strictMeta, l load) (waited [2][]time.Duration, err error) {
	strict.expect(l.calls)
	run, err := l.run(ctx)
	if err != nil {
		return waited, t.withLog(err)
	}
	called, err := strict.wait(ctx)
	if err != nil {
		return waited, t.withLog(err)
	}
	for i, at := range called {
		waited[i%2] = append(waited[i%2], max(0, at.Sub(run.begun)-run.answered[i]))
	}
	return waited, nil
}

// bulk returns API calls of a campaign of the first company, to peers that never wrote.
func (c crowd) bulk(n int) *script {
	s := &script{}
	for i := range n {
		body := fmt.Appendf(nil, `{"connection_id":"waba-0","peer_id":"%s","type":"template","template":{"name":"news","language":"es"},"bulk":true}`,
			numberOf(0, 1_000_000+i))
		s.add(fmt.Sprintf("/v1/messages HTTP/1.1\r\nHost: recado.example\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n", apiKey(0)), body)
	}
	return s
}

// A strictMeta refuses what comes faster than Meta states: 80 messages a second of a
// number.
type strictMeta struct {
	server *httptest.Server

	mu      sync.Mutex // guards the fields below
	numbers map[string]*tokens.Limiter
	calls   int
	refused int
	called  []time.Time // of the messages that are expected, by their numbers
	left    int
	all     chan struct{}
}

func newStrictMeta() *strictMeta {
	m := &strictMeta{numbers: map[string]*tokens.Limiter{}}
	m.server = httptest.NewServer(m)
	return m
}

func (m *strictMeta) close() {
	m.server.CloseClientConnections()
	m.server.Close()
}

// ServeHTTP takes a message, or refuses it as Meta does.
func (m *strictMeta) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, to, _ := bytes.Cut(body, []byte(`"to":"+`))
	to, _, _ = bytes.Cut(to, []byte(`"`))
	w.Header().Set("Content-Type", "application/json")
	id, taken := m.take(r.URL.Path, string(to), numberAfter(body, sendMark))
	if !taken {
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"error":{"message":"(#130429) Rate limit hit","type":"OAuthException","code":130429}}`)
		return
	}
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"+%s","wa_id":"%s"}],"messages":[{"id":"%s"}]}`, to, to, id)
}

func (m *strictMeta) take(path, to string, n int) (id string, taken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	number := strings.Split(strings.Trim(path, "/"), "/")[0]
	if m.numbers[number] == nil {
		m.numbers[number] = tokens.NewLimiter(80, 80)
	}
	m.calls++
	if n >= 0 && n < len(m.called) && m.called[n].IsZero() {
		m.called[n] = time.Now()
		if m.left--; m.left == 0 {
			close(m.all)
		}
	}
	if !m.numbers[number].Allow() {
		m.refused++
		return "", false
	}
	return sentID(to, m.calls), true
}

// expect forgets what was called, and expects messages with the numbers up to n.
func (m *strictMeta) expect(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.called, m.left, m.all = make([]time.Time, n), n, make(chan struct{})
}

// wait returns when each of the expected messages was called first.
func (m *strictMeta) wait(ctx context.Context) ([]time.Time, error) {
	select {
	case <-m.all:
		return m.called, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(waitTimeout):
		return nil, fmt.Errorf("%d messages did not leave", m.left)
	}
}

func (m *strictMeta) counts() (calls, refused int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.refused
}
