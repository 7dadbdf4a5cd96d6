package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

// A place is where a chat or a message stands in its list. Places sort as text, as
// their list does: the page puts what comes live where the server would list it, and
// asks for what follows by the place of the last.

// chatPlace returns the place of a chat: the greatest is the first of the list.
func chatPlace(c *domain.Chat) string {
	return fmt.Sprintf("%013d.%013d.%s", millis(c.LastInboundAt), millis(c.CreatedAt), c.ID)
}

// parseChatPlace reads a chatPlace; an empty one is the start of the list.
func parseChatPlace(place string) (domain.ChatCursor, error) {
	if place == "" {
		return domain.ChatCursor{}, nil
	}
	id, at, err := parsePlace(place, 2)
	if err != nil {
		return domain.ChatCursor{}, err
	}
	return domain.ChatCursor{LastInboundAt: at[0], CreatedAt: at[1], ID: domain.ChatID(id)}, nil
}

// messagePlace returns the place of a message: the greatest is the newest.
func messagePlace(m *domain.Message) string { return fmt.Sprintf("%013d.%s", millis(m.At), m.ID) }

// parseMessagePlace reads a messagePlace; an empty one is after the newest.
func parseMessagePlace(place string) (domain.MessageCursor, error) {
	if place == "" {
		return domain.MessageCursor{}, nil
	}
	id, at, err := parsePlace(place, 1)
	if err != nil {
		return domain.MessageCursor{}, err
	}
	return domain.MessageCursor{At: at[0], ID: domain.MessageID(id)}, nil
}

func parsePlace(place string, times int) (id string, at []time.Time, err error) {
	parts := strings.Split(place, ".")
	if len(parts) != times+1 {
		return "", nil, errInvalid
	}
	for _, part := range parts[:times] {
		ms, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return "", nil, errInvalid
		}
		if ms == 0 {
			at = append(at, time.Time{})
			continue
		}
		at = append(at, time.UnixMilli(ms).UTC())
	}
	return parts[times], at, nil
}

// formatFeedPlace writes a place in the feed, which a stream goes on from. The greater
// is the later.
func formatFeedPlace(p domain.FeedPlace) string {
	return fmt.Sprintf("%019d.%019d.%013d", p.Stamp, p.Pos, p.Time.UnixMilli())
}

func parseFeedPlace(text string) (p domain.FeedPlace, err error) {
	var ms int64
	if n, err := fmt.Sscanf(text, "%d.%d.%d", &p.Stamp, &p.Pos, &ms); n != 3 || err != nil {
		return p, errInvalid
	}
	p.Time = time.UnixMilli(ms).UTC()
	return p, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
