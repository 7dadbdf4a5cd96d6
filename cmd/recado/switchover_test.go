package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// newStandby starts a synchronous standby of the cluster. Prepare is that of newCluster.
func (c *cluster) newStandby(t *testing.T, prepare func(data string)) *cluster {
	t.Helper()
	s := newFolders(t, prepare)
	s.env = c.env
	s.do(t, "pg_basebackup", "-d", c.url, "-D", s.data(), "--waldir="+s.wal(), "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
	s.run(t)
	execSQL(t, c.url, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	execSQL(t, c.url, "SELECT pg_reload_conf()")
	return s
}

// follow starts a cluster that was stopped as a standby of another.
func (c *cluster) follow(t *testing.T, primary *cluster) {
	t.Helper()
	host, port, _ := net.SplitHostPort(primary.address)
	settings, err := os.OpenFile(filepath.Join(c.data(), "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer settings.Close()
	fmt.Fprintf(settings, "synchronous_standby_names = ''\nprimary_conninfo = 'host=%s port=%s user=recado'\n", host, port)
	if err := os.WriteFile(filepath.Join(c.data(), "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c.run(t)
}

// A relay is an address that points to a server, and later to another. Connections stay
// where they are.
type relay struct {
	addr   string
	target atomic.Value // string
}

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	r := &relay{}
	r.target.Store(target)
	r.addr = serveTCP(t, r.carry)
	return r
}

func (r *relay) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", r.target.Load().(string))
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client) // either side ends both
		server.Close()
	}()
	_, _ = io.Copy(client, server) // likewise
}

// An address points at the demoted primary for some time after a switchover, which still
// answers reads. Once it points at the new one, webhooks are taken within seconds. What
// was acknowledged is there, and the CRM hears of it once.
func TestASwitchoverIsFollowed(t *testing.T) {
	for name, every := range map[string]time.Duration{"little traffic": time.Second, "much traffic": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := newCluster(t, nil)
			address := newRelay(t, first.address)
			crm := newCRM(t)
			through := *first
			through.url = strings.Replace(first.url, first.address, address.addr, 1)
			w := onCluster(t, &through, crm.url)
			second := first.newStandby(t, nil)

			traffic := w.writeSteadily(every)
			eventually(t, "webhooks are taken", 20*time.Second, func() bool { return traffic.since(time.Time{}) > 3 })
			first.stop()
			execSQL(t, second.url, "SELECT pg_promote()")
			first.follow(t, second)
			address.target.Store(first.address)
			w.answers(http.StatusServiceUnavailable, "read-only")
			pause := time.NewTimer(10 * time.Second) // the address still points at the first
			<-pause.C
			moved := time.Now()
			address.target.Store(second.address)
			eventually(t, "webhooks are taken after the move", 5*time.Second, func() bool { return traffic.since(moved) > 0 })
			w.answers(http.StatusOK, "database: ok")
			traffic.end()
			traffic.arrives(t, crm)
		})
	}
}
