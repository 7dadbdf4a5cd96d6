package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAPageOfDeliveries(t *testing.T) {
	looked := []Delivery{ // one a minute
		{ID: 9, Type: EventMessageCreated, Chat: "a", Created: now},
		{ID: 7, Type: EventMessageStatus, Chat: "b", Created: now.Add(-time.Minute)},
		{ID: 4, Type: EventMessageCreated, Chat: "b", Created: now.Add(-2 * time.Minute)},
		{ID: 2, Type: EventMessageStatus, Chat: "a", Created: now.Add(-3 * time.Minute)},
	}
	tests := []struct {
		name  string
		query DeliveryQuery
		more  bool
		want  []int64
		next  int64
	}{
		{"all of them", DeliveryQuery{Limit: 4}, false, []int64{9, 7, 4, 2}, 0},
		{"one page of several", DeliveryQuery{Limit: 3}, true, []int64{9, 7, 4}, 4},
		{"of a type", DeliveryQuery{Limit: 4, Type: EventMessageStatus}, false, []int64{7, 2}, 0},
		{"of a type, a page of one", DeliveryQuery{Limit: 1, Type: EventMessageStatus}, false, []int64{7}, 7},
		{"of a chat, and more to look at", DeliveryQuery{Limit: 4, Chat: "b"}, true, []int64{7, 4}, 2},
		{"of a chat without any, and more to look at", DeliveryQuery{Limit: 4, Chat: "c"}, true, nil, 2},
		{"since a time", DeliveryQuery{Limit: 4, Since: now.Add(-time.Minute)}, true, []int64{9, 7}, 0},
		{"none", DeliveryQuery{Limit: 4, Since: now.Add(time.Minute)}, true, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.query.Page(looked, tt.more)
			var got []int64
			for _, d := range p.Deliveries {
				got = append(got, d.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || p.Next != tt.next {
				t.Errorf("next %d, want %d; (-want +got):\n%s", p.Next, tt.next, diff)
			}
		})
	}
}

func TestTheLogHasEveryTryThatDidNotSucceed(t *testing.T) {
	try := func(id int64, change func(*Try)) Try {
		d := Delivery{ID: id, Event: EventID("evt_" + string(rune('a'+id))), State: DeliveryDue}
		got := Try{Delivery: d, Took: time.Second, Status: 500, Error: "HTTP 500", Answer: "oops"}
		change(&got)
		return got
	}
	e := Endpoint{ID: "crm", AttemptsLogged: 41, EndpointHealth: EndpointHealth{Status: EndpointOK, LastSuccess: now}}
	tries := []Try{
		try(1, func(t *Try) { t.OK, t.Status, t.Error = true, 200, "" }),
		try(2, func(*Try) {}),
		try(3, func(t *Try) { t.Skipped = true }),
		try(4, func(t *Try) { t.Throttled, t.RetryAfter, t.Status = true, time.Minute, 429 }),
	}
	r := RecordTries(e, tries, now)
	var got []Attempt
	for _, a := range r.Attempts {
		a.NextAt = a.NextAt.Truncate(time.Minute)
		got = append(got, a)
	}
	at := now.Add(-time.Second)
	want := []Attempt{
		{Delivery: 2, Endpoint: "crm", Number: 42, At: at, Took: time.Second, Status: 500, Error: "HTTP 500", Answer: "oops", NextAt: now.Add(time.Minute).Truncate(time.Minute)},
		{Delivery: 4, Endpoint: "crm", Number: 43, At: at, Took: time.Second, Status: 429, Error: "HTTP 500", Answer: "oops", NextAt: now.Add(time.Minute).Truncate(time.Minute)},
	}
	if diff := cmp.Diff(want, got); diff != "" || r.Endpoint.AttemptsLogged != 43 {
		t.Errorf("%d logged (-want +got):\n%s", r.Endpoint.AttemptsLogged, diff)
	}
	if d := r.Deliveries[0]; d.Status != 200 || d.Took != time.Second {
		t.Errorf("the delivery that succeeded is %+v", d)
	}
	gone := RecordTries(e, []Try{try(1, func(t *Try) { t.Gone = true })}, now)
	if !gone.Attempts[0].NextAt.IsZero() {
		t.Errorf("after a 410 comes %v", gone.Attempts[0].NextAt)
	}
}
