package main

import (
	"net"
	"net/url"
	"sync/atomic"
)

// A proxy forwards connections to a server and counts the traffic.
type proxy struct {
	listener net.Listener
	server   string
	trips    atomic.Int64 // requests that followed an answer
	bytes    atomic.Int64 // both ways
}

// newProxy starts a proxy of the server of a URL, and returns the URL of the proxy.
func newProxy(server string) (*proxy, string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	p := &proxy{listener: l, server: u.Host}
	u.Host = l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(conn)
		}
	}()
	return p, u.String(), nil
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var asked atomic.Bool
	go func() {
		defer server.Close()
		p.copy(server, client, func() {
			if !asked.Swap(true) {
				p.trips.Add(1)
			}
		})
	}()
	p.copy(client, server, func() { asked.Store(false) })
}

// copy forwards bytes until one side is closed.
func (p *proxy) copy(to, from net.Conn, came func()) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			came()
			p.bytes.Add(int64(n))
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) close() { _ = p.listener.Close() }
