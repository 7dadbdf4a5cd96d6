package storetest

import (
	"bytes"
	"fmt"
	"time"

	"recado/domain"
)

// strays is a connection for whose account webhooks were parked before it was declared.
var strays = domain.Registry{
	Connections: []domain.Connection{{ID: "wa-3", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "3088"}},
}

var unparkingRows = []row{
	{"a great many that are parked for a connection go back in portions, in their order, each once", func(t lab) {
		const many = 1200 // of two accounts
		t.must(t.insides().Execute(t.Context(), series(many, "parked (hook_id, kind, account, body, error, at, expires_at)",
			`'meta', 'whatsapp_business', CASE i % 2 WHEN 0 THEN '3088' ELSE '4099' END, `+Bytes+`, 'nobody has it', i, now_ms() + 600000000`)))
		if lines := t.declare(strays); len(lines) != 2 || lines[1] != fmt.Sprintf("↑ connection wa-3: %d parked updates are tried again", many/2) {
			t.Errorf("lines %q", lines)
		}
		back := t.take(meta)
		if len(back) == 0 || len(back) >= many/2 {
			t.Errorf("%d go back with the registry", len(back))
		}
		for more := true; more; { // the program may be killed after any step
			var err error
			more, err = t.store.Trim(t.Context())
			t.must(err)
			back = append(back, t.take(meta)...)
			left, err := t.store.Parked(t.Context(), many)
			t.must(err)
			if len(back)+len(left) != many {
				t.Fatalf("%d are back and %d are left", len(back), len(left))
			}
		}
		for i, w := range back {
			if w.Received.UnixMilli() != int64(2*i+2) {
				t.Fatalf("the webhook of place %d is that of %d", i, w.Received.UnixMilli())
			}
		}
		if len(back) != many/2 {
			t.Errorf("%d are back", len(back))
		}
	}},
	{"no portion is greater than what is taken from the inbox at once", func(t lab) {
		body := bytes.Repeat([]byte{'a'}, 3<<20)
		for range 3 {
			t.parkStray(body)
		}
		t.declare(strays)
		t.parked(2)
		t.trimAll()
		t.parked(0)
	}},
	{"what is parked again while the rest goes back is not tried once more", func(t lab) {
		t.must(t.insides().Execute(t.Context(), series(600, "parked (hook_id, kind, account, body, error, at, expires_at)",
			`'meta', 'whatsapp_business', '3088', `+Bytes+`, 'nobody has it', i, now_ms() + 600000000`)))
		t.declare(strays)
		t.parkStray([]byte("it is broken"))
		t.trimAll()
		t.parked(1)
		t.pass(time.Minute)
		t.trim()
		t.parked(1)
	}},
	{"what is parked for a connection that ends does not go back", func(t lab) {
		t.must(t.insides().Execute(t.Context(), series(600, "parked (hook_id, kind, account, body, error, at, expires_at)",
			`'meta', 'whatsapp_business', '3088', `+Bytes+`, 'nobody has it', i, now_ms() + 600000000`)))
		t.declare(strays)
		back := len(t.take(meta))
		t.declare(complete(everything()))
		t.trimAll()
		t.parked(0)
		if more := t.take(meta); len(more) > 0 {
			t.Errorf("%d went back before, and %d after", back, len(more))
		}
	}},
}

// take takes all webhooks of a hook out of the inbox.
func (t lab) take(h domain.HookID) (taken []domain.Webhook) {
	t.Helper()
	for {
		list := t.next(h)
		if len(list) == 0 {
			return taken
		}
		b := domain.Batch{Lane: domain.InboxLane(h)}
		for _, w := range list {
			b.Inbox = append(b.Inbox, w.ID)
		}
		_, err := t.store.Apply(t.Context(), b)
		t.must(err)
		taken = append(taken, list...)
	}
}

// parkStray puts a body aside that is for the account of strays.
func (t lab) parkStray(body []byte) {
	t.Helper()
	_, err := t.store.Apply(t.Context(), domain.Batch{Parked: []domain.ParkedItem{
		{Hook: meta, Kind: domain.WhatsAppBusiness, Account: "3088", Body: body, Error: "nobody has it"},
	}})
	t.must(err)
}
