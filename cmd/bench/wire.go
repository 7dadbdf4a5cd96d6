package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
)

// net/http's client would cost more than what it measures, so both simulated sides
// speak just enough of HTTP/1.1 over persistent connections.

// A caller is a connection to a server under measurement.
type caller struct {
	conn   net.Conn
	reader *bufio.Reader
}

func dial(address string) (*caller, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &caller{conn, bufio.NewReaderSize(conn, 8<<10)}, nil
}

// call sends a whole request and reads the whole answer.
func (c *caller) call(request []byte) (status int, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	line, err := c.reader.ReadSlice('\n') // HTTP/1.1 200 OK
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("answer %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("answer %q", line)
	}
	length, err := readHeader(c.reader)
	if err == nil {
		_, err = c.reader.Discard(length)
	}
	return status, err
}

// readHeader reads to the empty line and returns the length of the body.
func readHeader(r *bufio.Reader) (length int, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			return length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("header %q", line)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return 0, errors.New("a chunked body, which bench does not read")
		}
	}
}

// A responder is a simulated server. It answers every request with 200; answer
// appends the body to a buffer.
type responder struct {
	listener net.Listener
	answer   func(body, buffer []byte) []byte

	mu    sync.Mutex // guards following
	conns map[net.Conn]bool
}

func newResponder(answer func(body, buffer []byte) []byte) (*responder, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &responder{listener: l, answer: answer, conns: map[net.Conn]bool{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	return r, nil
}

func (r *responder) address() string { return r.listener.Addr().String() }

func (r *responder) serve(conn net.Conn) {
	r.keep(conn, true)
	defer r.keep(conn, false)
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 8<<10)
	var body, answer, out []byte
	for {
		if _, err := reader.ReadSlice('\n'); err != nil { // POST /hooks HTTP/1.1
			return
		}
		length, err := readHeader(reader)
		if err != nil {
			return
		}
		if cap(body) < length {
			body = make([]byte, length)
		}
		body = body[:length]
		if _, err := io.ReadFull(reader, body); err != nil {
			return
		}
		answer = r.answer(body, answer[:0])
		out = append(out[:0], "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "...)
		out = strconv.AppendInt(out, int64(len(answer)), 10)
		out = append(append(out, "\r\n\r\n"...), answer...)
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}

func (r *responder) keep(conn net.Conn, open bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if open {
		r.conns[conn] = true
	} else {
		delete(r.conns, conn)
	}
}

func (r *responder) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.conns {
		_ = conn.Close()
	}
}
