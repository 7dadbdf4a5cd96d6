package storetest

import (
	"errors"
	"fmt"
	"time"

	"recado/domain"
)

var parkingRows = []row{
	{"what cannot be read is put aside whole", func(t lab) {
		item := t.park(`{"broken": "` + "\xff\x00" + `"}`)
		if item.ID == "" || item.At.IsZero() || item.Expires.Sub(item.At) != 7*24*time.Hour {
			t.Errorf("item %+v", item)
		}
		t.same("item", item, domain.ParkedItem{
			ID: item.ID, Lane: domain.LaneInbox, Hook: meta, Kind: domain.WhatsAppBusiness, Account: "1065", Body: []byte(`{"broken": "` + "\xff\x00" + `"}`),
			Error: "it is broken", At: item.At, Expires: item.Expires,
		})
		got, err := t.store.ParkedItem(t.Context(), item.ID)
		t.must(err)
		t.same("by its id", got, item)
	}},
	{"an empty item is put aside like any other", func(t lab) {
		_, err := t.store.Apply(t.Context(), domain.Batch{Parked: []domain.ParkedItem{{Hook: meta, Kind: domain.WhatsAppBusiness, Error: "it is empty"}}})
		t.must(err)
		t.parked(1)
	}},
	{"what is parked is listed oldest first, up to a limit", func(t lab) {
		for _, body := range []string{"one", "two", "three"} {
			t.park(body)
			t.pass(time.Second)
		}
		list, err := t.store.Parked(t.Context(), 2)
		t.must(err)
		if len(list) != 2 || string(list[0].Body) != "one" || string(list[1].Body) != "two" {
			t.Errorf("listed %+v", list)
		}
	}},
	{"a part of a webhook that is tried again is in the inbox", func(t lab) {
		item := t.park("again")
		t.must(t.store.Unpark(t.Context(), item.ID))
		t.parked(0)
		if got := t.next(meta); len(got) != 1 || string(got[0].Body) != "again" || got[0].Hook != meta || got[0].Kind != domain.WhatsAppBusiness || got[0].Received.IsZero() {
			t.Errorf("inbox %+v", got)
		}
	}},
	{"what is deleted is gone", func(t lab) {
		item := t.park("gone")
		t.must(t.store.DeleteParked(t.Context(), item.ID))
		t.parked(0)
		if got := t.next(meta); len(got) != 0 {
			t.Errorf("inbox %+v", got)
		}
	}},
	{"a parked event is listed with its endpoint, and tried again", func(t lab) {
		item, due := t.parkEvent()
		if item.Lane != domain.LaneCallback || item.Hook != domain.HookID(crm) || len(item.Body) == 0 || item.Error != "answered 500" {
			t.Errorf("item %+v", item)
		}
		got, err := t.store.ParkedItem(t.Context(), item.ID)
		t.must(err)
		t.same("by its id", got, item)
		t.must(t.store.Unpark(t.Context(), item.ID))
		t.parked(0)
		again := t.claim(crm, 1)
		if len(again) != 1 || again[0].ID != due.ID || again[0].Attempts != 0 || again[0].Refusals != 0 {
			t.Errorf("claimed %+v, want delivery %d afresh", again, due.ID)
		}
	}},
	{"a parked event that is deleted is not told", func(t lab) {
		item, due := t.parkEvent()
		t.must(t.store.DeleteParked(t.Context(), item.ID))
		t.parked(0)
		for _, d := range t.claim(crm, 10) {
			if d.ID == due.ID {
				t.Errorf("claimed %+v", d)
			}
		}
	}},
	{"what is not parked is not found", func(t lab) {
		due := fmt.Sprint("callback:", t.six()[0].ID)
		for _, id := range []string{"inbox:999999999", "callback:999999999", due} {
			_, err := t.store.ParkedItem(t.Context(), id)
			for _, err := range []error{err, t.store.Unpark(t.Context(), id), t.store.DeleteParked(t.Context(), id)} {
				if !errors.Is(err, domain.ErrNotFound) {
					t.Errorf("%s gave %v, want ErrNotFound", id, err)
				}
			}
		}
	}},
	{"what is no id of something parked is refused, the store is not away", func(t lab) {
		for _, id := range []string{"", "inbox", "inbox:", "inbox:x", "send:1", "1", "inbox:99999999999999999999"} {
			_, err := t.store.ParkedItem(t.Context(), id)
			for _, err := range []error{err, t.store.Unpark(t.Context(), id), t.store.DeleteParked(t.Context(), id)} {
				if err == nil || errors.Is(err, domain.ErrUnavailable) {
					t.Errorf("%q gave %v", id, err)
				}
			}
		}
	}},
	{"an update for an account that nobody has is parked, and tried again when a connection has it", func(t lab) {
		stray := toPhone(1, says(peer, "in.1", "to a number of nobody"))
		stray.Account, stray.Item = "3088", func() []byte { return []byte("the item alone") }
		r := t.apply(stray, toPhone(1, says(peer, "in.2", "its neighbour")))
		if r[0].Outcome != domain.Parked || r[1].Outcome != domain.Applied {
			t.Fatalf("outcomes %s, %s", r[0].Outcome, r[1].Outcome)
		}
		t.same("messages", t.texts(t.chat(peer).ID), []string{"its neighbour"})
		list, err := t.store.Parked(t.Context(), 10)
		t.must(err)
		if len(list) != 1 || list[0].Account != "3088" || list[0].Hook != meta || string(list[0].Body) != "the item alone" || list[0].Error == "" {
			t.Fatalf("parked %+v", list)
		}
		t.declare(initech())
		t.parked(1)
		registry := domain.Registry{Connections: []domain.Connection{{ID: "wa-3", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "3088"}}}
		lines := t.declare(registry)
		if len(lines) != 2 || lines[0] != "+ connection wa-3" {
			t.Errorf("lines %q", lines)
		}
		t.parked(0)
		if got := t.next(meta); len(got) != 1 || string(got[0].Body) != "the item alone" {
			t.Errorf("inbox %+v", got)
		}
		t.gives(domain.Applied, stray)
	}},
	{"a dry run leaves parked what it would try again", func(t lab) {
		stray := toPhone(1, says(peer, "in.1", "to a number of nobody"))
		stray.Account, stray.Item = "3088", func() []byte { return []byte("the item alone") }
		t.gives(domain.Parked, stray)
		registry := domain.Registry{Connections: []domain.Connection{{ID: "wa-3", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "3088"}}}
		_, err := t.store.Declare(t.Context(), registry, true)
		t.must(err)
		t.parked(1)
	}},
	{"what a command names and nobody has is not parked", func(t lab) {
		u := asks(send(1, peer, "hello"))
		u.Connection, u.Item = "nowhere", func() []byte { return []byte("never") }
		t.refuses(domain.ErrNotFound, u)
		t.parked(0)
	}},
}

// park puts a body aside and returns the newest item.
func (t lab) park(body string) domain.ParkedItem {
	t.Helper()
	_, err := t.store.Apply(t.Context(), domain.Batch{Parked: []domain.ParkedItem{
		{Hook: meta, Kind: domain.WhatsAppBusiness, Account: "1065", Body: []byte(body), Error: "it is broken"},
	}})
	t.must(err)
	list, err := t.store.Parked(t.Context(), 100)
	t.must(err)
	if len(list) == 0 {
		t.Fatal("nothing is parked")
	}
	return list[len(list)-1]
}

// parkEvent makes an event that crm refuses for an hour.
func (t lab) parkEvent() (domain.ParkedItem, domain.Delivery) {
	t.Helper()
	due := t.six()
	t.refuse(due[0], due[1])
	list, err := t.store.Parked(t.Context(), 100)
	t.must(err)
	if len(list) != 1 {
		t.Fatalf("parked %+v, want one event", list)
	}
	return list[0], due[0]
}

// parked checks how much is parked.
func (t lab) parked(want int) {
	t.Helper()
	list, err := t.store.Parked(t.Context(), 100)
	t.must(err)
	if len(list) != want {
		t.Errorf("parked %+v, want %d", list, want)
	}
}
