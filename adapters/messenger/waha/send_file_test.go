package waha_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

const fileBytes = "the bytes of a file"

type openFile struct{ *bytes.Reader }

func (openFile) Close() error { return nil }

// file makes the message one with a file, whose caption is the text.
func file(typ domain.MessageType, mime string) func(*domain.Outgoing) {
	return func(m *domain.Outgoing) {
		m.Type, m.Text = typ, "Lo prometido"
		if typ == domain.TypeVoice {
			m.Text = ""
		}
		m.Media = &domain.MediaUpload{
			ID: "med_1", MIME: mime, Name: "receta.pdf", Size: int64(len(fileBytes)),
			Open: func(context.Context) (io.ReadSeekCloser, error) {
				return openFile{bytes.NewReader([]byte(fileBytes))}, nil
			},
		}
	}
}

func TestFilesAreSent(t *testing.T) {
	content := base64.StdEncoding.EncodeToString([]byte(fileBytes))
	attached := func(mime string, more map[string]any) map[string]any {
		body := map[string]any{
			"session": "default", "chatId": "34600000131@c.us", "caption": "Lo prometido",
			"file": map[string]any{"mimetype": mime, "filename": "receta.pdf", "data": content},
		}
		for name, value := range more {
			body[name] = value
		}
		return body
	}
	voice := attached("audio/ogg; codecs=opus", map[string]any{"convert": true})
	delete(voice, "caption")
	tests := []struct {
		path string
		m    domain.Outgoing
		want map[string]any
	}{
		{"sendImage", message(file(domain.TypeImage, "image/jpeg")), attached("image/jpeg", nil)},
		{"sendVideo", message(file(domain.TypeVideo, "video/mp4")), attached("video/mp4", map[string]any{"convert": true})},
		{"sendVoice", message(file(domain.TypeVoice, "audio/ogg; codecs=opus")), voice},
		{"sendFile", message(file(domain.TypeAudio, "audio/mpeg")), attached("audio/mpeg", nil)},
		{
			"sendFile", message(file(domain.TypeFile, "application/pdf"), func(m *domain.Outgoing) { m.ReplyTo = "3EB0A1" }),
			attached("application/pdf", map[string]any{"reply_to": "true_34600000131@c.us_3EB0A1"}),
		},
	}
	for _, test := range tests {
		t.Run(string(test.m.Type), func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{"POST /api/" + test.path: takes("3EB0F1")})
			a := send(t, g, test.m)
			if a.Fate != domain.FateAccepted || a.ProviderID != "3EB0F1" || len(g.sent) != 1 {
				t.Fatalf("Send = %+v after %v", a, g.calls)
			}
			if fmt.Sprint(g.sent[0]) != fmt.Sprint(test.want) {
				t.Errorf("sent %v, want %v", g.sent[0], test.want)
			}
		})
	}
}

// A file whose outcome is unknown is looked for in its chat. It is never sent again,
// and where two messages could be it, nobody knows.
func TestAFileWithoutAnAnswer(t *testing.T) {
	photo := func(id, source, body, mime string, at time.Time) string {
		return fmt.Sprintf(`{"id":"true_34600000131@c.us_%s","timestamp":%d,"fromMe":true,"source":%q,"body":%q,"hasMedia":true,"media":{"mimetype":%q}}`,
			id, at.Unix(), source, body, mime)
	}
	soon := time.Now().Add(time.Minute)
	ours := photo("3EB0F1", "api", "Lo prometido", "image/jpeg", soon)
	tests := []struct {
		name  string
		chat  connectortest.Reply
		found domain.ProviderID // empty: it stays unknown
	}{
		{"it is there", answers200("[" + ours + "]"), "3EB0F1"},
		{"with others", answers200("[" + photo("3A02", "app", "Lo prometido", "image/jpeg", soon) + "," + photo("3A03", "api", "Otra", "image/jpeg", soon) + "," +
			photo("3A04", "api", "Lo prometido", "video/mp4", soon) + "," + photo("3A05", "api", "Lo prometido", "image/jpeg", time.Now().Add(-time.Hour)) + "," + ours + "]"), "3EB0F1"},
		{"there is none", answers200("[]"), ""},
		{"two could be it", answers200("[" + ours + "," + photo("3EB0F2", "api", "Lo prometido", "image/jpeg", soon) + "]"), ""},
		{"nobody can look", exception("Connection Closed"), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{
				"POST /api/sendImage": exception("Connection Closed"), "GET /api/default/chats/34600000131@c.us/messages?": test.chat,
			})
			a := send(t, g, message(file(domain.TypeImage, "image/jpeg")))
			want := domain.FateUnknown
			if test.found != "" {
				want = domain.FateAccepted
			}
			if a.Fate != want || a.ProviderID != test.found || len(g.sent) != 1 {
				t.Errorf("Send = %+v after %v", a, g.calls)
			}
			if len(g.calls) != 2 || !slices.Contains(g.calls, "POST /api/sendImage") {
				t.Errorf("the calls are %v", g.calls)
			}
		})
	}
}

// WAHA tells in which second a file was sent: one that went just before is not another.
func TestAFileBeforeIsNotTheOneWithoutAnAnswer(t *testing.T) {
	answers := []connectortest.Reply{takes("3EB0F1"), exception("Connection Closed")}
	list := fmt.Sprintf(`[{"id":"true_34600000131@c.us_3EB0F1","timestamp":%d,"fromMe":true,"source":"api","body":"Lo prometido","hasMedia":true,"media":{"mimetype":"image/jpeg"}}]`, time.Now().Add(time.Minute).Unix())
	c := waha.New(http.DefaultClient)
	var fates []domain.Fate
	for _, answer := range answers {
		g := newGateway(t, map[string]connectortest.Reply{"POST /api/sendImage": answer, "GET /api/default/chats/34600000131@c.us/messages?": answers200(list)})
		fates = append(fates, c.Send(t.Context(), connection(g.URL), message(file(domain.TypeImage, "image/jpeg"))).Fate)
	}
	if want := []domain.Fate{domain.FateAccepted, domain.FateUnknown}; !slices.Equal(fates, want) {
		t.Errorf("the fates are %v, want %v", fates, want)
	}
}

// A file that WAHA refuses fails as a text does.
func TestAFileIsRefused(t *testing.T) {
	g := newGateway(t, map[string]connectortest.Reply{"POST /api/sendImage": exception("server returned error 479")})
	if a := send(t, g, message(file(domain.TypeImage, "image/jpeg"))); a.Reason() != domain.ReasonRestricted || len(g.calls) != 1 {
		t.Errorf("Send = %+v after %v", a, g.calls)
	}
}
