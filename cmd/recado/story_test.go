package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
)

// Every story of testdata/stories is played to the whole program over HTTP, on each
// kind of stores. A line of a story is a verb with its arguments. The lines "> …"
// after it are what it must print. A line "-- name --" starts a file.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for on := range stores {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+on, func(t *testing.T) {
				t.Parallel()
				script, files := readStory(string(text))
				s := newStory(t, on, files)
				for _, line := range script {
					s.play(line)
				}
			})
		}
	}
}

// A line is a line of a story, with what it must print.
type line struct {
	number int
	words  []string
	want   []string
}

var words = regexp.MustCompile(`"[^"]*"|\S+`)

func readStory(text string) (script []line, files map[string]string) {
	files = map[string]string{}
	name := ""
	for n, l := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(l, "-- ") && strings.HasSuffix(l, " --"):
			name = strings.Trim(l, "- ")
		case name != "":
			files[name] += l + "\n"
		case strings.HasPrefix(l, "> "):
			last := &script[len(script)-1]
			last.want = append(last.want, l[2:])
		case l != "" && l[0] != '#':
			found := words.FindAllString(l, -1)
			for i := range found {
				found[i] = strings.Trim(found[i], `"`)
			}
			script = append(script, line{number: n + 1, words: found})
		}
	}
	return script, files
}

// A story is the state of a running story.
type story struct {
	*world
	files map[string]string
	crm   *fakeCRM
	meta  *wabatest.Server
	heard map[string]int // events told so far, by company
	sends int            // messages told so far
}

func newStory(t *testing.T, on string, files map[string]string) *story {
	s := &story{world: newWorld(t, on), files: files, crm: newCRM(t), meta: wabatest.NewServer(t), heard: map[string]int{}}
	s.declare(s.meta.URL, s.crm.url)
	s.start()
	return s
}

// verbs lists the verbs of a story with their arguments.
var verbs = map[string]func(*story, line) []string{
	"post":       (*story).postFile,   // FILE [unsigned|forged]: a webhook; prints the status
	"crm":        (*story).crmHears,   // COMPANY: waits for as many events as are wanted, and prints them
	"chats":      (*story).chats,      // COMPANY: the list of chats
	"messages":   (*story).messages,   // COMPANY PEER: a chat, newest first
	"send":       (*story).send,       // COMPANY PEER TEXT [CLIENT_REF]: prints the status, and the code of a problem
	"bot":        (*story).send,       // the same, and it answers nothing
	"template":   (*story).send,       // COMPANY PEER NAME [CLIENT_REF]
	"voice":      (*story).send,       // COMPANY PEER
	"change":     (*story).change,     // COMPANY SUBSCRIPTION FIELD VALUE: prints the status, and what is left of what was bought
	"connection": (*story).connection, // COMPANY CONNECTION [resume]: prints its status, and the cause
	"block":      (*story).command,    // COMPANY PEER
	"unblock":    (*story).command,    // COMPANY PEER
	"no-reply":   (*story).command,    // COMPANY PEER THROUGH_SEQ
	"messenger":  (*story).messenger,  // waits for as many messages as are wanted, and prints them
	"answer":     (*story).answer,     // CODE|cut|slow: what the messenger does with the next message
	"metric":     (*story).metric,     // NAME{LABELS} VALUE: waits for it
	"parked":     (*story).parked,     // the parked items
}

func (s *story) play(l line) {
	s.t.Helper()
	verb, ok := verbs[l.words[0]]
	if !ok {
		s.t.Fatalf("line %d: the verbs are %v", l.number, slices.Sorted(maps.Keys(verbs)))
	}
	if got := verb(s, l); !slices.Equal(got, l.want) {
		s.t.Fatalf("line %d: %s\n got: %s\nwant: %s", l.number, strings.Join(l.words, " "),
			strings.Join(got, "\n      "), strings.Join(l.want, "\n      "))
	}
}

func (s *story) postFile(l line) []string {
	body := lately(s.files[l.words[1]])
	signature := wabatest.Sign(appSecret, body)
	switch l.words[len(l.words)-1] {
	case "unsigned":
		signature = ""
	case "forged":
		signature = wabatest.Sign("another secret", body)
	}
	return []string{fmt.Sprint(s.postSigned("/webhooks/waba/meta", signature, body))}
}

// stamps matches the times in a story's webhooks: 17000 and five digits, which stand
// for seconds within an hour.
var stamps = regexp.MustCompile(`"timestamp":"17000(\d{5})"`)

// lately moves the times of a webhook into the last hour, since an older message
// opens no window.
func lately(body string) []byte {
	began := time.Now().Add(-time.Hour).Unix()
	return []byte(stamps.ReplaceAllStringFunc(body, func(found string) string {
		second, _ := strconv.ParseInt(stamps.FindStringSubmatch(found)[1], 10, 64) // five digits
		return fmt.Sprintf(`"timestamp":"%d"`, began+second)
	}))
}

func key(company string) string {
	return map[string]string{"acme": anaKey, "zeta": zoeKey}[company]
}

func (s *story) crmHears(l line) []string {
	company := l.words[1]
	var events []event
	eventually(s.t, fmt.Sprintf("line %d: the CRM of %s hears %d events", l.number, company, len(l.want)), 10*time.Second, func() bool {
		events = s.crm.heard(company, s.heard[company])
		return len(events) >= len(l.want)
	})
	s.heard[company] += len(events)
	slices.SortStableFunc(events, func(a, b event) int { // chats are independent of each other
		return cmp.Or(cmp.Compare(a.Chat.Peer, b.Chat.Peer), cmp.Compare(a.Chat.Seq, b.Chat.Seq))
	})
	var lines []string
	for _, e := range events {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %d %s unanswered=%d %s", e.Chat.Peer, e.Chat.Seq, e.Type, e.Chat.Unanswered, e.detail())))
	}
	return lines
}

// detail is the part of an event's data that stories show.
func (e event) detail() string {
	switch e.Type {
	case "message.created":
		return fmt.Sprintf("%s %s %q", e.Data.Message.Direction, e.Data.Message.Type, e.Data.Message.Text)
	case "message.status":
		return e.Data.Status
	case "limit.dialogs":
		return fmt.Sprintf("%v %% of %d", e.Data.Level, e.Data.Limit)
	case "message.failed":
		return strings.TrimSpace(e.Data.Failure.Code + ": " + e.Data.Failure.Text + " " + e.Data.Failure.Hint)
	case "waba.balance":
		return fmt.Sprintf("%v %d", e.Data.Level, e.Data.Available)
	case "connection.status":
		return fmt.Sprintf("%s %s %s", e.Connection.ID, e.Data.Status, e.Data.Cause.Code)
	}
	return ""
}

type chatView struct {
	ID         string
	Peer       string `json:"peer_id"`
	Title      string
	Unanswered int
	InboundSeq int `json:"inbound_seq"`
	Blocked    *struct{ By string }
}

func (s *story) chats(l line) []string {
	var lines []string
	for _, c := range pages[chatView](s.world, key(l.words[1]), "/v1/chats?limit=200") {
		text := fmt.Sprintf("%s %q inbound=%d unanswered=%d", c.Peer, c.Title, c.InboundSeq, c.Unanswered)
		if c.Blocked != nil {
			text += " blocked by " + c.Blocked.By
		}
		lines = append(lines, text)
	}
	return lines
}

func (s *story) chat(company, peer string) string {
	for _, c := range pages[chatView](s.world, key(company), "/v1/chats?limit=200") {
		if c.Peer == peer {
			return c.ID
		}
	}
	s.t.Fatalf("%s has no chat with %s", company, peer)
	return ""
}

func (s *story) messages(l line) []string {
	company, peer := l.words[1], l.words[2]
	type message struct {
		Direction, Type, Text, Status string
		Failure                       *struct {
			Code  string
			Cause struct{ Code string }
		}
	}
	var lines []string
	for _, m := range pages[message](s.world, key(company), "/v1/chats/"+s.chat(company, peer)+"/messages?limit=200") {
		text := fmt.Sprintf("%s %s %q %s", m.Direction, m.Type, m.Text, m.Status)
		if m.Failure != nil {
			text += fmt.Sprintf(" %s (%s)", m.Failure.Code, m.Failure.Cause.Code)
		}
		lines = append(lines, strings.TrimSpace(text))
	}
	return lines
}

func (s *story) send(l line) []string {
	company := l.words[1]
	connection := map[string]string{"acme": "waba-1", "zeta": "waba-2"}[company]
	request := map[string]any{"connection_id": connection, "peer_id": l.words[2], "type": l.words[0]}
	switch l.words[0] {
	case "send", "bot":
		request["type"], request["text"], request["clear_unanswered"] = "text", l.words[3], l.words[0] == "send"
	case "template":
		request["template"] = map[string]any{"name": l.words[3], "language": "es", "components": []any{}}
	}
	if len(l.words) > 4 {
		request["client_ref"] = l.words[4]
	}
	var answer struct{ Status, Code any }
	status, err := s.call(key(company), http.MethodPost, "/v1/messages", request, &answer)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer.Code != nil {
		return []string{fmt.Sprint(status, " ", answer.Code)}
	}
	return []string{fmt.Sprint(status, " ", answer.Status)}
}

func (s *story) change(l line) []string {
	value := any(l.words[4])
	if n, err := strconv.ParseInt(l.words[4], 10, 64); err == nil {
		value = n
	}
	var answer struct {
		Code    string
		Balance struct{ Available, Reserved, Committed int64 } `json:"waba_balance"`
	}
	status, err := s.call(key(l.words[1]), http.MethodPatch, "/v1/subscriptions/"+l.words[2], map[string]any{l.words[3]: value}, &answer)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer.Code != "" {
		return []string{fmt.Sprint(status, " ", answer.Code)}
	}
	return []string{fmt.Sprintf("%d available=%d reserved=%d committed=%d", status, answer.Balance.Available, answer.Balance.Reserved, answer.Balance.Committed)}
}

func (s *story) connection(l line) []string {
	type view struct {
		ID, Status string
		Failure    *struct{ Cause struct{ Code string } }
	}
	if len(l.words) > 3 {
		if _, err := s.call(key(l.words[1]), http.MethodPost, "/v1/connections/"+l.words[2]+"/resume", nil, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, c := range pages[view](s.world, key(l.words[1]), "/v1/connections") {
		switch {
		case c.ID != l.words[2]:
		case c.Failure == nil:
			return []string{c.Status}
		default:
			return []string{c.Status + " " + c.Failure.Cause.Code}
		}
	}
	return []string{"not found"}
}

func (s *story) command(l line) []string {
	company, path, body := l.words[1], "/"+l.words[0], any(nil)
	if l.words[0] == "no-reply" {
		seq, err := strconv.Atoi(l.words[3])
		if err != nil {
			s.t.Fatal(err)
		}
		path, body = "/no-reply-needed", map[string]int{"through_seq": seq}
	}
	var answer struct{ Code string }
	status, err := s.call(key(company), http.MethodPost, "/v1/chats/"+s.chat(company, l.words[2])+path, body, &answer)
	if err != nil {
		s.t.Fatal(err)
	}
	return []string{strings.TrimSpace(fmt.Sprint(status, " ", answer.Code))}
}

func (s *story) messenger(l line) []string {
	var lines []string
	for _, m := range s.meta.Wait(s.t, s.sends+len(l.want))[s.sends:] {
		what := strconv.Quote(m.Text)
		if m.Template != "" {
			what = "template " + m.Template
		}
		lines = append(lines, m.To+" "+what)
		s.sends++
	}
	return lines
}

func (s *story) answer(l line) []string {
	switch l.words[1] {
	case "cut":
		s.meta.Answer(wabatest.Answer{Cut: wabatest.CutAfterReading})
		return nil
	case "slow":
		s.meta.Answer(wabatest.Answer{Delay: time.Second})
		return nil
	}
	code, err := strconv.Atoi(l.words[1])
	if err != nil {
		s.t.Fatal(err)
	}
	s.meta.Answer(wabatest.Answer{Code: code, Title: "as the story wants"})
	return nil
}

func (s *story) metric(l line) []string {
	want := l.words[1] + " " + l.words[2]
	// The gauges rest long after a count that took long, as on a busy machine.
	eventually(s.t, fmt.Sprintf("line %d: %s", l.number, want), 30*time.Second, func() bool { return s.shows(want) })
	return nil
}

// shows reports whether the metrics have the line.
func (w *world) shows(line string) bool {
	return slices.Contains(strings.Split(w.metrics(), "\n"), line)
}

func (s *story) parked(line) []string {
	out, err := s.aside("parked", "list")
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, l := range strings.Split(out, "\n") {
		if fields := strings.Fields(l); len(fields) > 2 && strings.HasPrefix(fields[0], "inbox:") {
			lines = append(lines, strings.Join(fields[1:3], " "))
		}
	}
	return lines
}

// pages reads all pages of a list of the API.
func pages[T any](w *world, key, path string) []T {
	var all []T
	for next := ""; ; {
		var page struct {
			Data []T
			Next *string `json:"next_cursor"`
		}
		status, err := w.call(key, http.MethodGet, path+next, nil, &page)
		if err != nil || status != http.StatusOK {
			w.t.Fatalf("GET %s: %d %v", path, status, err)
		}
		all = append(all, page.Data...)
		if page.Next == nil {
			return all
		}
		next = "&cursor=" + url.QueryEscape(*page.Next)
	}
}
