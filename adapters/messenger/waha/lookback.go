package waha

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"recado/domain"
)

const (
	hiddenMost   = 500 // messages that are looked through again for hidden numbers
	hiddenAtOnce = 50  // hidden numbers that one look asks for
)

// Lookback reads what the engine stored since, as the events message.any and message.ack
// that would have told of it: a session may say that it works and tell nothing, and webhooks that
// wait die with WAHA. Where a message shows a hidden number alone, Lookback asks whose
// it is: WAHA often knows it some moments later.
func (c *Connector) Lookback(ctx context.Context, conn domain.Connection, since time.Time) (domain.LookedBack, error) {
	info, err := c.session(ctx, conn)
	if err != nil {
		return domain.LookedBack{}, err
	}
	l := looking{call: c.calling(conn, ""), info: info, limit: lookbackPage, hidden: map[domain.PeerID]time.Time{}}
	l.client = l.client.Reading(lookbackBytes)
	if err := l.read(ctx, since); err != nil {
		return domain.LookedBack{}, err
	}
	for _, ago := range askAgain {
		l.seek(ctx, since.Add(-ago), l.found.Until.Add(-ago))
	}
	l.resolve(ctx)
	return l.found, nil
}

// How long after a message WAHA is asked again for a hidden number in it: soon, by a look
// for that alone, and later, by looks that come anyway. The messages of the last minutes
// are looked through each time.
var (
	askSoon  = []time.Duration{domain.SeekAfter, time.Minute}
	askAgain = []time.Duration{time.Hour, 24 * time.Hour}
)

// seek looks for the hidden numbers of that time. If it fails they are asked for when
// they write again.
func (l *looking) seek(ctx context.Context, from, to time.Time) {
	var page []json.RawMessage
	path := fmt.Sprintf("/api/%s/chats/all/messages?limit=%d&sortBy=timestamp&sortOrder=asc&downloadMedia=false&filter.timestamp.gte=%d&filter.timestamp.lte=%d",
		l.session, hiddenMost, from.Unix(), to.Unix())
	_ = l.ask(ctx, http.MethodGet, path, nil, &page)
	for _, raw := range page {
		var m message
		if json.Unmarshal(raw, &m) == nil {
			l.note(&m)
		}
	}
}

// note remembers the hidden number of a message that shows no other.
func (l *looking) note(m *message) {
	if names := m.names(); !m.chat().isGroup() && len(names) == 1 && !names[0].IsPhone() && m.chat().isChat() {
		if at := m.Timestamp.Time; at.After(l.hidden[names[0]]) {
			l.hidden[names[0]] = at
		}
	}
}

// A looking is one look back.
type looking struct {
	call
	info   sessionInfo
	limit  int       // messages of a page
	last   time.Time // when the message that was read last was written
	found  domain.LookedBack
	hidden map[domain.PeerID]time.Time // numbers whose phone is not known, and when they wrote
}

// add makes an event of a message.
func (l *looking) add(raw json.RawMessage) {
	var m message
	if json.Unmarshal(raw, &m) != nil {
		return
	}
	if !m.Timestamp.IsZero() {
		l.last = m.Timestamp.Time
	}
	l.found.Bodies = append(l.found.Bodies, l.event("message.any", raw))
	if reached := m.reached(); reached != nil {
		l.found.Bodies = append(l.found.Bodies, l.event("message.ack", reached))
	}
	l.note(&m)
}

// reached is the event message.ack of how far a message of the company came; nil: it
// tells nothing. In a group each member has acks of their own.
func (m *message) reached() json.RawMessage {
	if !m.FromMe || m.Ack == nil || *m.Ack == 0 || m.chat().isGroup() {
		return nil
	}
	id := "true_" + string(m.chat()) + "_" + m.ID.bare
	payload, _ := json.Marshal(map[string]any{"id": id, "fromMe": true, "ack": *m.Ack}) // cannot fail
	return payload
}

// event makes the body of an event.
func (l *looking) event(name string, payload json.RawMessage) []byte {
	me := map[string]string{"id": string(l.info.Me.ID), "lid": string(l.info.Me.Lid)}
	body, _ := json.Marshal(map[string]any{ // cannot fail: the payload was read as JSON
		"event": name, "session": l.session, "timestamp": time.Now().UnixMilli(), "me": me, "payload": payload,
		"recado.found": name == "message.any",
	})
	return body
}

// resolve asks whose the hidden numbers are. One that fails is asked for at the next look.
func (l *looking) resolve(ctx context.Context) {
	asked := 0
	for lid, wrote := range l.hidden {
		if asked++; asked > hiddenAtOnce {
			return
		}
		var said json.RawMessage
		var known hidden
		if l.ask(ctx, http.MethodGet, "/api/"+l.session+"/lids/"+string(lid), nil, &said) != nil || json.Unmarshal(said, &known) != nil {
			l.askSoon(wrote)
			continue
		}
		if known.Lid.peer() == lid && known.Phone.peer().IsPhone() {
			l.found.Bodies = append(l.found.Bodies, l.event(hiddenNumber, said))
		} else {
			l.askSoon(wrote)
		}
	}
}

// askSoon lets the next look come when a hidden number is to be asked for again.
func (l *looking) askSoon(wrote time.Time) {
	for _, after := range askSoon {
		at := wrote.Add(after)
		if at.After(time.Now()) {
			if l.found.Again.IsZero() || at.Before(l.found.Again) {
				l.found.Again = at
			}
			return
		}
	}
}
