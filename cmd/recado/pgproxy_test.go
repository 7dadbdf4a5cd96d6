package main

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A pgProxy stands between the program and PostgreSQL, reads which statements
// pass, and can hold a statement, or its answer, for as long as a test likes.
type pgProxy struct {
	addr     string
	upstream string

	mu   sync.Mutex
	hold func(moment) // called for each statement, before and after; may block
}

// A moment is a statement on its way, with those of its transaction before it.
type moment struct {
	statement   string
	transaction []string
	answered    bool // the database has it already; the program does not know
}

// has reports whether the transaction holds a statement with that text.
func (m moment) has(text string) bool {
	return slices.ContainsFunc(m.transaction, func(s string) bool { return strings.Contains(s, text) })
}

func newPGProxy(t *testing.T, upstream string) *pgProxy {
	t.Helper()
	p := &pgProxy{upstream: upstream}
	p.addr = serveTCP(t, p.serve)
	return p
}

// serveTCP accepts connections until the test ends.
func serveTCP(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// onMoment sets a function that is called for each statement; nil: none.
func (p *pgProxy) onMoment(hold func(moment)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold = hold
}

func (p *pgProxy) meet(m moment) {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		hold(m)
	}
}

func (p *pgProxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.upstream)
	if err != nil {
		client.Close()
		return
	}
	var gate sync.Mutex // held while answers must not pass
	go func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			gate.Lock()
			_, err = client.Write(buf[:n])
			gate.Unlock()
			if err != nil {
				return
			}
		}
	}()
	defer server.Close()
	statements := map[string]string{}
	var transaction []string
	for first := true; ; first = false {
		message, err := readMessage(client, first)
		if err != nil {
			return
		}
		statement := named(message, statements, first)
		if statement == "" {
			if _, err := server.Write(message); err != nil {
				return
			}
			continue
		}
		if statement == "BEGIN" || len(transaction) > 0 && transaction[len(transaction)-1] == "ROLLBACK" {
			transaction = nil
		}
		transaction = append(transaction, statement)
		m := moment{statement: statement, transaction: transaction}
		p.meet(m)
		gate.Lock()
		_, err = server.Write(message)
		if err == nil && (statement == "COMMIT" || transaction[0] != "BEGIN") {
			err = drainStep(client, server) // the rest of the step, so that the database does it now
			m.answered = true
			p.meet(m)
			transaction = nil
		}
		gate.Unlock()
		if err != nil {
			return
		}
	}
}

// drainStep forwards messages up to the Sync, on which the database executes them.
func drainStep(client, server net.Conn) error {
	for {
		message, err := readMessage(client, false)
		if err != nil {
			return err
		}
		if _, err := server.Write(message); err != nil || message[0] == 'S' {
			return err
		}
	}
}

// readMessage reads one message of a client; the first has no type.
func readMessage(r io.Reader, first bool) ([]byte, error) {
	header := make([]byte, 5)
	if first {
		header = header[:4]
	}
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(header[len(header)-4:]))
	message := append(header, make([]byte, length-4)...)
	_, err := io.ReadFull(r, message[len(header):])
	return message, err
}

// named returns the statement that a message executes, or nothing. It records the
// names of prepared statements.
func named(message []byte, statements map[string]string, first bool) string {
	if first {
		return ""
	}
	fields := strings.SplitN(string(message[5:]), "\x00", 3)
	switch message[0] {
	case 'P': // parse: name, text
		statements[fields[0]] = strings.TrimSpace(fields[1])
	case 'B': // bind: portal, name
		return statements[fields[1]]
	}
	return ""
}
