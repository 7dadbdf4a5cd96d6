package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// deliveryLog is a log in memory, of two endpoints.
type deliveryLog []domain.Delivery

func someDeliveries() deliveryLog {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return deliveryLog{
		{ID: 9, Replay: "rep_1", Endpoint: "crm", Type: domain.EventMessageCreated, Chat: "chat_1", Created: at, State: domain.DeliveryDelivered, Status: 204},
		{ID: 8, Endpoint: "bi", Type: domain.EventEndpointStatus, Created: at.Add(-time.Minute), State: domain.DeliveryDue},
		{
			ID: 7, Endpoint: "crm", Event: "evt_7", Type: domain.EventMessageStatus, Chat: "chat_1", Created: at.Add(-time.Hour), State: domain.DeliveryParked,
			Attempts: 5, LastError: "HTTP 400", Status: 400,
		},
	}
}

func (l deliveryLog) Deliveries(_ context.Context, _ domain.CompanyID, q domain.DeliveryQuery) (domain.DeliveryPage, error) {
	var looked []domain.Delivery
	for _, d := range l {
		if d.Endpoint == q.Endpoint && (q.State == "" || d.State == q.State) && (q.Before == 0 || d.ID < q.Before) {
			looked = append(looked, d)
		}
	}
	if looked == nil && q.Endpoint == "nowhere" {
		return domain.DeliveryPage{}, domain.ErrNotFound
	}
	return q.Page(looked, false), nil
}

func (l deliveryLog) Delivery(_ context.Context, _ domain.CompanyID, id int64) (domain.Delivery, []domain.Attempt, error) {
	for _, d := range l {
		if d.ID == id {
			return d, []domain.Attempt{
				{At: d.Created, Took: 15 * time.Second, Error: "no answer in 15s", NextAt: d.Created.Add(time.Minute)},
				{At: d.Created.Add(time.Minute), Took: 12 * time.Millisecond, Status: 400, Error: "HTTP 400", Answer: `{"error":"no such deal"}`},
			}, nil
		}
	}
	return domain.Delivery{}, nil, domain.ErrNotFound
}

func (l deliveryLog) RetryDelivery(_ context.Context, _ domain.CompanyID, id int64) error {
	for _, d := range l {
		if d.ID == id && d.State == domain.DeliveryDelivered {
			return domain.ErrAlreadyDelivered
		}
		if d.ID == id {
			return nil
		}
	}
	return domain.ErrNotFound
}

func (l deliveryLog) EndpointIDs(context.Context) ([]domain.EndpointID, error) {
	return []domain.EndpointID{"bi", "crm"}, nil
}

const (
	deliveriesTable = `ID     ENDPOINT  STATE      MADE                  TYPE             CHAT    REPLAY  FAILURES  NEXT  ERROR
dlv_9  crm       delivered  2026-01-02T03:04:05Z  message.created  chat_1  rep_1   0         -     
dlv_8  bi        due        2026-01-02T03:03:05Z  endpoint.status  -       -       0         -     
dlv_7  crm       parked     2026-01-02T02:04:05Z  message.status   chat_1  -       5         -     HTTP 400
`
	deliveriesOne = `ID     ENDPOINT  STATE      MADE                  TYPE             CHAT    REPLAY  FAILURES  NEXT  ERROR
dlv_9  crm       delivered  2026-01-02T03:04:05Z  message.created  chat_1  rep_1   0         -     
only the newest 1 are listed; --limit lists more
`
	deliveryShown = `id        dlv_7
endpoint  crm
event     evt_7
type      message.status
chat      chat_1
state     parked
made      2026-01-02T02:04:05Z
next      -
error     HTTP 400

AT                    TOOK  STATUS  NEXT                  ERROR             ANSWER
2026-01-02T02:04:05Z  15s   -       2026-01-02T02:05:05Z  no answer in 15s  
2026-01-02T02:05:05Z  12ms  400     -                     HTTP 400          {"error":"no such deal"}
`
)

func TestDeliveries(t *testing.T) {
	listed := func(q domain.DeliveryQuery) func(context.Context, domain.DeliveryLog, io.Writer) error {
		return func(ctx context.Context, l domain.DeliveryLog, w io.Writer) error {
			return listDeliveries(ctx, l, q, w)
		}
	}
	with := func(do func(context.Context, domain.DeliveryLog, string, io.Writer) error, id string) func(context.Context, domain.DeliveryLog, io.Writer) error {
		return func(ctx context.Context, l domain.DeliveryLog, w io.Writer) error { return do(ctx, l, id, w) }
	}
	tests := []struct {
		name string
		do   func(context.Context, domain.DeliveryLog, io.Writer) error
		want string // printed, then the error
	}{
		{"the list is of all endpoints", listed(domain.DeliveryQuery{Limit: 10}), deliveriesTable},
		{"the list says that there is more", listed(domain.DeliveryQuery{Limit: 1}), deliveriesOne},
		{"nothing fits", listed(domain.DeliveryQuery{Limit: 1, State: domain.DeliveryExpired}), "no deliveries\n"},
		{"of an endpoint that is none", listed(domain.DeliveryQuery{Limit: 1, Endpoint: "nowhere"}), `no endpoint has the id "nowhere"`},
		{"a delivery is shown with its attempts", with(showDelivery, "dlv_7"), deliveryShown},
		{"a delivery is retried", with(retryDelivery, "dlv_7"), "dlv_7 is due now\n"},
		{"what was delivered is not retried", with(retryDelivery, "dlv_9"), "dlv_9 was delivered; use replay to send it again"},
		{"nothing to show", with(showDelivery, "dlv_99"), `no delivery has the id "dlv_99"; see recado deliveries list`},
		{"an id that is none", with(retryDelivery, "7"), `no delivery has the id "7"; see recado deliveries list`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var printed bytes.Buffer
			if err := tt.do(t.Context(), someDeliveries(), &printed); err != nil {
				fmt.Fprint(&printed, err)
			}
			if diff := cmp.Diff(tt.want, printed.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A CRM's developer creates an endpoint, sees why it fails, mends it and gets what
// waited, all by calls; the operator sees the same beside the running service.
func TestAnEndpointByRESTFromItsFirstFailureToItsMend(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.declare("http://127.0.0.1:1", newCRM(t).url)
			w.start()
			call := func(method, path string, in, out any, want int) {
				t.Helper()
				if status, err := w.call(anaKey, method, "/v1/endpoints"+path, in, out); err != nil || status != want {
					t.Fatalf("%s %s is answered %d, %v; want %d", method, path, status, err, want)
				}
			}
			refused := failing(t)
			call("POST", "", map[string]any{"id": "deals", "url": refused, "events": []string{"message.created"}, "secret": crmSecret}, nil, 201)
			var test struct {
				Delivered     bool
				Status        int
				Error, Answer string
			}
			call("POST", "/deals/test", nil, &test, 200)
			if test.Delivered || test.Status != 404 || test.Error != "HTTP 404" || test.Answer != "no such path" {
				t.Errorf("the test says %+v", test)
			}
			clientsWrite(w, 1)
			var log struct {
				Data []struct {
					ID, State, Error string
					ReplayID         string `json:"replay_id"`
				}
			}
			eventually(t, "the log has a failure", 10*time.Second, func() bool {
				call("GET", "/deals/deliveries", nil, &log, 200)
				return len(log.Data) == 1 && log.Data[0].Error == "HTTP 404"
			})
			shown, err := w.run("deliveries", "show", log.Data[0].ID)
			if err != nil || !strings.Contains(shown, "no such path") {
				t.Errorf("the operator sees %s, %v", shown, err)
			}
			listed, err := w.run("deliveries", "--endpoint", "deals", "--state", "due")
			if err != nil || !strings.Contains(listed, log.Data[0].ID) {
				t.Errorf("the operator sees %s, %v", listed, err)
			}
			call("PATCH", "/deals", map[string]any{"url": crm.url + "/deals"}, nil, 200)
			eventually(t, "the CRM gets what waited", 5*time.Second, func() bool { return len(crm.heard("deals", 0)) == 1 })
			eventually(t, "the log says so", 5*time.Second, func() bool {
				call("GET", "/deals/deliveries?state=delivered", nil, &log, 200)
				return len(log.Data) == 1
			})
			started, err := w.run("deliveries", "replay", "--endpoint", "deals", "--since", "1h", "--type", "message.created")
			if err != nil || !strings.Contains(started, "of 1 delivered") {
				t.Errorf("the operator replays: %s, %v", started, err)
			}
			eventually(t, "the event is sent again", 10*time.Second, func() bool {
				var replays struct{ Data []replayView }
				call("GET", "/deals/replays", nil, &replays, 200)
				return len(replays.Data) == 1 && replays.Data[0].State == "done" && replays.Data[0].Delivered == 1
			})
			call("GET", "/deals/deliveries?state=delivered", nil, &log, 200)
			if len(log.Data) != 2 || log.Data[0].ReplayID == "" || log.Data[1].ReplayID != "" {
				t.Errorf("the log shows %+v", log.Data)
			}
			if said, err := w.run("deliveries", "replay", "--endpoint", "deals", "--stop"); err == nil || !strings.Contains(err.Error(), "no replay to deals runs") {
				t.Errorf("a replay that is over is stopped: %s, %v", said, err)
			}
			if said, err := w.run("deliveries", "replay", "--endpoint", "nowhere"); err == nil || !strings.Contains(err.Error(), `no endpoint has the id "nowhere"`) {
				t.Errorf("a replay to nowhere: %s, %v", said, err)
			}
			call("DELETE", "/deals", nil, nil, 204)
			call("GET", "/deals", nil, nil, 404)
		})
	}
}

// failing returns the URL of a CRM that has no such path.
func failing(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "no such path")
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return s.URL
}
