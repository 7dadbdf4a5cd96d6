package crm

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

var three = []domain.Delivery{
	{ID: 1, Event: "evt_1", Chat: "chat_1", Body: []byte(`{"id":"evt_1","data":{"text":"¿qué tal?"}}`)},
	{ID: 2, Event: "evt_2", Chat: "chat_2", Body: []byte(`{"id":"evt_2"}`)},
	{ID: 3, Event: "evt_3", Chat: "chat_1", Body: []byte(`{"id":"evt_3"}`)},
}

func TestABatchIsOneSignedPost(t *testing.T) {
	for _, known := range []domain.Secret{secret, newSecret} { // while the secret rotates
		var ids []string
		var body []byte
		e := serve(t, func(w http.ResponseWriter, r *http.Request) {
			ids = append(ids, r.Header.Get("Webhook-Id"))
			body, _ = io.ReadAll(r.Body)
			v, err := standardwebhooks.NewWebhook(string(known))
			if err == nil {
				err = v.Verify(body, r.Header)
			}
			if err != nil {
				t.Errorf("the official library: %v", err)
			}
		})
		e.Batch, e.Secret, e.Previous = true, newSecret, secret
		d := home(t)
		for range 2 {
			for i, try := range d.Deliver(t.Context(), e, three) {
				if !try.OK || try.Took <= 0 || try.Batch != ids[0] || try.Delivery.Event != three[i].Event {
					t.Errorf("try: %+v", try)
				}
			}
		}
		want := `{"events":[{"id":"evt_1","data":{"text":"¿qué tal?"}},{"id":"evt_2"},{"id":"evt_3"}]}`
		if string(body) != want {
			t.Errorf("body %s", body)
		}
		if len(ids) != 2 || ids[0] != ids[1] || !strings.HasPrefix(ids[0], "batch_") {
			t.Errorf("the ids of the same batch are %q", ids)
		}
	}
}

func TestTheAnswerToABatch(t *testing.T) {
	const taken, refused, waits = "taken", "refused", "waits"
	for _, tt := range []struct {
		name   string
		status int
		answer string
		want   []string
		log    string
	}{
		{"nothing", 204, ``, []string{taken, taken, taken}, ""},
		{"no JSON", 200, `OK`, []string{taken, taken, taken}, ""},
		{"JSON of its own", 200, `{"ok":true,"failed":"none"}`, []string{taken, taken, taken}, ""},
		{"nothing failed", 200, `{"failed":[]}`, []string{taken, taken, taken}, ""},
		{"one failed", 200, `{"failed":["evt_2"]}`, []string{taken, refused, taken}, ""},
		{"one failed, and a later one of its chat did not", 202, `{"failed":["evt_1"]}`, []string{refused, taken, taken}, ""},
		{"several of a chat", 200, `{"failed":["evt_1","evt_3"]}`, []string{refused, taken, waits}, ""},
		{"an event of another batch", 200, `{"failed":["evt_2","evt_8","evt_9"]}`, []string{taken, refused, taken}, "events=2"},
		{"too much", 200, `{"failed":["evt_1"], "why":"` + strings.Repeat("x", maxBatchAnswer) + `"}`, []string{taken, taken, taken}, ""},
		{"a list beside an error", 500, `{"failed":["evt_1"]}`, []string{refused, refused, refused}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			})
			e.Batch = true
			var log bytes.Buffer
			d := home(t)
			d.Log = slog.New(slog.NewTextHandler(&log, nil))
			var got []string
			for _, try := range d.Deliver(t.Context(), e, three) {
				switch {
				case try.OK:
					got = append(got, taken)
				case try.Skipped:
					got = append(got, waits)
				default:
					got = append(got, refused)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if (tt.log == "") != (log.Len() == 0) || !strings.Contains(log.String(), tt.log) {
				t.Errorf("logged %q", &log)
			}
		})
	}
}

// Nobody knows which events such an answer names.
func TestAnAnswerToABatchThatBreaksOff(t *testing.T) {
	e := listen(t, func(_ int, c net.Conn) {
		_, _ = c.Read(make([]byte, 64<<10))
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"failed\":[")
	})
	e.Batch = true
	for _, try := range home(t).Deliver(t.Context(), e, three) {
		if try.OK || try.Error != "the connection was cut before the answer" {
			t.Errorf("try: %+v", try)
		}
	}
}

func TestABatchThatIsTooLarge(t *testing.T) {
	e := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
	e.Batch = true
	for _, try := range home(t).Deliver(t.Context(), e, three) {
		if try.OK || !try.TooLarge || !strings.Contains(try.Error, "larger bodies") {
			t.Errorf("try: %+v", try)
		}
	}
}
