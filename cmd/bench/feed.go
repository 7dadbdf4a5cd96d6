package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const rowFeed = "events read from the feed by one reader"

// feed measures how fast a CRM that was away reads what it missed: every event of
// a company, page by page.
func (b *bench) feed(ctx context.Context, t *site) error {
	began, events, after := time.Now(), 0, ""
	for {
		page, err := t.page(ctx, after)
		if err != nil {
			return t.withLog(err)
		}
		if len(page.Data) == 0 {
			break
		}
		events, after = events+len(page.Data), page.NextCursor
	}
	b.table.add("Recado", rowFeed, perSecond, rate(events, time.Since(began)))
	return nil
}

// A feedPage is what is read of an answer of GET /v1/events.
type feedPage struct {
	Data       []json.RawMessage
	NextCursor string `json:"next_cursor"`
}

func (t *site) page(ctx context.Context, after string) (page feedPage, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.public+"/v1/events?limit=200&after="+url.QueryEscape(after), nil)
	if err != nil {
		return page, err
	}
	r.Header.Set("Authorization", "Bearer "+apiKey(0))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return page, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return page, fmt.Errorf("the feed answers %s", answer.Status)
	}
	return page, json.NewDecoder(answer.Body).Decode(&page)
}
