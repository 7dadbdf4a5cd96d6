package connectortest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"recado/domain"
)

var update = flag.Bool("update", false, "write what Parse makes of the payloads to the golden files")

func (s Suite) parse(t *testing.T) {
	c := s.New(http.DefaultClient)
	folder := cmp.Or(s.Testdata, "testdata")
	payloads := PayloadsIn(t, folder)
	empty := emptyFields(t, payloads)
	for name, body := range payloads {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // as webhooks are parsed in production
			c := remember(c)
			golden(t, filepath.Join(folder, name+".golden"), c.Parse(body))
			Sound(t, c, body)
			truncated(t, c, body)
			mutated(t, c, body)
			variants(t, c, name, body, empty)
		})
	}
	t.Run("what is no JSON is one bad item", func(t *testing.T) {
		for _, body := range []string{"", "{", "hello", "[", strings.Repeat("[", 20_000), "{}", "[]", "null", "7", `"x"`} {
			p := c.Parse([]byte(body))
			if len(p.Updates) != 0 || len(p.Bad) != 1 || string(p.Bad[0].Item) != body {
				t.Errorf("Parse(%.20q) = %+.200v, want the body as one bad item", body, p)
			}
		}
	})
}

// Payloads returns testdata/*.json by name.
func Payloads(t testing.TB) map[string][]byte { return PayloadsIn(t, "testdata") }

// PayloadsIn returns the *.json files of a folder by name.
func PayloadsIn(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d payloads, %v", folder, len(files), err)
	}
	payloads := map[string][]byte{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		payloads[strings.TrimSuffix(filepath.Base(file), ".json")] = body
	}
	return payloads
}

// Sound checks what holds for any body: every update has what the domain needs,
// and every update and bad item, as a webhook of its own, gives the same again.
// It never panics, and it is the property of a fuzz test too.
func Sound(t testing.TB, c domain.Connector, body []byte) {
	t.Helper()
	p := c.Parse(body)
	for _, u := range p.Updates {
		if missing := lacks(u); missing != "" {
			t.Errorf("%+v has no %s; body %s", u.Fact, missing, body)
			continue
		}
		again := c.Parse(u.Item())
		if len(again.Updates) != 1 || len(again.Bad) != 0 || again.Ignored != 0 {
			t.Errorf("the item of %+v gives %s; item %s", u.Fact, describe(again), u.Item())
		} else if first, second := without(u), without(again.Updates[0]); !reflect.DeepEqual(first, second) {
			t.Errorf("the item of an update gives another (-first +again):\n%s", gocmp.Diff(first, second))
		}
	}
	for _, b := range p.Bad {
		again := c.Parse(b.Item)
		if b.Error == "" || len(again.Updates) != 0 || len(again.Bad) != 1 || again.Ignored != 0 {
			t.Errorf("the bad item %q gives %s; item %s", b.Error, describe(again), b.Item)
		} else if !reflect.DeepEqual(b, again.Bad[0]) {
			t.Errorf("a bad item gives another (-first +again):\n%s", gocmp.Diff(b, again.Bad[0]))
		}
	}
}

// lacks names what an update must have and has not.
func lacks(u domain.Update) string {
	switch f := u.Fact.(type) {
	case domain.MessageArrived:
		return firstMissing("provider id", f.ProviderID, "peer", f.Peer, "direction", f.Direction, "type", f.Type)
	case domain.StatusReported:
		if f.Status == domain.Failed && f.Failure == nil {
			return "failure"
		}
		if f.Failure != nil {
			_, known := domain.Policies[f.Failure.Reason]
			if !known {
				return "known reason"
			}
			cause := f.Failure.Cause
			return firstMissing("source", cause.Source, "code", cause.Code, "title", cause.Title)
		}
		return firstMissing("name of a message", string(f.ProviderID)+string(f.Message), "status", f.Status)
	case domain.MessageEdited:
		return firstMissing("provider id", f.ProviderID)
	case domain.MessageDeleted:
		return firstMissing("provider id", f.ProviderID)
	case domain.PeerMigrated:
		return firstMissing("peer", f.Peer, "new name of the peer", f.To)
	case domain.PeerRefused:
		return firstMissing("peer", f.Peer)
	case domain.PeerListed:
		return firstMissing("peer", f.Peer)
	case domain.ConnectionSignaled:
		if f.Suspend != nil {
			if _, known := domain.Policies[f.Suspend.Reason]; !known {
				return "known reason"
			}
		}
		return firstMissing("kind", f.Signal.Kind, "level", f.Signal.Level, "title", f.Signal.Title)
	case domain.ConnectionReported:
		if f.Link.Down == nil {
			return ""
		}
		cause := f.Link.Down.Cause
		return firstMissing("reason", f.Link.Down.Reason, "source", cause.Source, "code", cause.Code, "title", cause.Title)
	case domain.MessageReacted:
		return firstMissing("provider id", f.ProviderID, "person", f.By)
	}
	return "fact that a messenger reports"
}

func firstMissing(pairs ...any) string {
	for i := 0; i < len(pairs); i += 2 {
		if fmt.Sprint(pairs[i+1]) == "" {
			return pairs[i].(string)
		}
	}
	return ""
}

// without leaves out what is no data.
func without(u domain.Update) domain.Update {
	u.Item = nil
	return u
}

// golden compares what Parse made with the golden file of the payload.
func golden(t *testing.T, file string, p domain.Parsed) {
	t.Helper()
	got := describe(p)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("Parse (-%s +got):\n%s", file, diff)
	}
}

// describe writes what Parse made, for people to read. It leaves out empty fields.
func describe(p domain.Parsed) string {
	var b strings.Builder
	for _, u := range p.Updates {
		fact := strings.TrimPrefix(fmt.Sprintf("%T", u.Fact), "domain.")
		at := "at no time"
		if !u.At.IsZero() {
			at = u.At.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		fmt.Fprintf(&b, "%s to %q %s\n%s\n", fact, u.Account, at, fields(u.Fact))
	}
	for _, bad := range p.Bad {
		fmt.Fprintf(&b, "bad to %q: %s\n%s\n", bad.Account, bad.Error, bad.Item)
	}
	fmt.Fprintf(&b, "ignored: %d\n", p.Ignored)
	return b.String()
}

func fields(fact domain.Fact) string {
	var all any
	data, err := json.Marshal(fact)
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(full(all)); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// full drops what is empty of an object.
func full(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name, field := range object {
		switch field = full(field); field {
		case nil, "", false:
			delete(object, name)
		}
		if inner, ok := field.(map[string]any); ok && len(inner) == 0 {
			delete(object, name)
		}
	}
	return object
}
