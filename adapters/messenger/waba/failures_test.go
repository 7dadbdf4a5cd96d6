package waba_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

// T and P are what the contract calls transient and permanent.
const (
	T = true
	P = false
)

// codes lists every error that Meta is known to give, written out from the
// contract: what an employee sees, and whether the message is tried again.
// Where the contract names a wait longer than a message waits, it is P.
var codes = []struct {
	number int
	code   domain.Code
	retry  bool
}{
	{0, e6, P},
	{1, e6, T},
	{2, e6, T},
	{3, e6, P},
	{4, e6, T},
	{10, e6, P},
	{33, e6, P},
	{100, e6, P},
	{190, e6, P},
	{200, e6, P},
	{201, e6, P},
	{250, e6, P},
	{298, e6, P},
	{299, e6, P},
	{368, e6, P},
	{613, e6, T},
	{80007, e6, T},
	{130403, e6, P},
	{130429, e6, T},
	{130472, e6, P},
	{130497, e6, P},
	{131000, e6, T},
	{131005, e6, P},
	{131008, e6, P},
	{131009, e6, P},
	{131014, e6, P},
	{131016, e6, T},
	{131020, e6, P},
	{131021, e6, P},
	{131026, e1, P},
	{131030, e6, P},
	{131031, e6, P},
	{131037, e6, P},
	{131041, e6, P},
	{131042, e3, P},
	{131044, e3, P},
	{131045, e6, P},
	{131047, e6, P},
	{131048, e6, P},
	{131049, e6, P},
	{131050, e6, P},
	{131051, e6, P},
	{131052, e6, T},
	{131053, e6, T},
	{131055, e6, P},
	{131056, e6, T},
	{131057, e6, T},
	{131059, e6, P},
	{131060, e6, P},
	{131062, e6, P},
	{131063, e6, P},
	{131064, e6, P},
	{131201, e6, P},
	{131202, e6, P},
	{131203, e6, P},
	{131204, e6, P},
	{131205, e6, P},
	{131206, e6, P},
	{131207, e6, P},
	{131208, e6, T},
	{131209, e6, P},
	{131210, e6, P},
	{131211, e6, P},
	{131212, e6, P},
	{131213, e6, P},
	{131214, e6, P},
	{131215, e6, P},
	{132000, e6, P},
	{132001, e6, P},
	{132005, e6, P},
	{132007, e6, P},
	{132008, e6, P},
	{132012, e6, P},
	{132015, e6, P},
	{132016, e6, P},
	{132018, e6, P},
	{132068, e6, P},
	{132069, e6, T},
	{133000, e6, P},
	{133004, e6, T},
	{133005, e6, P},
	{133006, e6, P},
	{133008, e6, P},
	{133009, e6, P},
	{133010, e6, P},
	{133015, e6, T},
	{133016, e6, P},
	{134011, e6, P},
	{134100, e6, P},
	{134101, e6, T},
	{134102, e6, P},
	{135000, e6, P},
	{137000, e6, P},
	{138000, e6, P},
	{138006, e6, P},
	{138018, e6, P},
	{139000, e6, P},
	{139050, e6, P},
	{139100, e6, P},
	{139103, e6, P},
	{147000, e6, P},
	{147999, e6, P},
	{200005, e6, P},
	{200006, e6, P},
	{200007, e6, P},
	{1752041, e6, P},
	{2388012, e6, P},
	{2388019, e6, P},
	{2388039, e6, P},
	{2388040, e6, P},
	{2388047, e6, P},
	{2388072, e6, P},
	{2388073, e6, P},
	{2388091, e6, P},
	{2388093, e6, P},
	{2388103, e6, P},
	{2388293, e6, P},
	{2388299, e6, P},
	{2494100, e6, T},
	{2593107, e6, P},
	{2593108, e6, P},
	{402, e3, P},
	{408, e6, T},
	{410, e6, P},
	{429, e6, T},
	{430, e6, P},
	{470, e6, P},
	{471, e6, P},
	{472, e6, P},
	{480, e6, P},
	{500, e6, T},
	{501, e6, P},
	{1013, e1, P},
}

// The code alone decides, whatever the HTTP status beside it.
func TestCodesInAnswers(t *testing.T) {
	server := wabatest.NewServer(t)
	c := waba.New(http.DefaultClient, nil)
	for _, want := range codes {
		for _, status := range []int{200, 400, 403, 429, 500} {
			server.Answer(wabatest.Answer{Status: status, Code: want.number, Title: "(#1) what Meta says"})
			a := c.Send(t.Context(), connection(server.URL), message(func(*domain.Outgoing) {}))
			if a.Fate != domain.FateRefused {
				t.Fatalf("%d with %d: %+v, want it refused", want.number, status, a)
			}
			if a.Failure.Code() != want.code || retried(a) != want.retry {
				t.Errorf("%d with %d = %s, retry %t; want %s, retry %t",
					want.number, status, a.Failure.Code(), retried(a), want.code, want.retry)
			}
			cause := domain.Cause{Source: "waba", HTTPStatus: status, Code: fmt.Sprint(want.number), Title: "(#1) what Meta says", TraceID: "AtestTrace"}
			if a.Failure.Cause != cause {
				t.Errorf("%d with %d has the cause %+v, want %+v", want.number, status, a.Failure.Cause, cause)
			}
		}
	}
}

// Exactly the answers that the contract calls the end of a connection suspend it.
func TestWhatSuspendsAConnection(t *testing.T) {
	ends := map[int]bool{0: true, 33: true, 190: true, 368: true, 131031: true, 133010: true}
	server := wabatest.NewServer(t)
	c := waba.New(http.DefaultClient, nil)
	for _, row := range codes {
		server.Answer(wabatest.Answer{Code: row.number, Title: "x"})
		a := c.Send(t.Context(), connection(server.URL), message(func(*domain.Outgoing) {}))
		if got := domain.Policies[a.Failure.Reason].Suspend; got != ends[row.number] {
			t.Errorf("%d suspends: %t, want %t", row.number, got, ends[row.number])
		}
	}
}

func retried(a domain.SendResult) bool {
	_, again := backoff(a).Wait(1, "")
	return again
}

func backoff(a domain.SendResult) domain.Backoff {
	if a.Retry != nil {
		return *a.Retry
	}
	return domain.Policies[a.Failure.Reason].Retry
}

func TestCodesInStatuses(t *testing.T) {
	c := waba.New(http.DefaultClient, nil)
	for _, want := range codes {
		p := c.Parse(fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
			"metadata":{"phone_number_id":"1"},"statuses":[{"id":"wamid.1","status":"failed","timestamp":"1750030073",
			"errors":[{"code":%d,"title":"title","message":"message","error_data":{"details":"details"}}]}]}}]}]}`, want.number))
		if len(p.Updates) != 1 {
			t.Fatalf("%d: %+v, want one update", want.number, p)
		}
		failure := p.Updates[0].Fact.(domain.StatusReported).Failure
		if failure.Code() != want.code {
			t.Errorf("%d = %s, want %s", want.number, failure.Code(), want.code)
		}
		cause := domain.Cause{Source: "waba", Code: fmt.Sprint(want.number), Title: "title", Details: "details"}
		if failure.Cause != cause {
			t.Errorf("%d has the cause %+v, want %+v", want.number, failure.Cause, cause)
		}
	}
}

// The waits that the contract names, in order; what is tried for as long as the
// message waits shows its first four.
func TestWaits(t *testing.T) {
	const s, m = time.Second, time.Minute
	tests := []struct {
		code int
		want []time.Duration
		end  bool // no other try after these
	}{
		{1, []time.Duration{5 * s, 60 * s}, true},
		{2, []time.Duration{5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 300 * s}, true},
		{4, []time.Duration{1 * m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m, 60 * m}, false},
		{613, []time.Duration{1 * m, 2 * m, 4 * m, 8 * m}, false},
		{80007, []time.Duration{1 * m, 2 * m, 4 * m, 8 * m}, false},
		{130429, []time.Duration{1 * s, 2 * s, 4 * s, 8 * s}, false},
		{131000, []time.Duration{5 * s, 30 * s, 120 * s}, true},
		{131052, []time.Duration{30 * s}, true},
		{131053, []time.Duration{30 * s, 30 * s}, true},
		{131056, []time.Duration{1 * s, 4 * s, 16 * s, 64 * s}, false},
		{131057, []time.Duration{60 * s, 120 * s, 240 * s, 300 * s}, false},
		{132069, []time.Duration{6 * m, 6 * m}, false},
		{133015, []time.Duration{5 * m, 5 * m}, false},
		{134101, []time.Duration{10 * m, 10 * m}, false},
	}
	server := wabatest.NewServer(t)
	c := waba.New(http.DefaultClient, nil)
	for _, test := range tests {
		t.Run(fmt.Sprint(test.code), func(t *testing.T) {
			server.Answer(wabatest.Answer{Code: test.code, Title: "x"})
			b := backoff(c.Send(t.Context(), connection(server.URL), message(func(*domain.Outgoing) {})))
			for i, want := range test.want {
				got, again := b.Wait(i+1, "msg_1")
				if !again || got < want || got > want+want/10 {
					t.Errorf("wait %d = %s, %t; want %s and up to a tenth", i+1, got, again, want)
				}
			}
			if _, again := b.Wait(len(test.want)+1, "msg_1"); again == test.end {
				t.Errorf("another try after %d: %t", len(test.want)+1, again)
			}
		})
	}
}
