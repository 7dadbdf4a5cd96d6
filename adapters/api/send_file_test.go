package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"recado/domain"
)

// newPicture runs a host with a picture, and counts how often it is fetched.
func newPicture(t *testing.T) (url string, fetched *int) {
	t.Helper()
	fetched = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*fetched++
		if r.URL.Path == "/page.png" {
			io.WriteString(w, "<html><script>alert(1)</script>")
			return
		}
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, "\x89PNG\r\n\x1a\n")
	}))
	t.Cleanup(server.Close)
	return server.URL, fetched
}

func TestAFileIsSentByItsAddress(t *testing.T) {
	url, fetched := newPicture(t)
	store := applied(domain.Applied, hello, queued)
	store.chats = archive().chats
	s := newServer(t, store)
	body := sending1(`"type":"image","client_ref":"new","media":{"url":"` + url + `/a.png"}`)
	if answer := s.as(t, "ana-key", "POST", "/v1/messages", body); answer.Code != 202 || *fetched != 1 {
		t.Fatalf("%d %s, fetched %d times", answer.Code, answer.Body, *fetched)
	}
	f, _ := s.updates[0].Fact.(domain.SendRequested)
	if f.MediaURL != url+"/a.png" || f.Media == nil || f.Media.MIME != "image/png" || f.Media.Name != "a.png" || !strings.HasPrefix(f.Media.ID, "med_") {
		t.Errorf("%+v with %+v", f, f.Media)
	}
}

// The repeat of a call is answered with its message also when the file is gone.
func TestARepeatFetchesNothing(t *testing.T) {
	url, fetched := newPicture(t)
	store := applied(domain.Repeated, hello, queued)
	store.chats = archive().chats
	s := newServer(t, store)
	body := sending1(`"type":"image","client_ref":"` + usedRef + `","media":{"url":"` + url + `/a.png"}`)
	if answer := s.as(t, "ana-key", "POST", "/v1/messages", body); answer.Code != 200 || *fetched != 0 || len(s.updates) != 1 {
		t.Errorf("%d %s, fetched %d times", answer.Code, answer.Body, *fetched)
	}
}

func TestWhatIsNotFetchedIsSaidAtTheDoor(t *testing.T) {
	url, fetched := newPicture(t)
	for name, tt := range map[string]struct {
		key, body, code string
		status, fetched int
	}{
		"a page instead of a picture": {"ana-key", sending1(`"type":"image","media":{"url":"` + url + `/page.png"}`), "media_not_accepted", 422, 1},
		"no host":                     {"ana-key", sending1(`"type":"image","media":{"url":"http://127.0.0.1:1/a.png"}`), "media_not_fetched", 422, 0},
		"no address":                  {"ana-key", sending1(`"type":"image","media":{"url":"a.png"}`), "invalid_request", 422, 0},
		"an id and an address":        {"ana-key", sending1(`"type":"image","media":{"id":"med_1","url":"` + url + `"}`), "invalid_request", 422, 0},
		"neither":                     {"ana-key", sending1(`"type":"image","media":{}`), "invalid_request", 422, 0},
		"no chat":                     {"ana-key", `{"chat_id":"chat_none","type":"image","media":{"url":"` + url + `"}}`, "not_found", 404, 0},
		"no right to write":           {"eva-key", sending1(`"type":"image","media":{"url":"` + url + `"}`), "forbidden", 403, 0},
	} {
		t.Run(name, func(t *testing.T) {
			*fetched = 0
			s := newServer(t, archive())
			s.api.Connectors = map[domain.Kind]domain.Connector{domain.WABA: limited{}}
			answer := s.as(t, tt.key, "POST", "/v1/messages", tt.body)
			if answer.Code != tt.status || !strings.Contains(answer.Body.String(), `"code":"`+tt.code+`"`) || *fetched != tt.fetched || len(s.updates) > 0 {
				t.Errorf("%d %s, fetched %d times", answer.Code, answer.Body, *fetched)
			}
		})
	}
}
