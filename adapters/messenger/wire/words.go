package wire

import (
	"bytes"
	"encoding/json"
	"strings"
)

// wordy lists the fields that hold what people read, whatever the messenger.
var wordy = map[string]bool{
	"": true, "text": true, "title": true, "caption": true, "question": true, "description": true, "body": true,
	"comment": true, "message": true, "label": true, "headline": true, "footer": true, "button_text": true,
	"display_text": true, "details": true, "name": true, "option_text": true, "prize_description": true, "emoji": true,
	"phone_number": true, "email": true,
}

// Words lists the texts in a value of a kind that nobody knows, in their order.
// A value that is no object gives itself.
func Words(raw json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var words []string
	collect(d, "", &words)
	return words
}

func collect(d *json.Decoder, field string, words *[]string) {
	token, err := d.Token()
	if err != nil {
		return
	}
	switch t := token.(type) {
	case json.Delim:
		for d.More() {
			inside := field
			if t == '{' {
				name, _ := d.Token()
				inside, _ = name.(string)
			}
			collect(d, inside, words)
		}
		_, _ = d.Token() // the end of it
	case string:
		if t = strings.TrimSpace(t); wordy[field] && t != "" {
			*words = append(*words, t)
		}
	case json.Number:
		if field == "" {
			*words = append(*words, t.String())
		}
	}
}

// Labelled names what the words are of, and puts each on a line.
func Labelled(kind string, words ...string) string {
	text := Lines(words...)
	if text == "" {
		return kind
	}
	return kind + ": " + text
}

// Lines puts each text that is not empty on a line.
func Lines(texts ...string) string {
	full := make([]string, 0, len(texts))
	for _, t := range texts {
		if t != "" {
			full = append(full, t)
		}
	}
	return strings.Join(full, "\n")
}
