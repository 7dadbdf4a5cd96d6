package wabatest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"recado/adapters/messenger/waba/wabatest"
)

func TestServer(t *testing.T) {
	s := wabatest.NewServer(t)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	post := func(text string) string {
		body := `{"to":"+16505551234","type":"text","text":{"body":"` + text + `"}}`
		resp, err := client.Post(s.URL+"/106540352242922/messages", "application/json", strings.NewReader(body))
		if err != nil {
			return "cut"
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return resp.Status + " " + string(answer)
	}
	s.Answer(
		wabatest.Answer{},
		wabatest.Answer{Code: 131026, Title: "Message undeliverable"},
		wabatest.Answer{Cut: wabatest.CutBeforeReading},
		wabatest.Answer{Cut: wabatest.CutAfterReading},
		wabatest.Answer{Status: 502, Body: "<html>"},
	)
	steps := []struct{ text, want string }{
		{"taken", `200 OK {"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234"}],"messages":[{"id":"wamid.test1","message_status":"accepted"}]}`},
		{"refused", `400 Bad Request {"error":{"message":"Message undeliverable","type":"OAuthException","code":131026,"fbtrace_id":"AtestTrace"}}`},
		{"cut before reading", "cut"},
		{"cut after reading", "cut"},
		{"a proxy's error", "502 Bad Gateway <html>"},
		{"taken again", `200 OK {"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234"}],"messages":[{"id":"wamid.test5","message_status":"accepted"}]}`},
	}
	for _, step := range steps {
		if got := post(step.text); got != step.want {
			t.Errorf("%s: %s, want %s", step.text, got, step.want)
		}
	}
	var texts []string
	for _, send := range s.Wait(t, 5) {
		texts = append(texts, send.Text)
	}
	if got := strings.Join(texts, ", "); got != "taken, refused, cut after reading, a proxy's error, taken again" {
		t.Errorf("the server has %s", got)
	}
}
