package redis

import (
	"context"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Embedded returns a client of a Redis inside this process. It opens no port and
// stores nothing on disk: after a restart the sweep finds the work again in the
// store. It is meant for trials, development and one small office. Call stop to end it.
func Embedded() (client redis.UniversalClient, stop func()) {
	server := miniredis.NewMiniRedis()
	done := make(chan struct{})
	go expireKeys(server, done)
	client = redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return server.Dial() },
	})
	return client, func() {
		close(done)
		_ = client.Close() // it closes a connection within this process
		server.Close()
	}
}

// expireKeys advances the server's clock, which does not run by itself, until
// done is closed.
func expireKeys(server *miniredis.Miniredis, done <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			server.FastForward(time.Second)
		}
	}
}
