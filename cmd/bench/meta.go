package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A meta accepts every message at once. The simulator would be the bottleneck: it
// stores chats and sends statuses.
type meta struct {
	*responder
	left atomic.Int64
	last atomic.Int64 // Unix nanoseconds
	all  chan struct{}
}

func newMeta(n int) (*meta, error) {
	m := &meta{all: make(chan struct{})}
	m.left.Store(int64(n))
	var err error
	m.responder, err = newResponder(func(body, buffer []byte) []byte {
		_, to, _ := bytes.Cut(body, []byte(`"to":"+`))
		to, _, _ = bytes.Cut(to, []byte(`"`))
		buffer = fmt.Appendf(buffer, `{"messaging_product":"whatsapp","contacts":[{"input":"+%s","wa_id":"%s"}],"messages":[{"id":"%s","message_status":"accepted"}]}`,
			to, to, sentID(string(to), numberAfter(body, sendMark)))
		m.last.Store(time.Now().UnixNano())
		if m.left.Add(-1) == 0 {
			close(m.all)
		}
		return buffer
	})
	return m, err
}

// wait waits for all messages and returns when the last one came.
func (m *meta) wait(ctx context.Context) (time.Time, error) {
	select {
	case <-m.all:
		return time.Unix(0, m.last.Load()), nil
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-time.After(waitTimeout):
		return time.Time{}, fmt.Errorf("%d messages did not leave", m.left.Load())
	}
}
