package console

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"recado/domain"
)

// A typeLimit is what the page checks of a message before it is sent.
type typeLimit struct {
	Text  int      `json:"text"`
	UTF16 bool     `json:"utf16"`
	Size  int64    `json:"size"`  // of the file; zero: any
	MIMEs []string `json:"mimes"` // of the file; empty: any
}

// limit returns how much a messenger takes in a message of the type.
func (c *Console) limit(k domain.Kind, t domain.MessageType) domain.Limit {
	if l, ok := domain.LimitOf(c.Connectors[k], t); ok {
		return l
	}
	return domain.Limit{Type: t, Text: maxText}
}

// hasText reports whether messages of the type have a text, which may be a caption.
func (c *Console) hasText(k domain.Kind, t domain.MessageType) bool { return c.limit(k, t).Text > 0 }

// limits writes for the page what a messenger takes, by the type of the message.
func (c *Console) limits(k domain.Kind) (string, error) {
	all := map[domain.MessageType]typeLimit{}
	for _, t := range append([]domain.MessageType{domain.TypeText}, domain.FileTypes...) {
		if k.Traits().CanSend(t) {
			l := c.limit(k, t)
			all[t] = typeLimit{l.Text, l.UTF16, l.Size, l.MIMEs}
		}
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// checkLimit refuses a message that is longer or bigger than its messenger takes, and
// says so in the words of the page.
func (c *Console) checkLimit(v *visit, k domain.Kind, f domain.SendRequested, file *domain.StoredMedia) error {
	l := c.limit(k, f.Type)
	excess := l.Check(f, file)
	if excess == nil {
		return nil
	}
	text := v.pages.text("limit.type", "Messenger", k.Traits().Name)
	switch {
	case excess.Code == domain.ErrTooLong && l.Text == 0:
		text = v.pages.text("limit.no_text", "Messenger", k.Traits().Name)
	case excess.Code == domain.ErrTooLong:
		text = v.pages.text("limit.text", "Messenger", k.Traits().Name, "Max", l.Text)
	case file != nil && l.Size > 0 && file.Size > l.Size:
		text = v.pages.text("limit.size", "Messenger", k.Traits().Name, "Max", sizeText(l.Size))
	}
	return &explained{excess.Code, text}
}

// explainType says, where messages of a type cannot be sent over a connection, over which
// they can.
func (c *Console) explainType(v *visit, err error, t domain.MessageType) error {
	if !errors.Is(err, domain.ErrUnsupportedType) {
		return err
	}
	var names []string
	for _, k := range domain.KindsThatSend(t) {
		if name := k.Traits().Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	text := v.pages.text("limit.elsewhere", "Type", v.pages.text("type."+string(t)), "Messengers", strings.Join(names, ", "))
	return &explained{domain.ErrUnsupportedType, text}
}

// An explained is a refusal with a text of its own, in the language of the page.
type explained struct {
	code domain.Refusal
	text string
}

func (e *explained) Error() string { return string(e.code) }
