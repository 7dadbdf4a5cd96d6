package api

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// A page of a list.
type page[T any] struct {
	Data       []T     `json:"data" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Pass it as cursor to get the next page; null on the last page."`
}

// pageOf shows up to limit rows. Calls ask the store for limit+1 rows: the extra
// row, if any, means that another page follows.
func pageOf[Row, Shown any](rows []Row, limit int, show func(Row) Shown, cursor func(Row) string) page[Shown] {
	p := page[Shown]{Data: []Shown{}}
	if len(rows) > limit {
		rows = rows[:limit]
		next := cursor(rows[limit-1])
		p.NextCursor = &next
	}
	for _, row := range rows {
		p.Data = append(p.Data, show(row))
	}
	return p
}

// The names of the lists in cursors, so that one list rejects the cursor of another.
const (
	listChats      = "chats"
	listMessages   = "messages"
	listDeliveries = "deliveries"
	listEvents     = "events"
)

func chatCursor(c domain.Chat) string {
	return encodeCursor(listChats, string(c.ID), c.LastInboundAt, c.CreatedAt)
}

// parseChatCursor reads a chatCursor. An empty one is the start of the list.
func parseChatCursor(cursor string) (domain.ChatCursor, error) {
	if cursor == "" {
		return domain.ChatCursor{}, nil
	}
	id, times, err := decodeCursor(listChats, cursor, 2)
	if err != nil {
		return domain.ChatCursor{}, err
	}
	return domain.ChatCursor{LastInboundAt: times[0], CreatedAt: times[1], ID: domain.ChatID(id)}, nil
}

func messageCursor(m domain.Message) string {
	return encodeCursor(listMessages, string(m.ID), m.At)
}

// parseMessageCursor reads a messageCursor. An empty one is the start of the list.
func parseMessageCursor(cursor string) (domain.MessageCursor, error) {
	if cursor == "" {
		return domain.MessageCursor{}, nil
	}
	id, times, err := decodeCursor(listMessages, cursor, 1)
	if err != nil {
		return domain.MessageCursor{}, err
	}
	return domain.MessageCursor{At: times[0], ID: domain.MessageID(id)}, nil
}

func deliveryCursor(id int64) string { return encodeCursor(listDeliveries, domain.ShowDeliveryID(id)) }

// parseDeliveryCursor reads a deliveryCursor. An empty one is the start of the list.
func parseDeliveryCursor(cursor string) (before int64, err error) {
	if cursor == "" {
		return 0, nil
	}
	id, _, err := decodeCursor(listDeliveries, cursor, 0)
	if err != nil {
		return 0, err
	}
	if before, err = domain.ParseDeliveryID(id); err != nil {
		return 0, invalidCursor()
	}
	return before, nil
}

// eventCursor encodes a place in the feed of a company.
func eventCursor(company domain.CompanyID, p domain.FeedPlace) string {
	text := fmt.Sprintf("%s %s %d %d %d", listEvents, company, p.Stamp, p.Pos, p.Time.UnixMilli())
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// parseEventCursor reads an eventCursor. An empty one is the start of the feed.
func parseEventCursor(company domain.CompanyID, cursor string) (p domain.FeedPlace, err error) {
	if cursor == "" {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 5 || parts[0] != listEvents || parts[1] != string(company) {
		return p, invalidCursor()
	}
	var numbers [3]int64
	for i := range numbers {
		if numbers[i], err = strconv.ParseInt(parts[2+i], 10, 64); err != nil || numbers[i] < 0 {
			return p, invalidCursor()
		}
	}
	return domain.FeedPlace{Stamp: numbers[0], Pos: numbers[1], Time: time.UnixMilli(numbers[2]).UTC()}, nil
}

// encodeCursor encodes a position as the base64url of list, id and milliseconds.
// Cursors are opaque to callers, so that the format may change.
func encodeCursor(list, id string, times ...time.Time) string {
	parts := []string{list, id}
	for _, t := range times {
		parts = append(parts, strconv.FormatInt(t.UnixMilli(), 10))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, " ")))
}

// idPattern matches the ids that Recado generates; see domain.ID.
var idPattern = regexp.MustCompile(`^((chat|msg)_[0-9A-Z]{26}|dlv_[0-9]{1,19})$`)

func decodeCursor(list, cursor string, times int) (id string, at []time.Time, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 2+times || parts[0] != list || !idPattern.MatchString(parts[1]) {
		return "", nil, invalidCursor()
	}
	for _, part := range parts[2:] {
		ms, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return "", nil, invalidCursor()
		}
		at = append(at, time.UnixMilli(ms).UTC())
	}
	return parts[1], at, nil
}

func invalidCursor() error {
	return invalid("invalid cursor", fieldError{"query.cursor", "expected the next_cursor of the previous page, or none for the first page"})
}
