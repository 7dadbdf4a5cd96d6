package main

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The server that carries the jobs of the inbox is killed. Another takes its place,
// and Recado follows: nothing is lost, nothing is doubled. Webhooks are taken all the time.
func TestAFailoverOfRedisIsFollowed(t *testing.T) {
	for name, start := range map[string]func(*testing.T) *redisGroup{
		"sentinels, by TLS":          newSentinels,
		"a cluster of three masters": newRedisCluster,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group, crm, meta := start(t), newCRM(t), newMoodyMeta(t)
			w := newWorld(t, "postgres and redis")
			w.env["RECADO_REDIS_URL"] = group.url
			maps.Copy(w.env, group.env)
			w.declare(meta.url, crm.url)
			w.start()
			w.answers(http.StatusOK, "redis: ok")

			traffic := w.writeSteadily(20 * time.Millisecond)
			eventually(t, "the CRM hears of messages", time.Minute, func() bool { return len(crm.texts()) > 20 })
			answers := w.sendSteadily(50 * time.Millisecond)
			eventually(t, "the messenger gets answers", time.Minute, func() bool { return meta.total() > 5 })

			killed := time.Now()
			group.kill(t, "asynq:{inbox}")
			eventually(t, "another server has the jobs of the inbox", time.Minute, func() bool {
				return group.admin.Set(t.Context(), "recado:{inbox}:probe", 1, time.Minute).Err() == nil
			})
			failedOver := time.Since(killed)
			eventually(t, "/readyz says that Redis works", time.Minute, func() bool {
				_, text := w.get("/readyz")
				return strings.Contains(text, "redis: ok")
			})
			followed := time.Since(killed)
			eventually(t, "webhooks are taken", time.Minute, func() bool { return traffic.since(killed.Add(followed)) > 20 })

			traffic.end()
			answers.end()
			traffic.arrives(t, crm)
			answers.arrives(t, meta)
			t.Logf("another server was there after %v, and Recado used it after %v; %d webhooks were taken, %d answers sent, %d of the webhooks before that",
				failedOver.Round(time.Millisecond), followed.Round(time.Millisecond), len(traffic.taken), len(answers.accepted),
				traffic.since(killed)-traffic.since(killed.Add(followed)))
		})
	}
}

// Without a Redis work goes on, more slowly: the sweep of each worker finds it.
func TestWorkGoesOnWithoutRedis(t *testing.T) {
	for name, hangs := range map[string]bool{"it is down": false, "it hangs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crm, meta, server := newCRM(t), newMoodyMeta(t), ownRedis(t)
			proxy := newRedisProxy(t, server.Options().Addr)
			w := newWorld(t, "postgres and redis")
			w.env["RECADO_REDIS_URL"] = "redis://" + proxy.addr
			w.declare(meta.url, crm.url)
			w.start()
			w.answers(http.StatusOK, "redis: ok")
			proxy.hang.Store(hangs)
			if !hangs {
				_ = server.ShutdownNoSave(t.Context()).Err() // it ends without an answer
			}
			w.answers(http.StatusOK, "redis: does not answer")
			began := time.Now()
			traffic := w.writeSteadily(20 * time.Millisecond)
			eventually(t, "the CRM hears of messages", time.Minute, func() bool { return len(crm.texts()) > 20 })
			answers := w.sendSteadily(50 * time.Millisecond)
			eventually(t, "the messenger gets answers", time.Minute, func() bool { return meta.total() > 5 })
			took := time.Since(began)
			traffic.end()
			answers.end()
			traffic.arrives(t, crm)
			answers.arrives(t, meta)
			t.Logf("the CRM heard, and the messenger got answers, within %v", took.Round(time.Millisecond))
		})
	}
}
