package waha

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"recado/adapters/messenger/wire"
)

const (
	lookbackPage  = 100     // messages of a page, if they fit
	lookbackPages = 10      // of one look
	lookbackBytes = 4 << 20 // of a page; a webhook may be as long
)

// errNoFurther is of a look after which the next would read the same.
var errNoFurther = errors.New("WAHA gives no messages that were written later")

// read reads the messages since, page by page. What is more than one look may read, and
// what could not be read, is left to the next look. WAHA tells seconds, and the next look
// begins with the second of the last message, so that none of that second is missed: a
// look reads on until it comes to another second than it began with.
func (l *looking) read(ctx context.Context, since time.Time) error {
	l.found.Until = time.Now()
	offset := 0
	for pages := 1; ; pages++ {
		page, err := l.page(ctx, since, offset)
		if err != nil {
			return l.stop(since, err)
		}
		for _, raw := range page {
			l.add(raw)
		}
		offset += len(page)
		switch {
		case len(page) < l.limit:
			return nil
		case pages >= lookbackPages && l.last.Unix() != since.Unix():
			return l.stop(since, errNoFurther)
		}
	}
}

// stop ends a look before it has read everything. Why is the error of a look that came
// no further than the moment where it began.
func (l *looking) stop(since time.Time, why error) error {
	if l.last.Unix() <= since.Unix() {
		return why
	}
	l.found.Until, l.found.More = l.last, true
	return nil
}

// page reads the next messages: half as many as long as they do not fit. Instead of one
// that does not fit alone it returns an empty one: no webhook would have brought it.
func (l *looking) page(ctx context.Context, since time.Time, offset int) ([]json.RawMessage, error) {
	for ; ; l.limit /= 2 {
		path := fmt.Sprintf("/api/%s/chats/all/messages?limit=%d&offset=%d&sortBy=timestamp&sortOrder=asc&downloadMedia=false&filter.timestamp.gte=%d",
			l.session, l.limit, offset, since.Unix())
		reply, err := l.answer(ctx, http.MethodGet, path, nil)
		switch {
		case err != nil:
			return nil, err
		case len(reply.Body) < lookbackBytes:
			var page []json.RawMessage
			err = wire.Decode(reply.Body, &page)
			return page, err
		case l.limit == 1:
			return []json.RawMessage{nil}, nil
		}
	}
}
