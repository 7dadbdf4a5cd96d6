package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"recado/cmd/recado-telegram/store/storetest"
)

// Of two gateways over one database the second takes over when the first is killed, under
// load: every update is told, every message is sent once, and no key of Telegram's is used
// twice at once.
func TestASpareTakesOver(t *testing.T) {
	t.Parallel()
	kills := 3
	if *long {
		kills = len(joints)
	}
	k := newKilling(t, kills, 10)
	database := storetest.Database(t)
	spare := newProcess(t, k.dc, k.recado, t.TempDir(), database)
	k.gateway = newProcess(t, k.dc, k.recado, t.TempDir(), database)
	for _, p := range []*process{k.gateway, spare} {
		p.env = append(p.env, settleFor+"=1s")
	}
	stands := func(p *process, status int) {
		eventually(t, fmt.Sprintf("%s answers with %d", p.public, status), func() bool { return p.sendsToNobody() == status })
	}
	k.next = func() {
		k.mu.Lock()
		k.gateway, spare = spare, k.gateway
		k.mu.Unlock()
		stands(k.gateway, http.StatusBadRequest) // it took over
		spare.start()
		stands(spare, http.StatusServiceUnavailable)
	}
	k.gateway.start()
	k.gateway.login()
	spare.start()
	stands(spare, http.StatusServiceUnavailable)
	k.run([]string{"a send was taken", "an update was pushed", "a webhook was counted", "at any time"})
	if n := k.dc.AtOnce(); n != 1 {
		t.Errorf("a key was used by %d connections at once", n)
	}
}

// sendsToNobody returns the HTTP status of such a send, zero if there is none: 400 from
// the gateway that holds the account, and 503 from the other.
func (p *process) sendsToNobody() int {
	body := strings.NewReader(`{"chat_id":"nobody","text":"Hola","client_id":"msg_nobody"}`)
	answer, err := http.Post(p.public+"/user"+secret+"/sendMessage", "application/json", body) //nolint:noctx // the process ends it
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}
