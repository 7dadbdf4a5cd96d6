package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// A phone is linked after its codes were shown.
type phone struct{ codes []string }

func (p *phone) LinkCode(context.Context, domain.Connection) (string, bool, error) {
	if len(p.codes) == 0 {
		return "", true, nil
	}
	code := p.codes[0]
	p.codes = p.codes[1:]
	if code == "broken" {
		return "", false, errors.New("WAHA: Unauthorized")
	}
	return code, false, nil
}

func (*phone) Risk() string { return "it may be banned" }

// Each new code is shown once, with the risk before it.
func TestLoginShowsEachCodeOnce(t *testing.T) {
	var out strings.Builder
	err := link(t.Context(), &phone{[]string{"", "2@a", "2@a", "2@b"}}, domain.Connection{ID: "wa-1"}, &out, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	shown := out.String()
	if n := strings.Count(shown, "Scan it"); n != 2 || !strings.HasPrefix(shown, "Unofficial: it may be banned\n") || !strings.HasSuffix(shown, "connection wa-1 is linked\n") {
		t.Errorf("%d codes were shown: %s", n, shown)
	}
}

func TestLoginEnds(t *testing.T) {
	err := link(t.Context(), &phone{[]string{"broken"}}, domain.Connection{ID: "wa-1"}, &strings.Builder{}, time.Millisecond)
	if err == nil || err.Error() != "connection wa-1: WAHA: Unauthorized" {
		t.Errorf("an error gives %v", err)
	}
	late := errors.New("not linked in time")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, late)
	defer cancel()
	if err := link(ctx, &phone{make([]string, 1000)}, domain.Connection{ID: "wa-1"}, &strings.Builder{}, time.Millisecond); !errors.Is(err, late) {
		t.Errorf("when time is over: %v", err)
	}
}
