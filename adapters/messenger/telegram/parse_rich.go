package telegram

import (
	"encoding/json"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A rich is a message of blocks: paragraphs, lists, tables, files.
type rich struct{ Blocks []block }

// A block is one of some twenty kinds; each has some of these fields.
type block struct {
	Type       string
	Text       styled
	Summary    styled
	Expression string
	Label      string // of an item of a list
	Checkbox   bool   `json:"has_checkbox"`
	Checked    bool   `json:"is_checked"`
	Items      []block
	Blocks     []block
	Cells      [][]block
	Credit     styled
	Caption    caption
	Location   *place
	Photo      []file
	Video      *file
	Animation  *file
	Audio      *file
	Voice      *file `json:"voice_note"`
}

// A caption is a text, or a text and who said it.
type caption string

// UnmarshalJSON reads either.
func (c *caption) UnmarshalJSON(raw []byte) error {
	var both struct{ Text, Credit styled }
	if json.Unmarshal(raw, &both) == nil && both.Text+both.Credit != "" {
		*c = caption(wire.Lines(string(both.Text), string(both.Credit)))
		return nil
	}
	var s styled
	err := s.UnmarshalJSON(raw)
	*c = caption(s)
	return err
}

// A styled is the words of a text with styles; addresses stand beside words.
type styled string

// UnmarshalJSON reads a string, a list of texts, or a text with a style.
func (s *styled) UnmarshalJSON(raw []byte) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*s = styled(words(v))
	return nil
}

func words(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var b strings.Builder
		for _, part := range v {
			b.WriteString(words(part))
		}
		return b.String()
	case map[string]any:
		text := words(v["text"])
		for _, name := range []string{"alternative_text", "expression"} {
			if text == "" {
				text, _ = v[name].(string)
			}
		}
		if url, _ := v["url"].(string); url != "" && url != text {
			text += " (" + url + ")"
		}
		return text
	}
	return ""
}

func (r *rich) content() content {
	c := content{Type: domain.TypeText, Text: blocksText(r.Blocks)}
	c.Type, c.Media = firstFile(r.Blocks)
	c.Text = orKind(c.Text, "rich_message")
	return c
}

func blocksText(blocks []block) string {
	var lines []string
	for _, b := range blocks {
		lines = append(lines, b.text())
	}
	return wire.Lines(lines...)
}

func (b block) text() string {
	label := b.Label
	if b.Checkbox {
		label = box(b.Checked)
	}
	lines := []string{string(b.Summary), string(b.Text), b.Expression, blocksText(b.Items), blocksText(b.Blocks)}
	for _, row := range b.Cells {
		var cells []string
		for _, cell := range row {
			cells = append(cells, string(cell.Text))
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	if b.Location != nil {
		lines = append(lines, b.Location.text())
	}
	text := wire.Lines(append(lines, string(b.Caption), string(b.Credit))...)
	return strings.TrimSpace(label + " " + text)
}

func box(done bool) string {
	if done {
		return "☑"
	}
	return "☐"
}

// firstFile finds the file that a message of blocks shows first, as a message
// has one. Without a file it is a text.
func firstFile(blocks []block) (domain.MessageType, *domain.Media) {
	for _, b := range blocks {
		m := message{body: body{Photo: b.Photo, Video: b.Video, Animation: b.Animation, Audio: b.Audio, Voice: b.Voice}}
		if c, found := m.file(); found {
			return c.Type, c.Media
		}
		for _, inside := range [][]block{b.Items, b.Blocks} {
			if t, media := firstFile(inside); media != nil {
				return t, media
			}
		}
	}
	return domain.TypeText, nil
}
