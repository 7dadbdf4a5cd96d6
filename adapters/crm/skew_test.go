package crm

import (
	"net/http"
	"testing"
	"time"

	"recado/domain"
)

func TestClockSkew(t *testing.T) {
	d := home(t)
	if _, known := d.ClockSkew(); known {
		t.Error("known before the first answer")
	}
	for id, date := range map[domain.EndpointID]func() string{
		"right":           func() string { return time.Now().UTC().Format(http.TimeFormat) },
		"an hour ahead":   func() string { return time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) },
		"two minutes off": func() string { return time.Now().Add(-2 * time.Minute).UTC().Format(http.TimeFormat) },
		"no date":         func() string { return "today" },
	} {
		e := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", date()) })
		e.ID = id
		for range 3 { // a busy endpoint has one vote
			deliver(t.Context(), d, e, hello)
		}
	}
	skew, known := d.ClockSkew()
	if !known || skew.Abs() > 10*time.Second {
		t.Errorf("we are ahead by %s, %t", skew, known)
	}
}
