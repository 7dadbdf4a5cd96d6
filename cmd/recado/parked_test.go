package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/porttest"
	"recado/domain"
)

// parking holds parked items in memory.
type parking struct {
	items []domain.ParkedItem
	err   error // of every call
}

func (p *parking) Parked(_ context.Context, limit int) ([]domain.ParkedItem, error) {
	return p.items[:min(limit, len(p.items))], p.err
}

func (p *parking) ParkedItem(_ context.Context, id string) (domain.ParkedItem, error) {
	i, err := p.find(id)
	if err != nil {
		return domain.ParkedItem{}, err
	}
	return p.items[i], nil
}

func (p *parking) Unpark(ctx context.Context, id string) error {
	return p.DeleteParked(ctx, id)
}

func (p *parking) DeleteParked(_ context.Context, id string) error {
	i, err := p.find(id)
	if err != nil {
		return err
	}
	p.items = slices.Delete(p.items, i, i+1)
	return nil
}

func (p *parking) find(id string) (int, error) {
	i := slices.IndexFunc(p.items, func(i domain.ParkedItem) bool { return i.ID == id })
	if i < 0 && p.err == nil {
		return 0, domain.ErrNotFound
	}
	return i, p.err
}

func someParked() *parking {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &parking{items: []domain.ParkedItem{
		{
			ID: "inbox:12", Lane: domain.LaneInbox, Hook: "acme-meta", Kind: domain.WABA, Account: "106540352242922",
			Body: []byte(`{"entry":[{"id":"1"}]}`), Error: "status \x1b[31m\"seen\"\n is unknown", At: at, Expires: at.AddDate(0, 0, 7),
		},
		{
			ID: "callback:7", Lane: domain.LaneCallback, Hook: "crm",
			Body: []byte("\x1b[2Jno JSON"), Error: fmt.Sprintf("HTTP 400: %0100d", 0), At: at, Expires: at.AddDate(0, 0, 7),
		},
	}}
}

const parkedTable = `ID          LANE      OF                         PARKED                EXPIRES               ERROR
inbox:12    inbox     acme-meta/106540352242922  2026-01-02T03:04:05Z  2026-01-09T03:04:05Z  status [31m"seen" is unknown
callback:7  callback  crm                        2026-01-02T03:04:05Z  2026-01-09T03:04:05Z  HTTP 400: 000000000000000000000000000000000000000000000000000000000000000000000…
`

const parkedWebhook = `id       inbox:12
lane     inbox
kind     waba
of       acme-meta/106540352242922
parked   2026-01-02T03:04:05Z
expires  2026-01-09T03:04:05Z
error    status [31m"seen" is unknown

{
  "entry": [
    {
      "id": "1"
    }
  ]
}
`

func TestParked(t *testing.T) {
	tests := []struct {
		name string
		do   func(context.Context, domain.ParkedItems, io.Writer) error
		want string // printed, then the error
	}{
		{"the list fits a terminal", list(10), parkedTable},
		{"the list says that there is more", list(2), parkedTable + "only the first 2 are listed; --limit lists more\n"},
		{"an item is shown with its JSON", with(showParked, "inbox:12"), parkedWebhook},
		{"an item is tried again", with(retryParked, "callback:7"), "callback:7 will be processed again\n"},
		{"an item is deleted", with(deleteParked, "callback:7"), "callback:7 deleted\n"},
		{"nothing to show", with(showParked, "inbox:99"), `no parked item has the id "inbox:99"; see recado parked list`},
		{"nothing to try", with(retryParked, "inbox:99"), `no parked item has the id "inbox:99"; see recado parked list`},
		{"nothing to delete", with(deleteParked, "inbox:99"), `no parked item has the id "inbox:99"; see recado parked list`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var printed bytes.Buffer
			if err := tt.do(t.Context(), someParked(), &printed); err != nil {
				fmt.Fprint(&printed, err)
			}
			if diff := cmp.Diff(tt.want, printed.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func list(limit int) func(context.Context, domain.ParkedItems, io.Writer) error {
	return func(ctx context.Context, p domain.ParkedItems, w io.Writer) error {
		return listParked(ctx, p, limit, w)
	}
}

// with does something with one item.
func with(
	do func(context.Context, domain.ParkedItems, string, io.Writer) error, id string,
) func(context.Context, domain.ParkedItems, io.Writer) error {
	return func(ctx context.Context, p domain.ParkedItems, w io.Writer) error { return do(ctx, p, id, w) }
}

func TestParkedOfAnEmptyStore(t *testing.T) {
	var printed bytes.Buffer
	if err := listParked(t.Context(), &parking{}, 10, &printed); err != nil {
		t.Fatal(err)
	}
	if got := printed.String(); got != "nothing is parked\n" {
		t.Errorf("printed %q", got)
	}
}

func TestParkedTellsOfTheStore(t *testing.T) {
	away := &parking{err: domain.ErrUnavailable}
	for _, do := range []func(context.Context, domain.ParkedItems, io.Writer) error{
		list(10), with(showParked, "inbox:12"), with(retryParked, "inbox:12"), with(deleteParked, "inbox:12"),
	} {
		var printed bytes.Buffer
		if err := do(t.Context(), away, &printed); !errors.Is(err, domain.ErrUnavailable) || printed.Len() > 0 {
			t.Errorf("error %v after %q, want %v", err, &printed, domain.ErrUnavailable)
		}
	}
}

func TestPrettyQuotesWhatATerminalWouldObey(t *testing.T) {
	if got, want := pretty([]byte("\x1b[2Jno JSON")), `"\x1b[2Jno JSON"`; got != want {
		t.Errorf("pretty gives %s, want %s", got, want)
	}
}

// Parked items are worked on while the service runs, also on the embedded store.
func TestParkedWhileTheServiceRuns(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, on)
			w.declare("http://"+porttest.Address(t), "http://"+porttest.Address(t))
			w.start()
			says := func(args ...string) string {
				printed, err := w.run(args...)
				if err != nil {
					t.Fatalf("recado %q: %v", args, err)
				}
				return printed
			}
			stray := func() {
				if status := w.post(textBody("999", "16505551234", "to a number of nobody")); status != http.StatusOK {
					t.Errorf("the webhook is answered %d", status)
				}
			}
			stray()
			eventually(t, "the webhook is parked", 10*time.Second, func() bool { return strings.Contains(says("parked"), "inbox:1 ") })
			if shown := says("parked", "show", "inbox:1"); !strings.Contains(shown, "to a number of nobody") {
				t.Errorf("shown is %s", shown)
			}
			says("parked", "retry", "inbox:1")
			stray() // the service goes on writing
			eventually(t, "both are parked again", 10*time.Second, func() bool {
				list := says("parked")
				return strings.Contains(list, "inbox:2 ") && strings.Contains(list, "inbox:3 ")
			})
			says("parked", "delete", "inbox:2")
			says("parked", "delete", "inbox:3")
			if list := says("parked"); list != "nothing is parked\n" {
				t.Errorf("left is %s", list)
			}
		})
	}
}
