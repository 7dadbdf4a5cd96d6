package webhooks

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
	"recado/metrics"
)

func TestAnswers(t *testing.T) {
	const (
		noKind    = "no such kind of webhook\n"
		forged    = "the signature is missing or wrong\n"
		large     = "the body is larger than 4 MiB\n"
		broken    = "the body is incomplete or came too slowly\n"
		notStored = "not stored, please send it again\n"
		fault     = "a fault in Recado, which is logged\n"
	)
	chunked := func(n int) io.Reader { return io.MultiReader(big(n)) } // hides the length
	broke := func() io.Reader {
		return io.MultiReader(strings.NewReader(`{"half":`), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	storeAway := func(l *lab) { l.down = true }
	appendFails := func(l *lab) {
		l.beforeAppend = func([]domain.Webhook) error { return domain.ErrUnavailable }
	}
	full := func(l *lab) { l.server.budget.short.left = 9 }
	tests := []struct {
		name   string
		path   string
		secret string
		body   io.Reader
		given  func(*lab)
		status int
		text   string
		result metrics.WebhookResult // empty: not counted, since its kind is none
	}{
		{"a webhook", "/webhooks/waba/meta", theSecret, big(10), nil, 200, "", metrics.WebhookAccepted},
		{"an empty body", "/webhooks/waba/meta", theSecret, http.NoBody, nil, 200, "", metrics.WebhookAccepted},
		{"4 MiB", "/webhooks/waba/meta", theSecret, big(maxBody), nil, 200, "", metrics.WebhookAccepted},
		{"a wrong signature", "/webhooks/waba/meta", "guessed", big(10), nil, 401, forged, metrics.WebhookForged},
		{"no signature", "/webhooks/waba/meta", "", big(10), nil, 401, forged, metrics.WebhookForged},
		{"a hook that nobody declared", "/webhooks/waba/nobody", theSecret, big(10), nil, 401, forged, metrics.WebhookUnknown},
		{"a hook that nobody declared, without a signature", "/webhooks/waba/nobody", "", big(10), nil, 401, forged, metrics.WebhookUnknown},
		{"the hook of another kind", "/webhooks/waba/bot", theSecret, big(10), nil, 401, forged, metrics.WebhookUnknown},
		{"an id that no hook can have", "/webhooks/waba/me%00ta", theSecret, big(10), nil, 404, noKind, ""},
		{"an id that is too long", "/webhooks/waba/" + strings.Repeat("a", 65), theSecret, big(10), nil, 404, noKind, ""},
		{"a kind that nobody knows", "/webhooks/pigeon/meta", theSecret, big(10), nil, 404, noKind, ""},
		{"a kind without a connector", "/webhooks/whatsapp_business/number", theSecret, big(10), nil, 404, noKind, metrics.WebhookUnknown},
		{"a byte more than 4 MiB", "/webhooks/waba/meta", theSecret, big(maxBody + 1), nil, 413, large, metrics.WebhookTooLarge},
		{"a byte more than 4 MiB, for a hook that nobody declared", "/webhooks/waba/nobody", theSecret, big(maxBody + 1), nil, 413, large, metrics.WebhookTooLarge},
		{"a byte more than 4 MiB, in chunks", "/webhooks/waba/meta", theSecret, chunked(maxBody + 1), nil, 413, large, metrics.WebhookTooLarge},
		{"the connection breaks off", "/webhooks/waba/meta", theSecret, broke(), nil, 400, broken, metrics.WebhookBroken},
		{"the store is away", "/webhooks/waba/meta", theSecret, big(10), storeAway, 503, notStored, metrics.WebhookUnavailable},
		{"the store takes nothing", "/webhooks/waba/meta", theSecret, big(10), appendFails, 503, notStored, metrics.WebhookUnavailable},
		{"a hook that nobody declared, and the connection breaks off", "/webhooks/waba/nobody", theSecret, broke(), nil, 400, broken, metrics.WebhookBroken},
		{"a hook that nobody declared, and too much waits already", "/webhooks/waba/nobody", theSecret, big(10), full, 401, forged, metrics.WebhookUnknown},
		{"verifying panics", "/webhooks/waba/meta", thePanic, big(10), nil, 500, fault, metrics.WebhookFailed},
		{"too much waits already", "/webhooks/waba/meta", theSecret, big(10), full, 503, notStored, metrics.WebhookUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			if tt.given != nil {
				tt.given(l)
			}
			before := l.budgetLeft()
			w := l.post(tt.path, tt.secret, tt.body)
			if w.Code != tt.status || w.Body.String() != tt.text {
				t.Errorf("answered %d %q, want %d %q", w.Code, w.Body, tt.status, tt.text)
			}
			if again := w.Header().Get("Retry-After"); (again != "") != (tt.status == 503) {
				t.Errorf("Retry-After is %q", again)
			}
			if tt.result != "" {
				if n := l.counted(t, domain.Kind(strings.Split(tt.path, "/")[2]), tt.result); n != 1 {
					t.Errorf("counted %v times as %s", n, tt.result)
				}
			}
			if accepted := tt.status == 200; len(l.stored) == 1 != accepted || len(l.hinted) == 1 != accepted {
				t.Errorf("stored %d, hinted %v", len(l.stored), l.hinted)
			}
			if left := l.budgetLeft(); left != before {
				t.Errorf("%d bytes of the budget are not given back", before-left)
			}
			if strings.Contains(l.log.String()+w.Body.String(), theSecret) {
				t.Errorf("the secret shows:\n%s", l.log.String())
			}
		})
	}
}

func TestAPanicOfAConnectorEndsOneCallAlone(t *testing.T) {
	l := newLab(t)
	l.post("/webhooks/waba/meta", thePanic, big(10))
	if log := l.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "a fault of the connector") || !strings.Contains(log, "hook=meta") {
		t.Errorf("logged %q, want one line that says what panicked", log)
	}
	if w := l.post("/webhooks/waba/meta", theSecret, big(10)); w.Code != http.StatusOK {
		t.Errorf("the next webhook is answered %d", w.Code)
	}
}

func TestWhatIsStoredIsTheRawBody(t *testing.T) {
	l := newLab(t)
	body := []byte("{\"a\": \x00\xff }\r\n")
	l.post("/webhooks/waba/meta", theSecret, bytes.NewReader(body))
	if len(l.stored) != 1 || l.stored[0].Received.IsZero() {
		t.Fatalf("stored %+v", l.stored)
	}
	got := l.stored[0]
	want := domain.Webhook{Hook: "meta", Kind: domain.WABA, Body: body, Received: got.Received}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := []domain.Lane{domain.InboxLaneOf("meta")}; !slices.Equal(l.hinted, want) {
		t.Errorf("hinted %v, want %v", l.hinted, want)
	}
}

func TestThePromiseIsGivenAfterTheCommit(t *testing.T) {
	for name, failure := range map[string]error{"it commits": nil, "it fails": errors.New("disk full")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				commit := make(chan error)
				l.beforeAppend = func([]domain.Webhook) error { return <-commit }
				answered := make(chan int, 1)
				go func() { answered <- l.post("/webhooks/waba/meta", theSecret, big(10)).Code }()
				synctest.Wait()
				select {
				case status := <-answered:
					t.Fatalf("answered %d before the commit", status)
				default:
				}
				if len(l.hinted) != 0 {
					t.Error("hinted before the commit")
				}
				commit <- failure
				if status := <-answered; (status == 200) != (failure == nil) {
					t.Errorf("answered %d", status)
				}
			})
		})
	}
}

func TestARotatedSecretCostsNothing(t *testing.T) {
	l := newLab(t)
	ask := func(secret string, status, asked int) {
		t.Helper()
		if w := l.post("/webhooks/waba/meta", secret, big(10)); w.Code != status || l.asked != asked {
			t.Errorf("answered %d, asked the store %d times, want %d and %d", w.Code, l.asked, status, asked)
		}
	}
	ask(theSecret, 200, 1)
	ask(theSecret, 200, 1)
	l.hooks["meta"] = domain.Hook{ID: "meta", Kind: domain.WABA, Secrets: domain.Settings{"secret": anotherSecret}}
	ask(anotherSecret, 200, 2) // read again
	ask(anotherSecret, 200, 2)
	ask(theSecret, 401, 3)
	delete(l.hooks, "meta")
	ask(theSecret, 401, 4)
	ask(anotherSecret, 401, 4)
	l.down = true
	ask(anotherSecret, 401, 4)
}

func TestAForgedCallWhileTheStoreIsAwayIsNotJudged(t *testing.T) {
	l := newLab(t)
	l.post("/webhooks/waba/meta", theSecret, big(10))
	l.down = true
	if w := l.post("/webhooks/waba/meta", anotherSecret, big(10)); w.Code != 503 {
		t.Errorf("answered %d: the secret may have been rotated, so that 401 would lose a webhook", w.Code)
	}
}

func TestHandshake(t *testing.T) {
	const right = "?challenge=42&token=" + theSecret
	tests := []struct {
		name   string
		path   string
		down   bool
		status int
		text   string
		result metrics.WebhookResult // empty: not counted, since its kind is none
	}{
		{"the right token", "/webhooks/waba/meta" + right, false, 200, "42", metrics.WebhookAccepted},
		{"a wrong token", "/webhooks/waba/meta?challenge=42&token=guessed", false, 403, "verify token mismatch\n", metrics.WebhookForged},
		{"no token", "/webhooks/waba/meta", false, 403, "verify token mismatch\n", metrics.WebhookForged},
		{"a messenger that never asks", "/webhooks/telegram_bot/bot" + right, false, 404, "no such kind of webhook\n", metrics.WebhookUnknown},
		{"a kind without a connector", "/webhooks/whatsapp_business/number" + right, false, 404, "no such kind of webhook\n", metrics.WebhookUnknown},
		{"the hook of another kind", "/webhooks/waba/bot" + right, false, 403, "verify token mismatch\n", metrics.WebhookUnknown},
		{"an id that no hook can have", "/webhooks/waba/%ff" + right, false, 404, "no such kind of webhook\n", ""},
		{"a hook at another kind", "/webhooks/telegram_bot/meta" + right, false, 404, "no such kind of webhook\n", metrics.WebhookUnknown},
		{"a kind that nobody knows", "/webhooks/pigeon/meta" + right, false, 404, "no such kind of webhook\n", ""},
		{"a hook that nobody declared", "/webhooks/waba/nobody" + right, false, 403, "verify token mismatch\n", metrics.WebhookUnknown},
		{"the store is away", "/webhooks/waba/meta" + right, true, 503, "not stored, please send it again\n", metrics.WebhookUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			l.down = tt.down
			w := httptest.NewRecorder()
			l.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.path, nil))
			if w.Code != tt.status || w.Body.String() != tt.text {
				t.Errorf("answered %d %q, want %d %q", w.Code, w.Body, tt.status, tt.text)
			}
			if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("a browser may take the challenge for a page: %v", w.Header())
			}
			if tt.result != "" {
				if n := l.counted(t, domain.Kind(strings.Split(tt.path, "/")[2]), tt.result); n != 1 {
					t.Errorf("counted %v times as %s", n, tt.result)
				}
			}
			if logged := l.log.String() != ""; logged != (tt.status == 503 || tt.result == metrics.WebhookForged) || strings.Contains(l.log.String(), theSecret) {
				t.Errorf("logged %q", l.log.String())
			}
		})
	}
}

func TestARotatedTokenShakesHandsAtOnce(t *testing.T) {
	l := newLab(t)
	ask := func(token string) int {
		w := httptest.NewRecorder()
		l.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/webhooks/waba/meta?challenge=42&token="+url.QueryEscape(token), nil))
		return w.Code
	}
	if before := ask(anotherSecret); before != 403 {
		t.Errorf("answered %d before", before)
	}
	l.hooks["meta"] = domain.Hook{ID: "meta", Kind: domain.WABA, Secrets: domain.Settings{"secret": anotherSecret}}
	if after := ask(anotherSecret); after != 200 {
		t.Errorf("answered %d although the token was applied", after)
	}
}
