package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/porttest"
)

// A night is an installation of two processes on a PostgreSQL and a Redis of its own,
// a small embedded one, and the Prometheus that watches both, while people write.
type night struct {
	*watch
	*household
	second   *world
	small    *household
	database *cluster
	redis    *goredis.Client
	meta     *moodyMeta

	accepted []string // ids of the messages of employees
}

func newNight(t *testing.T) *night {
	t.Helper()
	n := &night{database: newCluster(t, nil), redis: ownRedis(t), meta: newMoodyMeta(t)}
	big, small := newWorld(t, "postgres and redis"), newWorld(t, "embedded")
	big.env["RECADO_DATABASE_URL"], big.env["RECADO_REDIS_URL"] = n.database.url, "redis://"+n.redis.Options().Addr
	mountDisk(t, small.env["RECADO_DATA_DIR"], "48m")
	n.household, n.small = newHousehold(big, n.meta.url), newHousehold(small, n.meta.url)
	n.second = big.twin()
	n.second.start()
	n.watch = newWatch(t, big.private, n.second.private, small.private)
	return n
}

// twin is another process of the installation with the same log, which is not started.
func (w *world) twin() *world {
	other := *w
	other.env, other.public, other.private, other.process = maps.Clone(w.env), porttest.Address(w.t), porttest.Address(w.t), nil
	other.api = other.public
	other.env["RECADO_LISTEN"], other.env["RECADO_INTERNAL_LISTEN"] = other.public, other.private
	w.t.Cleanup(other.kill)
	return &other
}

// A household is an installation with clients who write all the time.
type household struct {
	*world
	crm *fakeCRM

	mu    sync.Mutex
	acked map[string]bool // texts of the clients' messages that were answered 200
}

// writeEvery is how often a client writes to an installation.
const writeEvery = 200 * time.Millisecond

// newHousehold starts an installation, and its clients begin to write.
func newHousehold(w *world, meta string) *household {
	h := &household{world: w, crm: newCRM(w.t), acked: map[string]bool{}}
	w.declare(meta, h.crm.url)
	w.start()
	stop, stopped := make(chan struct{}), make(chan struct{})
	w.t.Cleanup(func() { close(stop); <-stopped })
	go func() {
		defer close(stopped)
		tick := time.NewTicker(writeEvery)
		defer tick.Stop()
		for i := 0; ; i++ {
			h.clientWrites(fmt.Sprint("text-", i))
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return h
}

// clientWrites posts a message of one of forty clients.
func (h *household) clientWrites(text string) {
	peer := fmt.Sprint(34600000000 + len(text)%10*4 + int(text[len(text)-1])%4)
	if h.post(textBody("106540352242922", peer, text)) == http.StatusOK {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.acked[text] = true
	}
}

// lost returns a text that was accepted, and that the CRM does not know, or knows twice.
func (h *household) lost() (text string, times int) {
	heard := h.crm.texts()
	h.mu.Lock()
	defer h.mu.Unlock()
	for text := range h.acked {
		if heard[text] != 1 {
			return text, heard[text]
		}
	}
	return "", 0
}

// employeesWrite sends messages to people who did not write.
func (n *night) employeesWrite(count int) {
	n.t.Helper()
	for range count {
		var m struct{ ID string }
		status, err := n.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
			"connection_id": "waba-1", "peer_id": fmt.Sprint(34700000000 + len(n.accepted)), "type": "template",
			"template": map[string]any{"name": "hola", "language": "es"},
		}, &m)
		if err != nil || status != http.StatusAccepted {
			n.t.Fatalf("a message is answered %d, %v", status, err)
		}
		n.accepted = append(n.accepted, m.ID)
	}
}

// drains waits until the CRMs know all that was accepted, and each message of an
// employee was sent once, or its failure told.
func (n *night) drains(fault string) {
	n.t.Helper()
	for _, h := range []*household{n.household, n.small} {
		eventually(n.t, fault+": the CRM has what was accepted", time.Minute, func() bool { text, _ := h.lost(); return text == "" })
	}
	eventually(n.t, fault+": each message was sent once, or failed", time.Minute, func() bool {
		failed := map[string]int{}
		for _, e := range n.crm.heard("acme", 0) {
			if e.Type == "message.failed" {
				failed[e.Data.MessageID]++
			}
		}
		return !slices.ContainsFunc(n.accepted, func(id string) bool { return n.meta.count(id)+failed[id] != 1 })
	})
}

// A moodyMeta is a Meta that works, refuses, or hangs.
type moodyMeta struct {
	url string

	mu   sync.Mutex
	sent map[string]int // accepted, by our id
	mood http.HandlerFunc
	free chan struct{} // closed when it does not hang any more
}

func newMoodyMeta(t *testing.T) *moodyMeta {
	m := &moodyMeta{sent: map[string]int{}, free: make(chan struct{})}
	m.works()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		mood := m.mood
		m.mu.Unlock()
		mood(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(m.works)
	m.url = server.URL
	return m
}

func (m *moodyMeta) set(mood http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.free)
	m.mood, m.free = mood, make(chan struct{})
}

// works makes it accept messages.
func (m *moodyMeta) works() { m.set(m.accept) }

func (m *moodyMeta) accept(w http.ResponseWriter, r *http.Request) {
	var message struct {
		Opaque string `json:"biz_opaque_callback_data"`
	}
	if r.Method == http.MethodGet {
		fmt.Fprint(w, `{"id":"106540352242922"}`)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &message) != nil {
		return // the program was killed
	}
	m.mu.Lock()
	m.sent[message.Opaque]++
	m.mu.Unlock()
	fmt.Fprintf(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.%s"}]}`, message.Opaque)
}

// answers makes it refuse everything with an error of Meta's.
func (m *moodyMeta) answers(status, code int) {
	m.set(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"message":"(#%[1]d) no","code":%[1]d}}`, code)
	})
}

// hangs makes it answer messages when it works again, and questions after two seconds.
func (m *moodyMeta) hangs() {
	m.set(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		free := m.free
		m.mu.Unlock()
		if r.Method == http.MethodGet {
			<-time.After(2100 * time.Millisecond)
		} else {
			<-free
		}
		m.accept(w, r)
	})
}

// count returns how often a message was accepted.
func (m *moodyMeta) count(id string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent[id]
}

// total counts what was accepted.
func (m *moodyMeta) total() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent)
}
