package main

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// A redisProxy stands between the program and Redis and can fail a call by which
// asynq completes a job.
type redisProxy struct {
	addr   string
	hang   atomic.Bool // requests are read and never answered
	fail   atomic.Bool // the next completion
	failed atomic.Int64
}

func newRedisProxy(t *testing.T, upstream string) *redisProxy {
	t.Helper()
	p := &redisProxy{}
	p.addr = serveTCP(t, func(client net.Conn) {
		server, err := net.Dial("tcp", upstream)
		if err != nil {
			client.Close()
			return
		}
		go func() {
			_, _ = io.Copy(client, server) // ends with either side
			client.Close()
		}()
		defer server.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			if p.hang.Load() {
				continue
			}
			if completes(buf[:n]) && p.fail.CompareAndSwap(true, false) {
				p.failed.Add(1)
				_, _ = client.Write([]byte("-ERR injected by the test\r\n"))
				continue
			}
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	return p
}

// completes reports whether a request is asynq's script that ends a job: of all
// its scripts that one names the day's count of processed jobs, not the failed.
func completes(request []byte) bool {
	return bytes.Contains(bytes.ToLower(request), []byte("evalsha")) &&
		bytes.Contains(request, []byte(":processed:")) && !bytes.Contains(request, []byte(":failed:"))
}
