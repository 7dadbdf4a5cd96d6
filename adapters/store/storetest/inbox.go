package storetest

import (
	"bytes"
	"errors"
	"fmt"

	"recado/domain"
)

var inboxRows = []row{
	{"an empty lane has no webhooks", func(t lab) {
		if got := t.next(meta); len(got) != 0 {
			t.Errorf("got %d webhooks", len(got))
		}
	}},
	{"webhooks come back whole, in the order in which they came", func(t lab) {
		first := webhook("first")
		first.Body = append(first.Body, 0, 0xff, '\\')
		t.must(t.store.Append(t.Context(), []domain.Webhook{first, webhook("second")}))
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("third")}))
		got := t.next(meta)
		for i := range got {
			if got[i].ID == 0 || i > 0 && got[i].ID <= got[i-1].ID {
				t.Errorf("webhook %d has the id %d", i, got[i].ID)
			}
			got[i].ID = 0
		}
		t.same("webhooks", got, []domain.Webhook{first, webhook("second"), webhook("third")})
	}},
	{"an empty webhook is stored like any other", func(t lab) {
		empty := webhook("")
		empty.Body = nil
		t.must(t.store.Append(t.Context(), []domain.Webhook{empty}))
		if got := t.next(meta); len(got) != 1 || len(got[0].Body) != 0 {
			t.Errorf("got %+v", got)
		}
	}},
	{"webhooks stay until they are applied", func(t lab) {
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("one"), webhook("two")}))
		before := t.next(meta)
		t.same("a second look", t.next(meta), before)
		_, err := t.store.Apply(t.Context(), domain.Batch{Lane: domain.InboxLane(meta), Inbox: []int64{before[0].ID}})
		t.must(err)
		t.same("after one is applied", t.next(meta), before[1:])
	}},
	{"a batch whose webhooks are gone is taken, and nothing of it is stored", func(t lab) {
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("one"), webhook("two")}))
		hooks := t.next(meta)
		use := func(ids ...int64) error {
			_, err := t.store.Apply(t.Context(), domain.Batch{Lane: domain.InboxLane(meta), Inbox: ids, Updates: []domain.Update{toPhone(1, says(peer, domain.ProviderID(fmt.Sprint(ids)), "hello"))}})
			return err
		}
		t.must(use(hooks[0].ID))
		if err := use(hooks[0].ID, hooks[1].ID); !errors.Is(err, domain.ErrTaken) {
			t.Errorf("got %v, want ErrTaken", err)
		}
		if got := t.texts(t.chat(peer).ID); len(got) != 1 {
			t.Errorf("messages %q after a batch that was taken", got)
		}
		t.same("what is left", t.next(meta), hooks[1:])
	}},
	{"a lane gives at most 500 webhooks", func(t lab) {
		hooks := make([]domain.Webhook, 501)
		for i := range hooks {
			hooks[i] = webhook(fmt.Sprint(i))
		}
		t.must(t.store.Append(t.Context(), hooks))
		got := t.next(meta)
		if len(got) != 500 || string(got[499].Body) != "499" {
			t.Errorf("got %d webhooks", len(got))
		}
	}},
	{"a lane gives at most 4 MiB, but at least one webhook", func(t lab) {
		const mib = 1 << 20
		for _, size := range []int{4*mib + 1, mib, 2 * mib, mib, 3 * mib, 2 * mib} {
			t.must(t.store.Append(t.Context(), []domain.Webhook{webhook(string(bytes.Repeat([]byte("x"), size)))}))
		}
		for _, want := range []int{1, 3, 1, 1} {
			hooks := t.next(meta)
			if len(hooks) != want {
				t.Fatalf("got %d webhooks, want %d", len(hooks), want)
			}
			var ids []int64
			for _, h := range hooks {
				ids = append(ids, h.ID)
			}
			_, err := t.store.Apply(t.Context(), domain.Batch{Lane: domain.InboxLane(meta), Inbox: ids})
			t.must(err)
		}
	}},
	{"a lane gives nothing of another", func(t lab) {
		other := elsewhere()
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("ours"), {Hook: other, Kind: domain.WhatsAppBusiness, Body: []byte("theirs"), Received: received}}))
		for _, hook := range []domain.HookID{meta, other} {
			if got := t.next(hook); len(got) != 1 || got[0].Hook != hook {
				t.Errorf("lane of %s gives %v", hook, got)
			}
		}
	}},
}

func webhook(body string) domain.Webhook {
	return domain.Webhook{Hook: meta, Kind: domain.WhatsAppBusiness, Body: []byte(body), Received: received}
}

// next reads the lane of a hook.
func (t lab) next(h domain.HookID) []domain.Webhook {
	t.Helper()
	list, err := t.store.Next(t.Context(), domain.InboxLane(h))
	t.must(err)
	return list
}

// elsewhere names a hook of another lane than meta's.
func elsewhere() domain.HookID {
	for i := 0; ; i++ {
		if h := domain.HookID(fmt.Sprint("hook-", i)); domain.InboxLane(h) != domain.InboxLane(meta) {
			return h
		}
	}
}
