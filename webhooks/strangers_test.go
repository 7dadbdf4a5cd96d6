package webhooks

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A pipeListener is a network within the process, on which time can stand still.
type pipeListener struct{ connections chan net.Conn }

func (l pipeListener) Accept() (net.Conn, error) {
	c, open := <-l.connections
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l pipeListener) Close() error   { close(l.connections); return nil }
func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{} }

// dial connects to the server.
func (l pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.connections <- server
	return client
}

// serve serves a lab as the program does, until the test ends.
func serve(t *testing.T) (*lab, pipeListener) {
	l := newLab(t)
	network := pipeListener{make(chan net.Conn)}
	server := &http.Server{Handler: l.router, ReadTimeout: 15 * time.Second}
	go func() { _ = server.Serve(network) }() // it ends when the test closes it
	t.Cleanup(func() {
		server.Close()
		time.Sleep(time.Second) // by the test's clock: net/http keeps a connection that it refused for half of it
	})
	return l, network
}

// begin sends the header of a webhook and a part of its body. If it fails, the
// answer says why.
func begin(c net.Conn, hook, secret string, length, sent int) {
	fmt.Fprintf(c, "POST /webhooks/waba/%s HTTP/1.1\r\nHost: x\r\nX-Secret: %s\r\nContent-Length: %d\r\n\r\n%s",
		hook, secret, length, strings.Repeat("x", sent))
}

func status(t *testing.T, c net.Conn) int {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return answer.StatusCode
}

// Whoever knows the address of a hook, but not its secret, shuts it for nobody.
func TestSilentStrangersShutNoHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, network := serve(t)
		before := l.budgetLeft()
		var strangers []net.Conn
		for range 32 {
			c := network.dial()
			defer c.Close()
			go begin(c, "meta", "guessed", maxBody, 2<<20-1)
			strangers = append(strangers, c)
		}
		synctest.Wait()
		send := func(hook string, length, want int) {
			t.Helper()
			c := network.dial()
			defer c.Close()
			go begin(c, hook, theSecret, length, length)
			if got := status(t, c); got != want {
				t.Errorf("a webhook of %d bytes for %s is answered %d, want %d", length, hook, got, want)
			}
		}
		l.hooks["other"] = l.hooks["meta"]
		send("meta", 20<<10, 200)
		send("other", 20<<10, 200)
		send("other", 3<<20, 200)
		send("meta", 3<<20, 503) // only this waits until the strangers are gone

		for _, c := range strangers {
			if got := status(t, c); got != 400 && got != 503 {
				t.Errorf("a silent stranger is answered %d", got)
			}
		}
		if left := l.budgetLeft(); left != before {
			t.Errorf("%d bytes are not given back", before-left)
		}
		send("meta", 3<<20, 200)
	})
}

func TestHowSlowAWebhookMayBe(t *testing.T) {
	const length = 1 << 20
	tests := []struct {
		name   string
		piece  int
		every  time.Duration
		status int
	}{
		{"256 KiB in less than two seconds", stride, strideTime - time.Millisecond, 200},
		{"less", stride, strideTime + time.Millisecond, 400},
		{"a byte each second", 1, time.Second, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, network := serve(t)
				c := network.dial()
				defer c.Close()
				go begin(c, "meta", theSecret, length, 0)
				go func() {
					for range length / tt.piece {
						time.Sleep(tt.every)
						if _, err := c.Write(make([]byte, tt.piece)); err != nil {
							return
						}
					}
				}()
				begun := time.Now()
				if got := status(t, c); got != tt.status {
					t.Errorf("answered %d, want %d", got, tt.status)
				}
				if took := time.Since(begun); tt.status == 400 && took > 2*strideTime {
					t.Errorf("it held the connection for %v", took)
				}
			})
		})
	}
}

// A commit may last longer than a stride's time.
func TestASlowCommitIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, network := serve(t)
		gaveUp := false
		c := network.dial()
		defer c.Close()
		l.commit = func(done <-chan struct{}) {
			select {
			case <-done:
				gaveUp = true
			case <-time.After(4 * strideTime):
			}
		}
		go begin(c, "meta", theSecret, 10, 10)
		if got := status(t, c); got != 200 || gaveUp {
			t.Errorf("answered %d, given up: %v", got, gaveUp)
		}
	})
}

// What is answered without a look at the body takes no memory for it.
func TestWhatTheHeaderShowsToBeForgedIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, network := serve(t)
		before := l.budgetLeft()
		c := network.dial()
		defer c.Close()
		go begin(c, "meta", "", maxBody, 0)
		if got := status(t, c); got != 401 || l.budgetLeft() != before {
			t.Errorf("answered %d, %d bytes are held", got, before-l.budgetLeft())
		}
	})
}
