package domain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoff(t *testing.T) {
	double := Backoff{First: time.Second, Factor: 2, Max: time.Minute, Tries: 10}
	tests := []struct {
		name    string
		backoff Backoff
		tries   int
		want    time.Duration // and up to a tenth more; zero: not again
	}{
		{"zero means not again", Backoff{}, 1, 0},
		{"the first wait", double, 1, time.Second},
		{"each is twice as long", double, 4, 8 * time.Second},
		{"none is longer than the longest", double, 9, time.Minute},
		{"the tries end", double, 10, 0},
		{"without a factor always the first", Backoff{First: time.Minute}, 5, time.Minute},
		{"without an end of tries", Backoff{First: time.Second, Factor: 4, Max: time.Hour}, 1000, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, again := tt.backoff.Wait(tt.tries, "msg_1")
			if again != (tt.want > 0) || got < tt.want || got > tt.want+tt.want/10 {
				t.Errorf("after %d tries wait %s, %t; want %s or a tenth more", tt.tries, got, again, tt.want)
			}
		})
	}
	one, _ := double.Wait(3, "msg_1")
	same, _ := double.Wait(3, "msg_1")
	other, _ := double.Wait(3, "msg_2")
	if one != same || one == other {
		t.Errorf("the waits are %s and %s of one message, %s of another", one, same, other)
	}
}

func TestAMessageIsTriedAsLongAsItsAgeAllows(t *testing.T) {
	for reason, p := range Policies {
		if p.Retry == (Backoff{}) {
			continue
		}
		t.Run(string(reason), func(t *testing.T) {
			m, at := &Message{ID: "msg_1", At: now}, now
			for again := true; again; m.Attempts++ {
				if at.After(now.Add(time.Hour)) {
					t.Fatalf("try %d would be %s after the message was accepted", m.Attempts+1, at.Sub(now))
				}
				m.Attempts++
				at, again = SendResult{Fate: FateRefused, Failure: ownFailure(reason, "busy")}.retryAt(m, at)
				m.Attempts--
			}
			if m.Attempts < 4 {
				t.Errorf("given up after %d tries", m.Attempts)
			}
		})
	}
}

func TestIDsSortAsTheirUUIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		uuid := func(name string) (id [16]byte) {
			copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
			return id
		}
		x, y := uuid("one"), uuid("other")
		if rapid.Bool().Draw(t, "alike") {
			y = x
			y[15]++
		}
		one, other := ID(x), ID(y)
		if bytes.Compare(x[:], y[:]) != strings.Compare(one, other) {
			t.Fatalf("%x is %s and %x is %s: another order", x, one, y, other)
		}
		if len(one) != 26 || strings.Trim(one, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("%x is %q, want 26 characters of Crockford's alphabet", x, one)
		}
	})
}

func TestIDIsAULID(t *testing.T) {
	tests := []struct {
		uuid [16]byte
		want string
	}{
		{[16]byte{}, "00000000000000000000000000"},
		{[16]byte{15: 1}, "00000000000000000000000001"},
		{[16]byte{15: 32}, "00000000000000000000000010"},
		{[16]byte(bytes.Repeat([]byte{0xff}, 16)), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
	}
	for _, tt := range tests {
		if got := ID(tt.uuid); got != tt.want {
			t.Errorf("ID(%x) = %s, want %s", tt.uuid, got, tt.want)
		}
	}
}

func TestParseKind(t *testing.T) {
	for _, k := range Kinds() {
		if got, err := ParseKind(string(k)); got != k || err != nil {
			t.Errorf("ParseKind(%q) = %q, %v", k, got, err)
		}
	}
	if _, err := ParseKind("fax"); err == nil || !strings.Contains(err.Error(), "telegram_bot") {
		t.Errorf("the error is %v, want the list of kinds", err)
	}
}

func TestASecretNeverPrints(t *testing.T) {
	const text = "hunter2"
	secret := Secret(text)
	hook := Hook{ID: "acme", Secrets: Settings{"app_secret": secret}}
	endpoint := &Endpoint{Secret: secret, Previous: secret}
	var out bytes.Buffer
	for _, v := range []any{secret, &secret, []Secret{secret}, hook, endpoint} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		if err := json.NewEncoder(&out).Encode(v); err != nil {
			t.Fatal(err)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("secret", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("secret", "value", v)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.Contains(line, text) || strings.Contains(line, fmt.Sprintf("%x", text)) {
			t.Errorf("printed: %s", line)
		}
	}
	if string(secret) != text {
		t.Errorf("its text is %q", string(secret))
	}
}

func TestTimeJSON(t *testing.T) {
	tests := []struct {
		name string
		at   time.Time
		want string
	}{
		{"none", time.Time{}, `null`},
		{"milliseconds are always written", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `"2026-01-02T03:04:05.000Z"`},
		{"finer than milliseconds is cut", time.Date(2026, 1, 2, 3, 4, 5, 678_999_999, time.UTC), `"2026-01-02T03:04:05.678Z"`},
		{"another zone", time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), `"2026-01-02T02:04:05.000Z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := json.Marshal(Time(tt.at)); string(got) != tt.want || err != nil {
				t.Errorf("%s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestEveryKindOfLanesHasOneFullRow(t *testing.T) {
	for i, row := range Lanes {
		if found, ok := row.Kind.Row(); !ok || found != row {
			t.Errorf("%s has row %d and another", row.Kind, i)
		}
		if row.Weight < 1 {
			t.Errorf("row %+v", row)
		}
		if l := row.Kind.Of("a:b"); l.Kind() != row.Kind || l.Owner() != "a:b" {
			t.Errorf("lane %s", l)
		}
	}
	if _, ok := LaneKind("post").Row(); ok {
		t.Error("a kind without a row has one")
	}
}

func TestLanes(t *testing.T) {
	if l := SendLane("waba-1"); l.Kind() != LaneSend || l.Owner() != "waba-1" {
		t.Errorf("%s is of kind %s and belongs to %s", l, l.Kind(), l.Owner())
	}
	if l := CallbackLane("crm:1"); l.Kind() != LaneCallback || l.Owner() != "crm:1" {
		t.Errorf("%s is of kind %s and belongs to %s", l, l.Kind(), l.Owner())
	}
	for _, h := range []HookID{"a", "acme-meta", "wa-1", ""} {
		if n := InboxLane(h); n < 0 || n >= 16 || InboxLaneOf(h).Owner() != fmt.Sprint(n) {
			t.Errorf("hook %q is in lane %d, named %s", h, n, InboxLaneOf(h))
		}
	}
}
