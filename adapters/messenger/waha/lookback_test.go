package waha_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

// What no webhook told is read as if one had, and hidden numbers are asked for.
func TestLookback(t *testing.T) {
	since := time.Unix(1767340000, 0)
	g := newGateway(t, map[string]connectortest.Reply{
		"GET /api/sessions/default": answers200(`{"name":"default","status":"WORKING","me":{"id":"34910000001@c.us","lid":"998@lid"}}`),
		"GET /api/default/chats/all/messages": answers200(`[
			{"id":"false_34600000131@c.us_3AAA01","timestamp":1767347000,"from":"34600000131@c.us","fromMe":false,"body":"Hola"},
			{"id":"false_187@lid_3AAA02","timestamp":1767347100,"from":"187@lid","fromMe":false,"body":"¿Quién soy?"},
			{"id":"true_34910000001@c.us_3AAA03","timestamp":1767347200,"from":"34910000001@c.us","fromMe":true,"body":"Comprar pan"},
			{"id":"true_34600000131@c.us_3AAA04","timestamp":1767347300,"from":"34910000001@c.us","to":"34600000131@c.us","fromMe":true,"body":"Dígame","ack":3},
			{"id":"true_120363000000000001@g.us_3AAA05","timestamp":1767347400,"to":"120363000000000001@g.us","fromMe":true,"body":"A todos","ack":1}]`),
		"GET /api/default/lids/187@lid": answers200(`{"lid":"187@lid","pn":"34600000777@c.us"}`),
	})
	c := waha.New(http.DefaultClient)
	found, err := c.Lookback(t.Context(), connection(g.URL), since)
	if err != nil || time.Since(found.Until) > time.Minute || !found.Again.IsZero() {
		t.Fatalf("Lookback until %s, again %s, %v", found.Until, found.Again, err)
	}
	var facts []string
	for _, body := range found.Bodies {
		p := c.Parse(body)
		for _, u := range p.Updates {
			switch f := u.Fact.(type) {
			case domain.StatusReported:
				facts = append(facts, fmt.Sprintf("%s is %s", f.ProviderID, f.Status))
			case domain.MessageArrived:
				if !u.Found {
					t.Errorf("%s is not marked as found", body)
				}
				facts = append(facts, fmt.Sprintf("%s %s %s", f.Peer, f.ProviderID, f.Text))
			case domain.PeerMigrated:
				facts = append(facts, fmt.Sprintf("%s is %s", f.Peer, f.To))
			}
		}
		if len(p.Bad) > 0 {
			t.Errorf("%s gives %+v", body, p.Bad)
		}
	}
	want := "34600000131 3AAA01 Hola; 187@lid 3AAA02 ¿Quién soy?; 34600000131 3AAA04 Dígame; 3AAA04 is read; 120363000000000001@g.us 3AAA05 A todos; " +
		"187@lid is 34600000777"
	if got := strings.Join(facts, "; "); got != want {
		t.Errorf("found %s; want %s", got, want)
	}
	for i, ago := range []int64{3600, 24 * 3600} { // hidden numbers are looked for again
		if path := g.calls[2+i]; !strings.Contains(path, fmt.Sprint("filter.timestamp.gte=", 1767340000-ago, "&filter.timestamp.lte=")) {
			t.Errorf("looked again with %s", path)
		}
	}
	if path := g.calls[1]; !strings.Contains(path, "filter.timestamp.gte=1767340000") {
		t.Errorf("looked with %s", path)
	}
}

// A number that nobody knows yet is no error. It is asked for again ten seconds and a
// minute after the message, by looks for that alone.
func TestLookbackWithoutAPhone(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for wrote, again := range map[time.Duration]time.Duration{0: 10 * time.Second, -20 * time.Second: 40 * time.Second, -5 * time.Minute: 0} {
		g := newGateway(t, map[string]connectortest.Reply{
			"GET /api/sessions/default": answers200(`{"name":"default","status":"WORKING"}`),
			"GET /api/default/chats/all/messages": answers200(fmt.Sprintf(
				`[{"id":"false_187@lid_3AAA02","timestamp":%d,"from":"187@lid","fromMe":false,"body":"Hola"}]`, now.Add(wrote).Unix())),
			"GET /api/default/lids/187@lid": answers200(`{"lid":"187@lid","pn":null}`),
		})
		found, err := waha.New(http.DefaultClient).Lookback(t.Context(), connection(g.URL), now.Add(-time.Hour))
		want := now.Add(again)
		if again == 0 {
			want = time.Time{}
		}
		if err != nil || len(found.Bodies) != 1 || !found.Again.Equal(want) {
			t.Errorf("Lookback %s after it was written = %d bodies, again %s, %v; want again %s", -wrote, len(found.Bodies), found.Again, err, want)
		}
	}
}

// A storedMessage is what an engine keeps of a client's message.
type storedMessage struct {
	id   string
	at   time.Time
	size int // bytes of it that we do not read
}

// every makes messages that were written one after another.
func every(gap time.Duration, n, size int) (list []storedMessage) {
	for i := range n {
		list = append(list, storedMessage{fmt.Sprintf("3AAA%06d", i), firstWritten.Add(time.Duration(i) * gap), size})
	}
	return list
}

// firstWritten is before the ids of every: a whole second, as WAHA tells them.
var firstWritten = time.Unix(1767340000, 0)

// An engine plays the store of WAHA's engine, without a network.
type engine struct {
	messages []storedMessage
	timeless bool // it does not go by the time of messages
	fails    func(offset int) bool
}

func (e engine) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, "[]"
	query := r.URL.Query()
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/sessions/"):
		body = `{"name":"default","status":"WORKING"}`
	case e.fails != nil && e.fails(number(query, "offset")):
		status, body = http.StatusServiceUnavailable, "<html>"
	case !query.Has("filter.timestamp.lte"):
		body = e.page(query)
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
}

func number(query url.Values, name string) int {
	n, _ := strconv.Atoi(query.Get(name)) // none: zero
	return n
}

func (e engine) page(query url.Values) string {
	list := slices.DeleteFunc(slices.Clone(e.messages), func(m storedMessage) bool {
		return !e.timeless && m.at.Unix() < int64(number(query, "filter.timestamp.gte"))
	})
	list = list[min(number(query, "offset"), len(list)):]
	list = list[:min(number(query, "limit"), len(list))]
	var page strings.Builder
	for i, m := range list {
		if page.Len() > 5<<20 { // nobody reads on
			break
		}
		fmt.Fprintf(&page, `%c{"id":"false_34600000131@c.us_%s","timestamp":%d,"from":"34600000131@c.us","fromMe":false,"body":"Hola","_data":{"x":"`,
			"[,"[min(i, 1)], m.id, m.at.Unix())
		page.WriteString(strings.Repeat("A", m.size) + `"}}`)
	}
	if page.Len() == 0 {
		return "[]"
	}
	return page.String() + "]"
}

func (e engine) look(t *testing.T, since time.Time) (domain.LookedBack, error) {
	t.Helper()
	return waha.New(&http.Client{Transport: e}).Lookback(t.Context(), connection("http://waha"), since)
}

// idsOf lists the messages that a look found.
func idsOf(t *testing.T, found domain.LookedBack) (ids []string) {
	t.Helper()
	for _, body := range found.Bodies {
		var e struct{ Payload struct{ ID string } }
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.Payload.ID[strings.LastIndex(e.Payload.ID, "_")+1:])
	}
	return ids
}

// However many messages there are, and however long: looks that go on where the one
// before ended find all of them.
func TestLooksFindEveryMessage(t *testing.T) {
	tests := []struct {
		name  string
		e     engine
		looks int // at most
	}{
		{"none", engine{}, 1},
		{"as many as one look reads", engine{messages: every(time.Second, 1000, 1)}, 2},
		{"five a second", engine{messages: every(200*time.Millisecond, 3000, 1)}, 4},
		{"more in one second than a look reads", engine{messages: every(time.Millisecond, 1500, 1)}, 3},
		{"pages that are too long", engine{messages: every(time.Second, 60, 80_000)}, 2},
		{"each as long as a page may be", engine{messages: every(time.Second, 3, 2_200_000)}, 1},
		{"pages that fail now and then", engine{messages: every(time.Second, 350, 1), fails: func(offset int) bool { return offset == 200 }}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			missing := map[string]bool{}
			for _, m := range test.e.messages {
				missing[m.id] = true
			}
			since, looks := firstWritten, 0
			for more := true; more && looks < 10; looks++ {
				found, err := test.e.look(t, since)
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range idsOf(t, found) {
					delete(missing, id)
				}
				since, more = found.Until, found.More
			}
			if len(missing) > 0 || looks > test.looks {
				t.Errorf("%d looks, want at most %d; %d messages are not found", looks, test.looks, len(missing))
			}
		})
	}
}

// A message that is longer than a webhook may be does not keep the others from being found.
func TestALookPassesByAMessageThatNoWebhookBrings(t *testing.T) {
	e := engine{messages: every(time.Second, 3, 1)}
	e.messages[1].size = 5 << 20
	found, err := e.look(t, firstWritten)
	if ids := idsOf(t, found); err != nil || fmt.Sprint(ids) != "[3AAA000000 3AAA000002]" || found.More {
		t.Errorf("found %v, more %t, %v", ids, found.More, err)
	}
}

// A look that comes no further is an error: the next one would find the same.
func TestALookThatComesNoFurtherFails(t *testing.T) {
	tests := []struct {
		name string
		e    engine
	}{
		{"the first page fails", engine{messages: every(time.Second, 10, 1), fails: func(int) bool { return true }}},
		{"the second page fails, and the first is of one second", engine{messages: every(0, 150, 1), fails: func(offset int) bool { return offset > 0 }}},
		{"the engine does not go by the time of messages", engine{messages: every(-time.Hour, 2000, 1), timeless: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if found, err := test.e.look(t, firstWritten); err == nil {
				t.Errorf("found %d messages until %s", len(found.Bodies), found.Until)
			}
		})
	}
}
