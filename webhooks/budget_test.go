package webhooks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// A body is of any length, announced or not, comes in pieces, and may break off.
func aBody(t *rapid.T) (io.Reader, int64) {
	length := rapid.IntRange(0, 64<<10).Draw(t, "length")
	announced := rapid.SampledFrom([]int64{int64(length), -1}).Draw(t, "announced")
	body := bytes.NewReader(make([]byte, length))
	piece := rapid.SampledFrom([]func(io.Reader) io.Reader{
		func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader,
	}).Draw(t, "in pieces")(body)
	if rapid.Bool().Draw(t, "breaks off") {
		return io.MultiReader(piece, iotest.ErrReader(io.ErrUnexpectedEOF)), announced
	}
	return piece, announced
}

// After any mix of bodies that were read, broken or refused the budget is whole
// again, and at every moment it covers every byte that is held.
func TestTheBudgetIsAlwaysGivenBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.IntRange(0, 256<<10).Draw(t, "budget")
		b := &budget{left: whole}
		held := 0
		var releases []func()
		t.Repeat(map[string]func(*rapid.T){
			"read": func(t *rapid.T) {
				body, release, err := b.read(aBody(t))
				if err != nil && !errors.Is(err, errFull) && !errors.Is(err, errIncomplete) {
					t.Fatal(err)
				}
				held += cap(body)
				releases = append(releases, func() { release(); held -= cap(body) })
			},
			"release": func(t *rapid.T) {
				if len(releases) == 0 {
					t.Skip("nothing is held")
				}
				releases[0]()
				releases = releases[1:]
			},
			"": func(t *rapid.T) {
				if b.left < 0 || b.left+held != whole {
					t.Fatalf("%d left and %d held of %d", b.left, held, whole)
				}
			},
		})
		for _, release := range releases {
			release()
		}
		if b.left != whole {
			t.Fatalf("%d left of %d", b.left, whole)
		}
	})
}

func TestAShortBodyTakesNoMoreThanItAnnounced(t *testing.T) {
	b := &budget{left: maxWaiting}
	body, release, err := b.read(iotest.DataErrReader(bytes.NewReader(make([]byte, 1000))), 1000)
	defer release()
	if err != nil || len(body) != 1000 || b.left != maxWaiting-1000 {
		t.Errorf("%d bytes took %d: %v", len(body), maxWaiting-b.left, err)
	}
}

func TestBytesCountAsTheyArrive(t *testing.T) {
	l := newLab(t)
	server := httptest.NewServer(l.router)
	defer server.Close()
	before := l.budgetLeft()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /webhooks/waba/meta HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", maxBody)
	if _, err := conn.Read(make([]byte, 1)); err != nil { // "100 Continue": the server waits for the body
		t.Fatal(err)
	}
	if taken := before - l.budgetLeft(); taken > 4<<10 {
		t.Errorf("the announcement of 4 MiB alone reserved %d bytes", taken)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(conn)
	if err != nil || !bytes.Contains(rest, []byte("400 Bad Request")) {
		t.Errorf("got %q, %v", rest, err)
	}
	if left := l.budgetLeft(); left != before {
		t.Errorf("%d bytes are not given back", before-left)
	}
}
