package dc

import (
	"encoding/binary"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
)

// Uses count the open connections of each key: Telegram ends a login whose key two
// clients use at once.
type uses struct {
	mu        sync.Mutex
	now, most map[[8]byte]int
	open      map[net.Conn]bool
	cut       bool
}

func (u *uses) add(key [8]byte, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now[key] += n
	u.most[key] = max(u.most[key], u.now[key])
}

// AtOnce is how many connections used one key at the same time, at most.
func (w *World) AtOnce() (most int) {
	w.uses.mu.Lock()
	defer w.uses.mu.Unlock()
	for _, n := range w.uses.most {
		most = max(most, n)
	}
	return most
}

// Connections counts those that are open and have a key.
func (w *World) Connections() (n int) {
	w.uses.mu.Lock()
	defer w.uses.mu.Unlock()
	for _, open := range w.uses.now {
		n += open
	}
	return n
}

// Cut takes the network away until Restore: what is open breaks, and nobody comes in.
func (w *World) Cut() {
	w.uses.mu.Lock()
	w.uses.cut = true
	open := slices.Collect(maps.Keys(w.uses.open))
	w.uses.mu.Unlock()
	for _, c := range open {
		_ = c.Close() // that is the aim
	}
}

// Restore brings the network back.
func (w *World) Restore() {
	w.uses.mu.Lock()
	defer w.uses.mu.Unlock()
	w.uses.cut = false
}

// comes notes an open connection; false: there is no network.
func (u *uses) comes(c net.Conn) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.cut {
		return false
	}
	u.open[c] = true
	return true
}

func (u *uses) goes(c net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, c)
}

// Watched is a listener that sees the keys of its connections.
type watched struct {
	net.Listener
	uses *uses
}

// Accept skips a client that is gone before it named its framing: its error would end tgtest's server.
func (l watched) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		var framing [4]byte
		k := &keyed{Conn: c, uses: l.uses, framing: framing[:]}
		if _, err := io.ReadFull(c, framing[:]); err == nil && l.uses.comes(k) {
			return k, nil
		}
		_ = c.Close() // it is gone
	}
}

// A keyed connection reads along until it knows its key: each packet is its length and
// then the number of the key, zero while a key is made.
type keyed struct {
	net.Conn
	uses    *uses
	framing []byte // what names it, until that was read

	mu     sync.Mutex // guards the fields below
	read   []byte     // what came since the last whole packet
	key    [8]byte
	closed bool
}

func (c *keyed) Read(p []byte) (int, error) {
	if len(c.framing) > 0 {
		n := copy(p, c.framing)
		c.framing = c.framing[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.key == [8]byte{} && !c.closed {
		c.read = append(c.read, p[:n]...)
		c.look()
	}
	return n, err
}

// look reads the packets that are whole. The caller holds mu.
func (c *keyed) look() {
	for len(c.read) >= 12 {
		copy(c.key[:], c.read[4:12])
		if c.key != [8]byte{} {
			c.read = nil
			c.uses.add(c.key, 1)
			return
		}
		size := 4 + int(binary.LittleEndian.Uint32(c.read))
		if len(c.read) < size {
			return
		}
		c.read = c.read[size:]
	}
}

// Close ends the use of the key.
func (c *keyed) Close() error {
	c.mu.Lock()
	if c.key != [8]byte{} && !c.closed {
		c.uses.add(c.key, -1)
	}
	c.closed = true
	c.mu.Unlock()
	c.uses.goes(c)
	return c.Conn.Close()
}
