package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/redis"
)

const (
	killPeers   = 40
	killPosters = 4
	killSenders = 2
)

// A joint is a place where the program can die between two steps. The names are
// those of states.md.
type joint struct {
	name string
	at   func(moment) bool // of a statement; nil: it is not the database that sees it
}

var joints = []joint{
	{"before the commit of the inbox", func(m moment) bool { return strings.HasPrefix(m.statement, "INSERT INTO inbox") && !m.answered }},
	{"after the commit of the inbox, before the 2xx", func(m moment) bool { return strings.HasPrefix(m.statement, "INSERT INTO inbox") && m.answered }},
	{"in apply", func(m moment) bool { return m.statement == "COMMIT" && m.has("DELETE FROM inbox") && !m.answered }},
	{"after apply, before anybody was told", func(m moment) bool { return m.statement == "COMMIT" && m.has("DELETE FROM inbox") && m.answered }},
	{"before the attempt is open", func(m moment) bool { return begins(m) && !m.answered }},
	{"after the attempt is open, before the messenger is called", func(m moment) bool { return begins(m) && m.answered }},
	{"the messenger has the message, no answer yet", nil},
	{"after the answer, before the outcome", func(m moment) bool { return ends(m) && !m.answered }},
	{"after the outcome", func(m moment) bool { return ends(m) && m.answered }},
	{"the CRM has the event, no answer yet", nil},
	{"after the CRM's answer, before it is recorded", func(m moment) bool { return m.statement == "COMMIT" && m.has("UPDATE deliveries") && !m.answered }},
	{"at a random moment", nil},
}

// begins reports whether a transaction opens attempts.
func begins(m moment) bool {
	return m.statement == "COMMIT" && m.has("INSERT INTO outbox") && !m.has("INSERT INTO messages") && !m.has("DELETE FROM inbox")
}

// ends reports whether a transaction records answers of the messenger.
func ends(m moment) bool {
	return m.statement == "COMMIT" && m.has("DELETE FROM outbox") && !m.has("DELETE FROM inbox")
}

// The program is killed at each joint, each step is slow once, Redis is wiped, and
// asynq fails to complete a job. Even so every acknowledged webhook is in its chat
// once, every event reaches the CRM in the order of its chat, no message is sent
// twice, and all of that within 3 s of the last restart.
func TestNothingLostNothingDoubled(t *testing.T) {
	program := build(t)
	unseen := slices.DeleteFunc(slices.Clone(joints), func(j joint) bool { return j.at != nil })
	t.Run("postgres and redis", func(t *testing.T) { killAgainAndAgain(t, "postgres and redis", program, joints, rounds(), false) })
	t.Run("embedded", func(t *testing.T) { killAgainAndAgain(t, "embedded", program, unseen, rounds()/2, false) })
}

// rounds is how often the program is killed: once at each joint, or several times.
func rounds() int {
	if *long {
		return 4 * len(joints)
	}
	return len(joints)
}

// The same holds for a CRM that takes batches.
func TestNothingLostNothingDoubledInBatches(t *testing.T) {
	program := build(t)
	called := slices.DeleteFunc(slices.Clone(joints), func(j joint) bool { return !strings.Contains(j.name, "the CRM") })
	t.Run("postgres and redis", func(t *testing.T) { killAgainAndAgain(t, "postgres and redis", program, called, rounds()/3, true) })
	t.Run("embedded", func(t *testing.T) { killAgainAndAgain(t, "embedded", program, called[:1], rounds()/4, true) })
}

func killAgainAndAgain(t *testing.T, on, program string, joints []joint, kills int, batch bool) {
	w := newWorld(t, on)
	w.program, w.batch = program, batch
	k := newKilling(w)
	k.kills = kills
	meta := httptest.NewServer(http.HandlerFunc(k.takeMessage))
	t.Cleanup(meta.Close)
	t.Cleanup(meta.CloseClientConnections)
	w.declare(meta.URL, k.crm.url)
	wipe := func() {}
	if on != "embedded" {
		wipe = k.standBetween()
	}
	k.crm.onEvent(func(event) int {
		if k.isArmed("the CRM has the event, no answer yet") {
			k.hit()
		}
		return http.StatusOK
	})

	w.start()
	k.everybodyWrites()
	load := k.load()
	for round := range kills {
		j := joints[round%len(joints)]
		began := time.Now()
		k.dieAt(j)
		t.Logf("killed %s (waited %v)", j.name, time.Since(began).Round(time.Millisecond))
		switch round {
		case kills / 2:
			wipe()
		case kills/2 + 1:
			if k.redis != nil {
				k.redis.fail.Store(true)
			}
		}
		w.start()
	}
	restarted := time.Now()
	load()
	k.count(k.settled(restarted))
}

// build returns the program as it is shipped, since its times and its memory are
// measured. It is built once.
func build(t *testing.T) string {
	t.Helper()
	program, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var shipped = sync.OnceValues(func() (string, error) {
	program := filepath.Join(buildDir, "recado")
	command := exec.Command("go", "build", "-o", program, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

// killing is the state of the test: what was promised, and what arrived.
type killing struct {
	*world
	kills int // or other faults
	crm   *fakeCRM
	pg    *pgProxy
	redis *redisProxy

	mu       sync.Mutex
	acked    map[string]string // text of an incoming message that was answered 2xx → its peer
	accepted map[string]string // client_ref of a send that was answered 2xx → our id
	sent     map[string]int    // our id → how often the messenger got it
	attached map[string]string // our id → the file that the messenger got with it
	unheard  map[string]bool   // texts of acked and ids of sent that were missing when the CRM was last asked
	armed    joint
	died     chan struct{}
	statuses atomic.Int64
	stop     atomic.Bool
}

func newKilling(w *world) *killing {
	return &killing{
		world: w, crm: newCRM(w.t), acked: map[string]string{}, accepted: map[string]string{},
		sent: map[string]int{}, attached: map[string]string{}, unheard: map[string]bool{},
	}
}

// standBetween puts proxies before the stores and returns a function that wipes
// Redis.
func (k *killing) standBetween() (wipe func()) {
	t := k.t
	database, hints := parsed(t, k.env["RECADO_DATABASE_URL"]), parsed(t, k.env["RECADO_REDIS_URL"])
	direct, err := redis.Open(hints.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { direct.Close() })
	k.pg, k.redis = newPGProxy(t, database.Host), newRedisProxy(t, hints.Host)
	database.Host, hints.Host = k.pg.addr, k.redis.addr
	k.env["RECADO_DATABASE_URL"], k.env["RECADO_REDIS_URL"] = database.String(), hints.String()
	k.pg.onMoment(k.statement)
	return func() {
		if err := direct.(*goredis.Client).FlushDB(t.Context()).Err(); err != nil {
			t.Error(err)
		}
	}
}

// statement slows some steps down, and stops the program at the armed joint.
func (k *killing) statement(m moment) {
	k.mu.Lock()
	hit := k.armed.at != nil && k.armed.at(m)
	k.mu.Unlock()
	if hit {
		k.hit()
		return
	}
	if m.statement == "COMMIT" && rand.IntN(20) == 0 {
		<-time.After(time.Duration(rand.IntN(30)) * time.Millisecond) // a slow step opens the race
	}
}

// hit reports that the program is at the armed joint, and holds it there until it is
// killed.
func (k *killing) hit() {
	k.mu.Lock()
	died := k.died
	if k.armed.name != "" {
		k.armed = joint{}
		close(died)
	}
	k.mu.Unlock()
	<-time.After(300 * time.Millisecond) // longer than a kill takes
}

func (k *killing) isArmed(name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.armed.name == name
}

// dieAt kills the program when it reaches the joint.
func (k *killing) dieAt(j joint) {
	k.t.Helper()
	reached := make(chan struct{})
	k.mu.Lock()
	k.armed, k.died = j, reached
	k.mu.Unlock()
	if j.name == "at a random moment" {
		<-time.After(time.Duration(rand.IntN(1500)) * time.Millisecond)
		k.hit()
	}
	select {
	case <-reached:
	case <-time.After(20 * time.Second):
		k.t.Fatalf("the program never came to the joint %q", j.name)
	}
	k.kill()
}

// takeMessage is Meta: it accepts a message and posts its statuses later, in any
// order, some of them twice.
func (k *killing) takeMessage(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var m struct {
		To       string
		Opaque   string `json:"biz_opaque_callback_data"`
		Document struct{ ID string }
	}
	if err != nil || json.Unmarshal(body, &m) != nil {
		return // the program was killed
	}
	k.mu.Lock()
	k.sent[m.Opaque]++
	k.attached[m.Opaque] = m.Document.ID
	k.unheard[m.Opaque] = true
	k.mu.Unlock()
	go k.tellStatuses(m.Opaque, strings.TrimPrefix(m.To, "+"))
	if k.isArmed("the messenger has the message, no answer yet") {
		k.hit()
		return
	}
	fmt.Fprintf(rw, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.%s"}]}`, m.Opaque)
}

func (k *killing) tellStatuses(opaque, to string) {
	words := []string{"sent", "delivered", "read", "delivered"}
	rand.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	for _, word := range words {
		k.insist(statusBody("wamid."+opaque, opaque, to, word))
		k.statuses.Add(1)
	}
}

// insist posts a webhook until it is acknowledged, as Meta does, and sometimes once
// more.
func (k *killing) insist(body []byte) bool {
	for !k.stop.Load() {
		if k.post(body) == http.StatusOK {
			if rand.IntN(10) == 0 {
				k.post(body)
			}
			return true
		}
		<-time.After(20 * time.Millisecond)
	}
	return false
}

// everybodyWrites opens the free window of every peer, so that texts can be sent.
func (k *killing) everybodyWrites() {
	for p := range killPeers {
		text := fmt.Sprint("first-", p)
		if peer := fmt.Sprint(5_000_000 + p); k.insist(textBody("106540352242922", peer, text)) {
			k.ack(peer, text)
		}
	}
	eventually(k.t, "every peer has a chat", 20*time.Second, func() bool {
		return len(pages[chatView](k.world, anaKey, "/v1/chats?limit=200")) == killPeers
	})
}

// load lets clients write and employees answer, until the returned function is
// called; it waits for the last acknowledgement.
func (k *killing) load() (end func()) {
	var writers sync.WaitGroup
	quit := make(chan struct{})
	every := func(pause time.Duration, do func(n int)) {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-quit:
					return
				case <-time.After(pause):
					do(n)
				}
			}
		})
	}
	for p := range killPosters {
		every(100*time.Millisecond, func(n int) {
			peer := fmt.Sprint(5_000_000 + rand.IntN(killPeers))
			first, second := fmt.Sprintf("m-%d-%d-a", p, n), fmt.Sprintf("m-%d-%d-b", p, n)
			if k.insist(textBody("106540352242922", peer, first, second)) {
				k.ack(peer, first, second)
			}
		})
	}
	for p := range killSenders {
		every(200*time.Millisecond, func(n int) {
			ref := fmt.Sprintf("ref-%d-%d", p, n)
			k.reply(ref, map[string]any{"type": "text", "text": "re " + ref})
		})
	}
	return func() { close(quit); writers.Wait() }
}

// ack remembers messages of a client that were acknowledged.
func (k *killing) ack(peer string, texts ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, text := range texts {
		k.acked[text], k.unheard[text] = peer, true
	}
}

// reply sends a message through the API and repeats the call with the same client_ref
// until it is accepted.
func (k *killing) reply(ref string, content map[string]any) {
	request := map[string]any{"connection_id": "waba-1", "peer_id": fmt.Sprint(5_000_000 + rand.IntN(killPeers)), "client_ref": ref}
	maps.Copy(request, content)
	for !k.stop.Load() {
		var m struct{ ID string }
		status, err := k.call(anaKey, http.MethodPost, "/v1/messages", request, &m)
		if err == nil && status < 300 {
			k.mu.Lock()
			k.accepted[ref] = m.ID
			k.mu.Unlock()
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

func textBody(number, peer string, texts ...string) []byte {
	var messages []string
	for _, text := range texts {
		messages = append(messages, fmt.Sprintf(`{"from":%q,"id":"wamid.%s","timestamp":"%d","type":"text","text":{"body":%q}}`,
			peer, text, time.Now().Unix(), text))
	}
	return messagesBody(number, peer, strings.Join(messages, ","))
}

// messagesBody is the webhook of messages that a peer wrote to a number.
func messagesBody(number, peer, messages string) []byte {
	return metaBody(number, "messages", fmt.Sprintf(`"contacts":[{"profile":{"name":"Peer %s"},"wa_id":%q}],"messages":[%s]`, peer, peer, messages))
}

// metaBody is a webhook of Meta about a number.
func metaBody(number, field, value string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":%q,"value":{
"messaging_product":"whatsapp","metadata":{"display_phone_number":"1","phone_number_id":%q},%s}}]}]}`, field, number, value)
}

func statusBody(id, opaque, to, status string) []byte {
	return metaBody("106540352242922", "messages", fmt.Sprintf(
		`"statuses":[{"id":%q,"status":%q,"timestamp":"%d","recipient_id":%q,"biz_opaque_callback_data":%q}]`, id, status, time.Now().Unix(), to, opaque))
}
