package api

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// A page of a list.
type page[T any] struct {
	Data       []T     `json:"data" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor to get what follows; null: nothing does."`
}

// pageOf shows up to limit rows. The store was asked for one more: if it came,
// another page follows.
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

// The lists, as a cursor names them: one list's cursor is no place in another.
const (
	listChats    = "chats"
	listMessages = "messages"
)

func chatCursor(c domain.Chat) string {
	return encodeCursor(listChats, string(c.ID), c.LastInboundAt, c.CreatedAt)
}

// chatPlace reads a chatCursor; an empty one begins.
func chatPlace(cursor string) (domain.ChatCursor, error) {
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

// messagePlace reads a messageCursor; an empty one begins.
func messagePlace(cursor string) (domain.MessageCursor, error) {
	if cursor == "" {
		return domain.MessageCursor{}, nil
	}
	id, times, err := decodeCursor(listMessages, cursor, 1)
	if err != nil {
		return domain.MessageCursor{}, err
	}
	return domain.MessageCursor{At: times[0], ID: domain.MessageID(id)}, nil
}

// encodeCursor writes a place as base64url of: list, id, milliseconds. Callers
// must not read it, so that it may change.
func encodeCursor(list, id string, times ...time.Time) string {
	parts := []string{list, id}
	for _, t := range times {
		parts = append(parts, strconv.FormatInt(t.UnixMilli(), 10))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, " ")))
}

// idForm is the form of the ids that we give; see domain.ID.
var idForm = regexp.MustCompile(`^(chat|msg)_[0-9A-Z]{26}$`)

func decodeCursor(list, cursor string, times int) (id string, at []time.Time, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 2+times || parts[0] != list || !idForm.MatchString(parts[1]) {
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
	return invalid("invalid cursor", fieldError{"query.cursor", "expected next_cursor of the page before, or none to begin"})
}
