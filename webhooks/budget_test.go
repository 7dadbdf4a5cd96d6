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

	"recado/domain"
)

// A body is of any length, announced or not, comes in pieces, and may break off.
func aBody(t *rapid.T) (io.Reader, int64) {
	length := rapid.IntRange(0, 256<<10).Draw(t, "length")
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
// again, and at every moment it covers every byte that is held, of which no hook
// has more than its share.
func TestTheBudgetIsAlwaysGivenBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.IntRange(0, 256<<10).Draw(t, "short")
		long := rapid.IntRange(0, 1<<20).Draw(t, "long")
		b := newBudget(short, long)
		var holds []*hold
		t.Repeat(map[string]func(*rapid.T){
			"read": func(t *rapid.T) {
				h := b.hold(rapid.SampledFrom([]domain.HookID{"meta", "bot"}).Draw(t, "hook"))
				body, err := h.read(aBody(t))
				if err != nil && !errors.Is(err, errFull) && !errors.Is(err, errIncomplete) {
					t.Fatal(err)
				}
				if h.size != cap(body) {
					t.Fatalf("%d bytes count as %d", cap(body), h.size)
				}
				holds = append(holds, h)
			},
			"release": func(t *rapid.T) {
				if len(holds) == 0 {
					t.Skip("nothing is held")
				}
				holds[0].release()
				holds = holds[1:]
			},
			"": func(t *rapid.T) {
				for pool, whole := range map[*pool]int{&b.short: short, &b.long: long} {
					held := map[domain.HookID]int{}
					sum := 0
					for _, h := range holds {
						if h.pool == pool {
							held[h.hook] += h.size
							sum += h.size
						}
					}
					if pool.left < 0 || pool.left+sum != whole {
						t.Fatalf("%d left and %d held of %d", pool.left, sum, whole)
					}
					for hook, size := range held {
						if size > whole/hookShares {
							t.Fatalf("hook %s has %d of %d", hook, size, whole)
						}
					}
				}
			},
		})
		for _, h := range holds {
			h.release()
		}
		if b.short.left != short || b.long.left != long || len(b.short.taken)+len(b.long.taken) > 0 {
			t.Fatalf("%+v is left of %d and %d", b, short, long)
		}
	})
}

func TestAShortBodyTakesNoMoreThanItAnnounced(t *testing.T) {
	b := newBudget(maxWaitingShort, maxWaitingLong)
	h := b.hold("meta")
	defer h.release()
	body, err := h.read(iotest.DataErrReader(bytes.NewReader(make([]byte, 1000))), 1000)
	if err != nil || len(body) != 1000 || b.short.left != maxWaitingShort-1000 || b.long.left != maxWaitingLong {
		t.Errorf("%d bytes left %d and %d: %v", len(body), b.short.left, b.long.left, err)
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
	fmt.Fprintf(conn, "POST /webhooks/waba/meta HTTP/1.1\r\nHost: x\r\nX-Secret: guessed\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", maxBody)
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
