package shared

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"recado/domain"
)

// NewID returns 26 characters that name nothing yet; see domain.ID.
func NewID() string { return domain.ID(uuid.Must(uuid.NewV7())) }

// Millis writes a moment as Unix milliseconds; 0 is "never".
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// SQLMillis writes a duration into a statement, as Unix milliseconds count.
func SQLMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Moment reads a column of Unix milliseconds.
func Moment(t *time.Time) sql.Scanner { return (*millis)(t) }

type millis time.Time

// Scan implements sql.Scanner.
func (m *millis) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("moment of type %T", src)
	}
	*m = millis{}
	if n != 0 {
		*m = millis(time.UnixMilli(n).UTC())
	}
	return nil
}

// Plain takes from a text what PostgreSQL cannot keep, in both stores alike.
func Plain(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// jsonOf writes a value of ours, which always can be written.
func jsonOf(v any, empty bool) string {
	if empty {
		return ""
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func fromJSON(data string, v any) error {
	if data == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(data), v); err != nil {
		return &domain.DataError{Err: err}
	}
	return nil
}
