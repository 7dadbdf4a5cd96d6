package domain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Limiter is a Connector that says how much its messenger takes. Each type that
// it sends and that can be too long or too big has a Limit.
type Limiter interface {
	// Limits lists the limits, at most one for each type.
	Limits() []Limit
}

// A Limit is the most that a messenger takes in one message of a type. A number that
// is zero does not limit, but for Text.
type Limit struct {
	Type     MessageType
	Text     int      // of the text, or the caption; zero: it can have none
	UTF16    bool     // Text counts UTF-16 code units, as Telegram does; else it counts characters
	MIMEs    []string // of the file; empty: any
	Size     int64    // of the file, in bytes
	Mono     bool     // the file must be a voice message of one channel: StoredMedia.Voice
	Contacts int
	Choices  ChoiceLimit
}

// LimitOf returns how much a messenger takes in a message of the type; false: it does
// not say.
func LimitOf(c Connector, t MessageType) (Limit, bool) {
	limiter, ok := c.(Limiter)
	if !ok {
		return Limit{}, false
	}
	for _, l := range limiter.Limits() {
		if l.Type == t {
			return l, true
		}
	}
	return Limit{}, false
}

// A ChoiceLimit is the most that a messenger takes in an Interactive. Titles count
// characters, ids count bytes.
type ChoiceLimit struct {
	Header, Footer                  int
	Buttons, ButtonTitle, ButtonID  int
	ListButton, Sections, Rows      int
	RowTitle, RowDescription, RowID int
	LinkTitle                       int
}

// An Excess says what of a message is more than a Limit.
type Excess struct {
	Code  Refusal // ErrTooLong, ErrTooMany or ErrMediaNotAccepted
	Field string  // as in the body of the request: "text", "interactive.buttons"
	Limit string  // what is taken: "at most 1024 characters"
}

// Check returns what of a message is more than the limit; nil: it fits. The file is
// the upload that the message names, or nil.
func (l Limit) Check(f SendRequested, file *StoredMedia) *Excess {
	if e := l.checkText(f.Text); e != nil {
		return e
	}
	if e := l.checkFile(file); e != nil {
		return e
	}
	if f.Content == nil {
		return nil
	}
	if n := len(f.Content.Contacts); l.Contacts > 0 && n > l.Contacts {
		return &Excess{ErrTooMany, "contacts", atMost(l.Contacts, "contact")}
	}
	if f.Content.Interactive == nil {
		return nil
	}
	return l.Choices.check(f.Content.Interactive)
}

func (l Limit) checkText(text string) *Excess {
	n, unit := utf8.RuneCountInString(text), "character"
	if l.UTF16 {
		n, unit = len(utf16.Encode([]rune(text))), "UTF-16 code unit"
	}
	switch {
	case n <= l.Text:
		return nil
	case l.Text == 0:
		return &Excess{ErrTooLong, "text", "no text beside it"}
	}
	return &Excess{ErrTooLong, "text", atMost(l.Text, unit)}
}

func (l Limit) checkFile(file *StoredMedia) *Excess {
	if file == nil {
		return nil
	}
	mime, _, _ := strings.Cut(file.MIME, ";")
	switch {
	case len(l.MIMEs) > 0 && !slices.Contains(l.MIMEs, mime):
		return &Excess{ErrMediaNotAccepted, "media", strings.Join(l.MIMEs, ", ") + "; this is " + mime}
	case l.Size > 0 && file.Size > l.Size:
		return &Excess{ErrMediaNotAccepted, "media", fmt.Sprintf("at most %s; this has %s", mebibytes(l.Size), mebibytes(file.Size))}
	case l.Mono && !file.Voice:
		return &Excess{ErrMediaNotAccepted, "media", "OGG/Opus of one channel; upload it with ?as=voice"}
	}
	return nil
}

// check goes through the parts in the order in which they are read.
func (l ChoiceLimit) check(i *Interactive) *Excess {
	var found *Excess
	look := func(code Refusal, field string, n, limit int, unit string) {
		if found == nil && limit > 0 && n > limit {
			found = &Excess{code, "interactive." + field, atMost(limit, unit)}
		}
	}
	long := func(field, text string, limit int) {
		look(ErrTooLong, field, utf8.RuneCountInString(text), limit, "character")
	}
	long("header", i.Header, l.Header)
	long("footer", i.Footer, l.Footer)
	look(ErrTooMany, "buttons", len(i.Buttons), l.Buttons, "button")
	for _, b := range i.Buttons {
		long("buttons.title", b.Title, l.ButtonTitle)
		look(ErrTooLong, "buttons.id", len(b.ID), l.ButtonID, "byte")
	}
	if i.Link != nil {
		long("link.title", i.Link.Title, l.LinkTitle)
	}
	if i.List == nil {
		return found
	}
	long("list.button", i.List.Button, l.ListButton)
	look(ErrTooMany, "list.sections", len(i.List.Sections), l.Sections, "section")
	look(ErrTooMany, "list.sections.rows", len(i.List.Rows()), l.Rows, "row")
	for _, s := range i.List.Sections {
		long("list.sections.title", s.Title, l.RowTitle)
	}
	for _, r := range i.List.Rows() {
		long("list.sections.rows.title", r.Title, l.RowTitle)
		long("list.sections.rows.description", r.Description, l.RowDescription)
		look(ErrTooLong, "list.sections.rows.id", len(r.ID), l.RowID, "byte")
	}
	return found
}

func atMost(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("at most %d %s", n, unit)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
