package crm

import (
	"context"
	"net"
	"testing"
)

// fakeDNS returns a resolver that gives every host the address of the moment.
func fakeDNS(t *testing.T, address func() [4]byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { server.Close(); <-done })
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := answerDNS(buffer[:n], address()); answer != nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answerDNS answers a question for an address of IPv4 (RFC 1035, 4.1), and any
// other with nothing.
func answerDNS(question []byte, address [4]byte) []byte {
	const header, typeA = 12, 1
	end := header
	for end < len(question) && question[end] != 0 { // the labels of the name
		end += int(question[end]) + 1
	}
	if end+5 > len(question) {
		return nil
	}
	answer := append([]byte{}, question[:end+5]...)
	copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}) // a response to one question
	if answer[end+2] == typeA {
		answer[7] = 1
		answer = append(answer, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4) // that name, for no time
		answer = append(answer, address[:]...)
	}
	return answer
}
