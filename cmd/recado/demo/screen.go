package demo

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"recado/adapters/messenger/simulator"
)

// A screen prints what happens, a line each, after the introduction: what waited since
// the last run happens before it.
type screen struct {
	mu      sync.Mutex
	w       io.Writer
	opened  bool // the introduction is printed
	waiting bytes.Buffer
}

// line prints who did what.
func (s *screen) line(who, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var w io.Writer = &s.waiting
	if s.opened {
		w = s.w
	}
	fmt.Fprintf(w, "%s  %-9s %s\n", time.Now().Format(time.TimeOnly), who, fmt.Sprintf(format, args...))
}

// messenger prints what happened on the messengers' side.
func (s *screen) messenger(n simulator.Note) {
	what := fmt.Sprintf("%s → %s", n.From, n.To)
	if n.Text != "" {
		what += ": " + n.Text
	}
	if n.What != "" {
		what += "  [" + n.What + "]"
	}
	s.line(n.Kind.Traits().Name, "%s", what)
}

// intro explains what will be seen, and how to take part.
func (s *screen) intro(p Program, before string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, `Recado at http://%[1]s, with simulated messengers and a simulated CRM. %[2]s
Its metrics: http://%[3]s/metrics · its log: %[4]s
Embedded: %[5]s.

WhatsApp and Telegram lines show the messengers' side. CRM lines show signed callbacks (✓: the signature is valid).
The other lines show employees. Take part: the chat page, where you are Ana

  http://%[1]s/chat/login#demo-key-of-ana-clinica

or the API:

  curl -H 'Authorization: Bearer demo-key-of-ana-clinica' http://%[1]s/v1/chats
  curl -H 'Authorization: Bearer demo-key-of-ana-clinica' -H 'Content-Type: application/json' http://%[1]s/v1/messages \
       -d '{"connection_id":"clinica-whatsapp","peer_id":"+34 611 20 45 18","type":"text","text":"Hola, Lucía"}'
  curl -X POST -H 'Authorization: Bearer demo-key-of-ana-clinica' http://%[1]s/v1/chats/CHAT_ID/block

Press Ctrl-C to stop; the next run continues where this one stopped.

`, p.Listen, before, p.InternalListen, p.logFile(), p.Embedded)
	s.opened = true
	_, _ = s.waiting.WriteTo(s.w) // nobody looks if it cannot be written
}
