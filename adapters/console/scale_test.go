package console

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"recado/domain"
)

var long = flag.Bool("long", false, "the long form of some tests, which takes minutes")

// size returns how many there are of something in the short and in the long form.
func size(short, whole int) int {
	if *long {
		return whole
	}
	return short
}

// fills delivers many messages to the office, the oldest first.
func (o *office) fills(n int, message func(i int) domain.Update) {
	o.t.Helper()
	for i := 0; i < n; {
		var batch []domain.Update
		for ; i < n && len(batch) < 500; i++ {
			batch = append(batch, message(i))
		}
		o.apply(batch...)
	}
}

// incoming is a message that a client of the bot sent a while ago.
func incoming(peer, id, text string, ago time.Duration) domain.Update {
	now := time.Now()
	return domain.Update{Connection: botLine, At: now.Add(-ago), Received: now, Fact: domain.MessageArrived{
		Peer: domain.PeerID(peer), Contact: domain.Contact{Name: "Cliente " + peer}, Direction: domain.Inbound, Type: domain.TypeText,
		ProviderID: domain.ProviderID(id), Text: text,
	}}
}

// The list of 100,000 chats opens within 200 ms of the server's time. Measured: 4 to 10 ms.
func TestTheListOpensQuicklyHoweverManyChats(t *testing.T) {
	o := newOffice(t)
	n := size(3_000, 100_000)
	o.fills(n, func(i int) domain.Update {
		return incoming(fmt.Sprint(700_000+i), fmt.Sprint("in-", i), "Hola", time.Duration(n-i)*time.Second)
	})
	ana := o.caller()
	ana.as("ana")
	for _, path := range []string{"/chat", "/chat/list?unanswered=1", "/chat/list?q=cliente+70", "/chat/list?connection=clinica-bot"} {
		var times []time.Duration
		for range 5 {
			began := time.Now()
			if a, _ := ana.ask("GET", path, nil); a.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d", path, a.StatusCode)
			}
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		t.Logf("of %d chats %s takes %v", n, path, times)
		if times[0] > 200*time.Millisecond {
			t.Errorf("of %d chats %s takes %v, want 200 ms", n, path, times[0])
		}
	}
}

// Pages that are open while nothing happens cost next to nothing: 50 less than 5 % of
// a core. Measured: 0.6 %.
func TestLivePagesCostLittle(t *testing.T) {
	o := newOffice(t)
	o.client(botLine, "700123", "Luz").writes("Hola")
	ana := o.caller()
	ana.as("ana")
	place, err := o.store.FeedEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const employees = 50
	for range employees {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+"/chat/live?after="+formatFeedPlace(place), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := ana.Do(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer, err)
		}
		defer answer.Body.Close()
	}
	for o.page.Feed.Waiting() < employees {
		time.Sleep(time.Millisecond) // they are on their way
	}
	span := time.Duration(size(2, 40)) * time.Second
	before := cpuTime(t)
	time.Sleep(span) // nothing happens, and that is measured
	used := cpuTime(t) - before
	t.Logf("%d pages cost %v of CPU in %v: %.2f %% of a core", employees, used, span, 100*used.Seconds()/span.Seconds())
	if used > span/20 {
		t.Errorf("%d pages cost %v of CPU in %v, want 5 %%", employees, used, span)
	}
}

// cpuTime returns how long the process has computed.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A chat of 50,000 messages is read from its end to its beginning and back, and the
// page does not grow. Measured: at most 5,848 nodes and 947 KiB of heap.
func TestThePageDoesNotGrowWithTheChat(t *testing.T) {
	o := newOffice(t)
	n := size(800, 50_000)
	o.fills(n, func(i int) domain.Update {
		return incoming("700123", fmt.Sprint("in-", i), fmt.Sprintf("Mensaje %05d", i), time.Duration(n-i)*time.Minute)
	})
	b := o.as("ana")
	b.opens("Cliente 700123")
	b.sees(".message", fmt.Sprintf("Mensaje %05d", n-1))
	const up, down = `s.scrollTop = 0`, `s.scrollTop = s.scrollHeight`
	read := func(move, until string) (most browserCost) {
		t.Helper()
		for range n {
			var there bool
			b.js(fmt.Sprintf(`new Promise(async done => {
				const s = document.querySelector("#stream"), texts = () => [...document.querySelectorAll("#messages .text")].map(e => e.textContent);
				for (let i = 0; i < 50 && !texts().includes(%q); i++) { %s; await new Promise(r => setTimeout(r, 20)); }
				const list = texts();
				if (list.some((text, i) => i > 0 && list[i - 1] >= text)) done(Promise.reject(new Error("out of order: " + list)));
				done(list.includes(%q));
			})`, until, move, until), &there)
			most = most.max(b.cost())
			if there {
				return most
			}
		}
		t.Fatalf("%q is never reached", until)
		return most
	}
	atFirst := b.cost()
	upwards := read(up, "Mensaje 00000")
	downwards := read(down, fmt.Sprintf("Mensaje %05d", n-1))
	t.Logf("%d messages: at first %v, upwards at most %v, downwards at most %v", n, atFirst, upwards, downwards)
	if most := upwards.max(downwards); most.nodes > 40_000 || most.heap > atFirst.heap+30<<20 {
		t.Errorf("the page grows from %v to %v", atFirst, most)
	}
	if shown := b.count("#messages > .message"); shown > 440 {
		t.Errorf("%d messages are in the page", shown)
	}
	b.until(`(s => { s.scrollTop = s.scrollHeight; return document.querySelector("#newest").hidden; })(document.querySelector("#stream"))`)
	o.client(botLine, "700123", "Cliente 700123").writes("Y otro")
	b.sees(".message", "Y otro")
}

// A browserCost is what a page takes of its browser.
type browserCost struct{ nodes, heap int }

func (c browserCost) max(other browserCost) browserCost {
	return browserCost{max(c.nodes, other.nodes), max(c.heap, other.heap)}
}

func (c browserCost) String() string { return fmt.Sprintf("%d nodes and %d KiB", c.nodes, c.heap>>10) }

// cost measures the page, after what it no longer uses was collected.
func (b *browser) cost() (c browserCost) {
	b.t.Helper()
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		if err := heapprofiler.CollectGarbage().Do(ctx); err != nil {
			return err
		}
		metrics, err := performance.GetMetrics().Do(ctx)
		for _, m := range metrics {
			switch m.Name {
			case "Nodes":
				c.nodes = int(m.Value)
			case "JSHeapUsedSize":
				c.heap = int(m.Value)
			}
		}
		return err
	}))
	return c
}
