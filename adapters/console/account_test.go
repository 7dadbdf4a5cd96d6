package console

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

func TestConnectionsShowTheirSignalsAndAreResumed(t *testing.T) {
	o := newOffice(t)
	luz := o.client(wabaLine, "34611204518", "Luz")
	luz.writes("Hola")
	luz.report(domain.ConnectionSignaled{Signal: domain.Signal{Kind: domain.SignalQuality, Level: domain.LevelWarning, Title: "Quality is YELLOW", Details: "FLAGGED"}})
	luz.refuses(luz.isAnswered("ana", domain.SendRequested{Text: "Hola"}), domain.ReasonUnauthorized, domain.Cause{Source: "waba", Code: "190", Title: "Access token has expired"})
	ana := o.caller()
	ana.as("ana")
	_, body := ana.ask("GET", "/chat/account", nil)
	for _, text := range []string{"Señales del mensajero", "Quality is YELLOW", "FLAGGED", "Suspendida", "Access token has expired", "Reanudar"} {
		if !strings.Contains(body, text) {
			t.Errorf("the account says nothing of %q", text)
		}
	}
	leo := o.caller()
	leo.as("leo")
	if _, body := leo.ask("GET", "/chat/account", nil); !strings.Contains(body, "Quality is YELLOW") || strings.Contains(body, "Reanudar") {
		t.Error("who may not manage settings sees the signals, and no button to resume")
	}
	a, _ := ana.ask("POST", "/chat/account/connections/"+string(wabaLine)+"/resume", url.Values{})
	if _, body := ana.ask("GET", a.Header.Get("Location"), nil); !strings.Contains(body, "La conexión se reanudó.") || strings.Contains(body, "Suspendida") {
		t.Errorf("after it was resumed: %s", body)
	}
}

func TestTheDayOnWhichALimitIsReached(t *testing.T) {
	day := func(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, time.UTC) }
	tests := []struct {
		name        string
		now         time.Time
		used, limit int64
		want        time.Time
	}{
		{"half of the month, half of the limit", day(16, 0), 25, 50, time.Time{}},
		{"twice as fast", day(8, 12), 25, 50, day(16, 0)},
		{"nothing is used", day(8, 12), 0, 50, time.Time{}},
		{"it is reached already", day(8, 12), 50, 50, time.Time{}},
		{"there is no limit", day(8, 12), 25, domain.Unlimited, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := reachedOn(tt.now, tt.used, tt.limit)
			if got.Format(time.DateOnly) != tt.want.Format(time.DateOnly) {
				t.Errorf("reached on %s, want %s", got, tt.want)
			}
		})
	}
}

func TestALimitIsReachedOnADayInWords(t *testing.T) {
	now := time.Date(2026, 11, 8, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		language string
		ahead    time.Duration
		want     string
	}{
		{"es", time.Hour, "A este ritmo, el límite se alcanzará hoy."},
		{"es", 8 * 24 * time.Hour, "A este ritmo, el límite se alcanzará el 16 de noviembre."},
		{"en", time.Hour, "At this pace the limit will be reached today."},
		{"en", 8 * 24 * time.Hour, "At this pace the limit will be reached on 16 November."},
	} {
		d := &desk{pages: &pages{text: texts(tt.language)}, now: now}
		if got := d.reached(now.Add(tt.ahead)); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestAnEndpointsLogRetriesAndReplays(t *testing.T) {
	o := newOffice(t)
	o.client(botLine, "700123", "Luz").writes("Hola")
	ana := o.caller()
	ana.as("ana")
	const page = "/chat/account/endpoints/crm"
	after := func(path string, form url.Values) string {
		t.Helper()
		a, body := ana.ask("POST", path, form)
		if a.StatusCode != 303 {
			return body
		}
		_, body = ana.ask("GET", a.Header.Get("Location"), nil)
		return body
	}
	_, body := ana.ask("GET", page, nil)
	if !strings.Contains(body, "message.created") || !strings.Contains(body, "En espera") {
		t.Fatalf("the log is %s", body)
	}
	retry := regexp.MustCompile(page + `/deliveries/[^"]+/retry`).FindString(body)
	if body := after(retry, url.Values{}); !strings.Contains(body, "El aviso se entregará de nuevo.") {
		t.Errorf("after a retry: %s", body)
	}
	period := url.Values{"since": {"2026-01-02T03:04"}, "until": {"2026-01-03T03:04"}}
	body = after(page+"/replays", period)
	for _, text := range []string{"La repetición empezó.", "En curso", "02/01/26 03:04 – 03/01/26 03:04"} {
		if !strings.Contains(body, text) {
			t.Errorf("after the begin of a replay nothing says %q", text)
		}
	}
	if body := after(page+"/replays", url.Values{}); !strings.Contains(body, "Ya hay una repetición en curso") {
		t.Errorf("another replay: %s", body)
	}
	stop := regexp.MustCompile(page + `/replays/[^"]+/stop`).FindString(body)
	if body := after(stop, url.Values{}); !strings.Contains(body, "La repetición se detuvo.") || !strings.Contains(body, "Detenida") {
		t.Errorf("after it was stopped: %s", body)
	}
	for _, wrong := range []url.Values{{"since": {"yesterday"}}, {"since": {"2026-01-03T00:00"}, "until": {"2026-01-02T00:00"}}} {
		if a, _ := ana.ask("POST", page+"/replays", wrong); a.StatusCode != 422 {
			t.Errorf("%v: %d", wrong, a.StatusCode)
		}
	}
}
