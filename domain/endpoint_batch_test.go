package domain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parcel makes deliveries, "chat/number" each.
func parcel(events ...EventID) (list []Delivery) {
	for _, e := range events {
		chat, _, _ := bytes.Cut([]byte(e), []byte("/"))
		list = append(list, Delivery{Event: e, Chat: ChatID(chat), Body: fmt.Appendf(nil, `{"id":%q}`, e)})
	}
	return list
}

func TestABatchIsTheEventsInTheirOrder(t *testing.T) {
	var got struct{ Events []struct{ ID EventID } }
	if err := json.Unmarshal(BatchBody(parcel("a/1", "b/1", "a/2")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Events) != 3 || got.Events[0].ID != "a/1" || got.Events[1].ID != "b/1" || got.Events[2].ID != "a/2" {
		t.Errorf("events %v", got.Events)
	}
}

func TestABatchHasTheIDOfItsEvents(t *testing.T) {
	id := BatchID(parcel("a/1", "b/1"))
	if again := BatchID(parcel("a/1", "b/1")); again != id {
		t.Errorf("the same events are %s and %s", id, again)
	}
	for _, other := range [][]Delivery{parcel("a/1"), parcel("b/1", "a/1"), parcel("a/1", "b/1", "c/1"), parcel("a/1b/1")} {
		if BatchID(other) == id {
			t.Errorf("%v have the same id", other)
		}
	}
}

func TestBatchSize(t *testing.T) {
	large := func(n int) []Delivery {
		list := parcel("a/1", "b/1", "c/1")
		for i := range list {
			list[i].Body = make([]byte, n)
		}
		return list
	}
	failed := func(which int) []Delivery {
		list := parcel("a/1", "b/1", "c/1")
		list[which].Failures = 1
		return list
	}
	third := (BatchBytes - batchFrame - 3) / 3
	for _, tt := range []struct {
		name string
		list []Delivery
		most int
		want int
	}{
		{"all that there are", parcel("a/1", "b/1", "a/2"), BatchEvents, 3},
		{"at most so many", parcel("a/1", "b/1", "a/2"), 2, 2},
		{"one", parcel("a/1", "b/1"), 1, 1},
		{"as many as a body holds", large(third), BatchEvents, 3},
		{"fewer than it does not hold", large(third + 1), BatchEvents, 2},
		{"an event goes alone, whatever its size", large(2 * BatchBytes), BatchEvents, 1},
		{"an event that failed goes alone", failed(0), BatchEvents, 1},
		{"and not with others before it", failed(2), BatchEvents, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := BatchSize(tt.list, tt.most)
			if got != tt.want {
				t.Errorf("%d events, want %d", got, tt.want)
			}
			if size := len(BatchBody(tt.list[:got])); got > 1 && size > BatchBytes {
				t.Errorf("a body of %d bytes", size)
			}
		})
	}
}

func TestAnEndpointNamesTheEventsThatFailed(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		failed                  []EventID
		taken, failing, waiting []EventID
		unknown                 int
	}{
		{"none: all are taken", nil, []EventID{"a/1", "b/1", "a/2", "a/3"}, nil, nil, 0},
		{"one: later ones of its chat are taken all the same", []EventID{"a/1"}, []EventID{"b/1", "a/2", "a/3"}, []EventID{"a/1"}, nil, 0},
		{"several of a chat: the first failed, the others wait behind it", []EventID{"a/3", "a/1"}, []EventID{"b/1", "a/2"}, []EventID{"a/1"}, []EventID{"a/3"}, 0},
		{"one of each chat", []EventID{"b/1", "a/2"}, []EventID{"a/1", "a/3"}, []EventID{"b/1", "a/2"}, nil, 0},
		{"one twice", []EventID{"b/1", "b/1"}, []EventID{"a/1", "a/2", "a/3"}, []EventID{"b/1"}, nil, 0},
		{"strangers", []EventID{"x/1", "y/1", "b/1"}, []EventID{"a/1", "a/2", "a/3"}, []EventID{"b/1"}, nil, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := parcel("a/1", "b/1", "a/2", "a/3")
			tries, unknown := BatchTries(list, tt.failed)
			var taken, failing, waiting []EventID
			for i, try := range tries {
				switch id := list[i].Event; {
				case try.OK:
					taken = append(taken, id)
				case try.Skipped:
					waiting = append(waiting, id)
				default:
					failing = append(failing, id)
				}
			}
			want := [][]EventID{tt.taken, tt.failing, tt.waiting}
			if diff := cmp.Diff(want, [][]EventID{taken, failing, waiting}); diff != "" || unknown != tt.unknown {
				t.Errorf("%d unknown, taken, failed and waiting: %s", unknown, diff)
			}
		})
	}
}

// tried makes the tries of one batch: of each event OK, or not.
func tried(batch string, list []Delivery, ok ...bool) (tries []Try) {
	for i, d := range list {
		tries = append(tries, Try{Delivery: d, Batch: batch, OK: ok[i]})
	}
	return tries
}

func TestABatchCountsOnceForTheHealthOfItsEndpoint(t *testing.T) {
	begun := EndpointHealth{Status: EndpointOK}
	list := parcel("a/1", "b/1", "c/1")
	for _, tt := range []struct {
		name  string
		tries []Try
		like  []EndpointCall
	}{
		{"all are taken", tried("batch_1", list, true, true, true), []EndpointCall{{Event: "a/1", Result: CallSucceeded}}},
		{"one of them failed: it works", tried("batch_1", list, false, true, true), []EndpointCall{{Event: "b/1", Result: CallSucceeded}}},
		{"all failed", tried("batch_1", list, false, false, false), []EndpointCall{{}}},
		{
			"two batches", slices.Concat(tried("batch_1", list[:1], false), tried("batch_2", list[1:], true, true)),
			[]EndpointCall{{Event: "a/1"}, {Event: "b/1", Result: CallSucceeded}},
		},
		{
			"events that go alone", tried("", list, true, true, false),
			[]EndpointCall{{Event: "a/1", Result: CallSucceeded}, {Event: "b/1", Result: CallSucceeded}, {Event: "c/1"}},
		},
		{"none was tried", []Try{{Batch: "batch_1", Skipped: true}, {Batch: "batch_1", Skipped: true}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := begun
			for _, c := range tt.like {
				want, _ = want.After(c, now)
			}
			got := RecordTries(Endpoint{EndpointHealth: begun}, tt.tries, now)
			if diff := cmp.Diff(want, got.Endpoint.EndpointHealth); diff != "" {
				t.Error(diff)
			}
			if len(got.Deliveries) != len(tt.tries) {
				t.Errorf("%d deliveries after %d tries", len(got.Deliveries), len(tt.tries))
			}
		})
	}
}

// An event that its endpoint names again and again, while it takes the others, is
// the reason itself.
func TestAnEventThatBatchesNameIsParked(t *testing.T) {
	bad, at := parcel("bad/1")[0], now
	e := Endpoint{EndpointHealth: EndpointHealth{Status: EndpointOK}}
	for tries := 0; bad.State != DeliveryParked; tries++ {
		if tries == 30 {
			t.Fatalf("it still waits: %+v", bad)
		}
		at = at.Add(5 * time.Minute)
		r := RecordTries(e, tried("batch_1", append([]Delivery{bad}, parcel("good/1")...), false, true), at)
		e, bad = r.Endpoint, r.Deliveries[0]
	}
}
