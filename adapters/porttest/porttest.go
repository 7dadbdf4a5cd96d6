// Package porttest gives tests addresses at which a program can listen.
package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
)

// Ports from 10,000 on are below those that a system gives to connections by itself,
// so that a program that was killed finds its port free again.
const (
	lowest = 10_000
	count  = 10_000
	bus    = 10_000 // how much higher a node of a Redis Cluster listens for the other nodes
)

// next counts on from anywhere, since several packages are tested at a time.
var next atomic.Int64

func init() { next.Store(rand.Int64N(count)) }

// Address returns an address, such as 127.0.0.1:12345, at which nobody listens. No
// other test of the process gets it. The port 10,000 above is free, too.
func Address(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := lowest + int(next.Add(1)%count)
		if free(port) && free(port+bus) {
			return address(port)
		}
	}
	t.Fatal("no port is free")
	return ""
}

func address(port int) string { return fmt.Sprint("127.0.0.1:", port) }

func free(port int) bool {
	l, err := net.Listen("tcp", address(port))
	return err == nil && l.Close() == nil
}
