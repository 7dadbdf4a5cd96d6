package redis

import (
	"context"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Embedded makes a client of a Redis inside this process. It opens no port and
// keeps nothing: what is lost with the process, the sweep writes down again. It
// is for trial, development and one small office. Close ends it.
func Embedded() (client redis.UniversalClient, stop func()) {
	server := miniredis.NewMiniRedis()
	done := make(chan struct{})
	go age(server, done)
	client = redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return server.Dial() },
	})
	return client, func() {
		close(done)
		_ = client.Close() // it is in memory
		server.Close()
	}
}

// age lets keys expire: the server in the process has no clock of its own.
func age(server *miniredis.Miniredis, done <-chan struct{}) {
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
