package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/cmd/recado-telegram/dc"
)

// joints are the places at which a gateway may be killed, between what it does and what it
// remembers of it.
var joints = []string{
	"an update was pushed", "a webhook was counted", "a webhook was answered",
	"a send is called", "a send was taken", "a send was answered by Telegram", "a send was answered",
	"a difference is called", "a difference was answered", "at any time",
}

// A killing is a gateway under load that is killed again and again. Recado's part counts
// what comes by update_id, and compares what it is about.
type killing struct {
	t      *testing.T
	dc     *dc.World
	each   int // sends, and pushes, between two kills
	kills  int
	recado string // its URL
	next   func() // what follows a kill

	mu      sync.Mutex // guards the fields below
	gateway *process
	phase   int        // kills until now
	more    *sync.Cond // the phase grew
	joint   string     // where it is killed next; empty: nowhere
	passes  int        // how often it comes by before
	died    chan struct{}
	bodies  map[int64]string // by update_id
	order   []string         // of what came, each update_id once
	texts   map[string]int   // messages of Ana, by their text
	taken   map[string]int   // message_id by client_id
	calls   int
}

// A gateway that is killed by SIGKILL at each joint, under load, tells every update once
// and sends every message once.
func TestKilledAtEachJoint(t *testing.T) {
	kills, each := len(joints), 10
	if *long {
		kills = 6 * len(joints)
		each = 2000/kills + 1
	}
	k := newKilling(t, kills, each)
	k.gateway = newProcess(t, k.dc, k.recado, t.TempDir(), "")
	k.next = k.gateway.start
	k.gateway.start()
	k.gateway.login()
	k.run(joints)
	for _, word := range []string{"push 1", "send 1", "Hola", dc.Code, strings.TrimPrefix(dc.Phone, "+"), secret, "the-hash-of-the-api"} {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(word)).MatchString(k.gateway.log.text()) { // not within the digits of a time
			t.Errorf("the log shows %q", word)
		}
	}
}

func newKilling(t *testing.T, kills, each int) *killing {
	k := &killing{
		t: t, dc: dc.New(t), each: each, kills: kills,
		died: make(chan struct{}, 1), bodies: map[int64]string{}, texts: map[string]int{}, taken: map[string]int{},
	}
	k.more = sync.NewCond(&k.mu)
	recado := httptest.NewServer(http.HandlerFunc(k.webhook))
	t.Cleanup(recado.Close)
	k.recado = recado.URL
	k.dc.OnCall(k.called)
	return k
}

// run kills the gateway at one joint after the other under load, and compares what came.
func (k *killing) run(at []string) {
	k.t.Helper()
	k.dc.Says("Hola", false)
	eventually(k.t, "Ana is known", func() bool { return k.came("Hola") == 1 })
	began := time.Now()
	var load sync.WaitGroup
	load.Go(k.push)
	for n := range 4 {
		load.Go(func() { k.send(n) })
	}
	for i := range k.kills {
		k.killAt(at[i%len(at)])
	}
	load.Wait()
	k.settle()
	k.t.Logf("%d kills in %v: %d pushes in %d webhooks, %d sends in %d calls of the gateway and %d of Telegram",
		k.kills, time.Since(began).Round(time.Second), k.total(), len(k.bodies), k.total(), k.calls, k.dc.Calls("messages.sendMessage"))
}

// serving is the gateway that is not killed yet.
func (k *killing) serving() *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.gateway
}

func (k *killing) total() int { return k.each * (k.kills + 1) }

// killAt lets the load go on, until the gateway is killed at the joint; and starts it again.
func (k *killing) killAt(joint string) {
	k.t.Helper()
	k.mu.Lock()
	k.joint, k.passes = joint, rand.IntN(k.each)
	if strings.HasPrefix(joint, "a difference") {
		k.passes = 0
		k.dc.Says("unnoticed until the next push", true)
	}
	k.phase++
	k.more.Broadcast()
	k.mu.Unlock()
	if joint == "at any time" {
		timer := time.AfterFunc(rand.N(500*time.Millisecond), func() {
			for !k.at(joint) { // until it passed often enough
			}
		})
		defer timer.Stop()
	}
	select {
	case <-k.died:
	case <-time.After(2 * time.Minute):
		k.t.Fatalf("the gateway never came to where %s; the log:\n%s", joint, k.gateway.log.text())
	}
	k.next()
}

// at is called at each joint. It kills the gateway if that is due, and reports it.
func (k *killing) at(joint string) bool {
	k.mu.Lock()
	if k.joint != joint || k.passes > 0 {
		if k.joint == joint {
			k.passes--
		}
		k.mu.Unlock()
		return false
	}
	k.joint = ""
	gateway := k.gateway
	k.mu.Unlock()
	gateway.kill()
	k.died <- struct{}{}
	return true
}

// called sees the calls of Telegram.
func (k *killing) called(method string, answered bool) {
	switch {
	case method == dc.Took:
		k.at("a send was taken")
	case method == "messages.sendMessage" && !answered:
		k.at("a send is called")
	case method == "messages.sendMessage":
		k.at("a send was answered by Telegram")
	case method == "updates.getDifference" && !answered:
		k.at("a difference is called")
	case method == "updates.getDifference":
		k.at("a difference was answered")
	}
}

// may waits until the load may come to its item i.
func (k *killing) may(i int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i >= k.each*(k.phase+1) {
		k.more.Wait()
	}
}

// push lets Ana write, edit and read.
func (k *killing) push() {
	for i := range k.total() {
		k.may(i)
		id := k.dc.Says(fmt.Sprintf("push %d.", i), false)
		if i%10 == 0 {
			k.dc.Edits(id, fmt.Sprintf("edit %d.", i), false)
		}
		k.at("an update was pushed")
	}
}

// send sends the messages n, n+4, … as Recado does: the same again until it has an answer.
func (k *killing) send(n int) {
	for i := n; i < k.total(); i += 4 {
		k.may(i)
		for began := time.Now(); !k.sendOnce(i); time.Sleep(20 * time.Millisecond) { // it starts
			if time.Since(began) > 2*time.Minute {
				k.t.Errorf("send %d is never answered", i)
				return
			}
		}
		k.at("a send was answered")
	}
}

func (k *killing) sendOnce(i int) bool {
	k.mu.Lock()
	k.calls++
	k.mu.Unlock()
	client := fmt.Sprintf("msg_%d", i)
	body, err := json.Marshal(map[string]any{"chat_id": dc.Ana, "text": fmt.Sprintf("send %d.", i), "client_id": client})
	if err != nil {
		k.t.Error(err)
		return true
	}
	answer, err := http.Post(k.serving().public+"/user"+secret+"/sendMessage", "application/json", bytes.NewReader(body)) //nolint:noctx // the process ends it
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var said struct {
		OK          bool
		Description string
		Result      struct {
			Message int `json:"message_id"`
		}
	}
	if json.NewDecoder(answer.Body).Decode(&said) != nil || answer.StatusCode >= 500 {
		return false
	}
	if !said.OK {
		k.t.Errorf("%s is refused: %s", client, said.Description)
		return true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.taken[client] = said.Result.Message
	return true
}

// webhook takes an update as Recado does.
func (k *killing) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the gateway was killed
	}
	var u struct {
		ID     int64                  `json:"update_id"`
		New    *struct{ Text string } `json:"message"`
		Edited *struct{ Text string } `json:"edited_message"`
	}
	if err := json.Unmarshal(body, &u); err != nil {
		k.t.Errorf("%s: %v", body, err)
	}
	k.mu.Lock()
	before, again := k.bodies[u.ID]
	if again && before != string(body) {
		k.t.Errorf("update %d was %s, and is %s", u.ID, before, body)
	}
	if k.bodies[u.ID] = string(body); !again {
		for _, m := range []*struct{ Text string }{u.New, u.Edited} {
			if m != nil {
				k.texts[m.Text]++
				k.order = append(k.order, m.Text)
			}
		}
	}
	k.mu.Unlock()
	if k.at("a webhook was counted") {
		return
	}
	_ = http.NewResponseController(w).Flush() // the status reaches it
	k.at("a webhook was answered")
}

func (k *killing) came(text string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.texts[text]
}

// missing lists the messages and edits that did not come.
func (k *killing) missing() (list []string) {
	for i := range k.total() {
		if text := fmt.Sprintf("push %d.", i); k.came(text) == 0 {
			list = append(list, text)
		}
		if text := fmt.Sprintf("edit %d.", i); i%10 == 0 && k.came(text) == 0 {
			list = append(list, text)
		}
	}
	return list
}

// settle waits until all has come, and compares it.
func (k *killing) settle() {
	k.t.Helper()
	k.t.Cleanup(func() {
		if list := k.missing(); len(list) > 0 {
			k.t.Errorf("%v never came; the log:\n%s", list, k.gateway.log.text())
		}
	})
	eventually(k.t, "every update came", func() bool { return len(k.missing()) == 0 })
	k.mu.Lock()
	defer k.mu.Unlock()
	var want []string
	for i := range k.total() {
		text := fmt.Sprintf("push %d.", i)
		want = append(want, text)
		if k.texts[text] != 1 {
			k.t.Errorf("%s came %d times", text, k.texts[text])
		}
	}
	if got := slices.DeleteFunc(slices.Clone(k.order), func(s string) bool { return !strings.HasPrefix(s, "push ") }); !slices.Equal(got, want) {
		k.t.Error("the messages did not come in their order")
	}
	ids := map[int]bool{}
	for _, id := range k.taken {
		ids[id] = true
	}
	if len(k.taken) != k.total() || len(ids) != k.total() || k.dc.Messages() != k.total() {
		k.t.Errorf("%d messages were sent as %d; Telegram has %d, want %d", len(k.taken), len(ids), k.dc.Messages(), k.total())
	}
}
