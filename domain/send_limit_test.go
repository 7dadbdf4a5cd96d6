package domain

import (
	"fmt"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	choices := func(i Interactive) SendRequested { return SendRequested{Content: &Content{Interactive: &i}} }
	text := func(s string) SendRequested { return SendRequested{Text: s} }
	image := Limit{Text: 4, MIMEs: []string{"image/png"}, Size: 2 << 20}
	voice := Limit{MIMEs: []string{"audio/ogg"}, Mono: true}
	few := Limit{Contacts: 1, Choices: ChoiceLimit{Header: 2, Buttons: 1, ButtonTitle: 3, ButtonID: 2, Rows: 2, RowTitle: 3, Sections: 1}}
	row := func(title string) Section { return Section{Rows: []Button{{ID: "1", Title: title}}} }
	tests := []struct {
		name  string
		limit Limit
		send  SendRequested
		file  *StoredMedia
		want  string
	}{
		{"a text that fits", image, text("cuña"), nil, "fits"},
		{"a text too long", image, text("cuñas"), nil, "too_long text: at most 4 characters"},
		{"Telegram counts an emoji twice", Limit{Text: 4, UTF16: true}, text("😀😀"), nil, "fits"},
		{"Telegram counts three emoji as six", Limit{Text: 4, UTF16: true}, text("😀😀😀"), nil, "too_long text: at most 4 UTF-16 code units"},
		{"a caption where there is none", voice, text("hi"), nil, "too_long text: no text beside it"},
		{"a file that fits", image, text(""), &StoredMedia{MIME: "image/png", Size: 2 << 20}, "fits"},
		{"a file of another type", image, text(""), &StoredMedia{MIME: "image/tiff"}, "media_not_accepted media: image/png; this is image/tiff"},
		{"a file too big", image, text(""), &StoredMedia{MIME: "image/png", Size: 3 << 20}, "media_not_accepted media: at most 2.0 MiB; this has 3.0 MiB"},
		{"a voice message with its codec", voice, text(""), &StoredMedia{MIME: "audio/ogg; codecs=opus", Voice: true}, "fits"},
		{"a voice message in stereo", voice, text(""), &StoredMedia{MIME: "audio/ogg"}, "media_not_accepted media: OGG/Opus of one channel; upload it with ?as=voice"},
		{"two contacts", few, SendRequested{Content: &Content{Contacts: make([]Card, 2)}}, nil, "too_many contacts: at most 1 contact"},
		{"buttons that fit", few, choices(Interactive{Header: "Hi", Buttons: []Button{{ID: "1", Title: "Sí"}}}), nil, "fits"},
		{"a header too long", few, choices(Interactive{Header: "Hey"}), nil, "too_long interactive.header: at most 2 characters"},
		{"two buttons", few, choices(Interactive{Buttons: make([]Button, 2)}), nil, "too_many interactive.buttons: at most 1 button"},
		{"a title too long", few, choices(Interactive{Buttons: []Button{{Title: "Nada"}}}), nil, "too_long interactive.buttons.title: at most 3 characters"},
		{"an id is counted in bytes", few, choices(Interactive{Buttons: []Button{{ID: "ñ1"}}}), nil, "too_long interactive.buttons.id: at most 2 bytes"},
		{"two sections", few, choices(Interactive{List: &List{Sections: []Section{row("a"), row("b")}}}), nil, "too_many interactive.list.sections: at most 1 section"},
		{"a row too long", few, choices(Interactive{List: &List{Sections: []Section{row("cuatro")}}}), nil, "too_long interactive.list.sections.rows.title: at most 3 characters"},
		{"what is not limited", Limit{}, choices(Interactive{Header: strings.Repeat("x", 1000), Buttons: make([]Button, 100)}), nil, "fits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := "fits"
			if e := test.limit.Check(test.send, test.file); e != nil {
				got = fmt.Sprintf("%s %s: %s", e.Code, e.Field, e.Limit)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
