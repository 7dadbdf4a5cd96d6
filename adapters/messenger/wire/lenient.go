package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decode reads what it can: a field of another type than v's is left out. The
// error is of what is no JSON, or of a value that is no v at all.
func Decode(raw []byte, v any) error {
	err := json.Unmarshal(raw, v)
	if err == nil {
		return nil
	}
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) && odd.Field != "" {
		return nil
	}
	return err
}

// An Integer is a whole number, also in a string; zero if it is neither.
type Integer int64

// UnmarshalJSON reads the number.
func (i *Integer) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseInt(unquoted(raw), 10, 64)
	if err != nil {
		n = 0
	}
	*i = Integer(n)
	return nil
}

// A Decimal is a number as it was written, also in a string; empty if it is neither.
type Decimal string

// UnmarshalJSON reads the number.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	*d = ""
	if text := unquoted(raw); text != "" && strings.ContainsRune("-0123456789", rune(text[0])) && json.Valid([]byte(text)) {
		*d = Decimal(text)
	}
	return nil
}

// A Text is a text, also one that was written as a number; empty if it is neither.
type Text string

// UnmarshalJSON reads the text.
func (t *Text) UnmarshalJSON(raw []byte) error {
	*t = ""
	if len(raw) == 0 || strings.IndexByte("{[tfn", raw[0]) >= 0 {
		return nil
	}
	if raw[0] != '"' {
		*t = Text(raw)
		return nil
	}
	if inside := raw[1 : len(raw)-1]; bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		*t = Text(inside) // as nearly all are
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}

func unquoted(raw []byte) string { return strings.Trim(string(raw), `" `) }

// Form returns the answers of a form: JSON, also in a string, or else the string
// itself; nil where there are none.
func Form(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == "" {
			return nil
		}
		if inner := []byte(text); json.Valid(inner) {
			raw = inner
		}
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return nil
	}
	return bytes.ToValidUTF8(b.Bytes(), []byte("\uFFFD"))
}
