package domain

import (
	"strings"
	"testing"
	"time"
)

func TestClasses(t *testing.T) {
	wroteAgo := func(d time.Duration) func(*Chat) {
		return func(c *Chat) { c.LastInboundAt = now.Add(-d) }
	}
	tests := []struct {
		name   string
		chat   func(*Chat)
		origin Origin
		bulk   bool
		want   Class
	}{
		{"an employee writes to a client who never wrote", wroteNever, OriginEmployee, false, ClassLive},
		{"an employee sends a campaign", wroteAgo(time.Minute), OriginEmployee, true, ClassBulk},
		{"a service answers", wroteAgo(24*time.Hour - 1), OriginAPI, false, ClassLive},
		{"a service answers after a day", wroteAgo(24 * time.Hour), OriginAPI, false, ClassBulk},
		{"a service writes first", wroteNever, OriginAPI, false, ClassBulk},
		{"a service says itself that it is a campaign", wroteAgo(time.Minute), OriginAPI, true, ClassBulk},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chat := &Chat{ID: "chat_1"}
			tt.chat(chat)
			if got := classOf(chat, SendRequested{Origin: tt.origin, Bulk: tt.bulk}, now); got != tt.want {
				t.Errorf("got class %d, want %d", got, tt.want)
			}
		})
	}
}

func wroteNever(c *Chat) { c.LastInboundAt = time.Time{} }

func TestClassesTakeTurns(t *testing.T) {
	tests := []struct {
		name       string
		live, bulk int
		want       string
	}{
		{"only employees write", 4, 0, "llll"},
		{"only a campaign waits", 0, 4, "bbbb"},
		{"both wait", 8, 8, "lllblllbllbbbbbb"},
		{"an employee writes beside a campaign", 1, 3, "lbbb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var turns ClassTurns
			var got strings.Builder
			for live, bulk := tt.live, tt.bulk; live+bulk > 0; {
				if turns.Next(live > 0, bulk > 0) == ClassLive {
					live--
					got.WriteByte('l')
				} else {
					bulk--
					got.WriteByte('b')
				}
			}
			if got.String() != tt.want {
				t.Errorf("got %s, want %s", got.String(), tt.want)
			}
		})
	}
}

func TestAPaceIsReplacedByTheSettingOfAConnection(t *testing.T) {
	stated := Pace{Connection: Per(80, time.Second, 80), Pair: Per(1, 6*time.Second, 45)}
	tests := []struct {
		setting string
		want    Rate
	}{
		{"", stated.Connection},
		{"1000/s", Rate{time.Millisecond, 1000}},
		{"20/min", Rate{3 * time.Second, 1}},
		{"120/min", Rate{500 * time.Millisecond, 2}},
		{"500/h", Rate{7200 * time.Millisecond, 1}},
	}
	for _, tt := range tests {
		got := Settings{"pace": Secret(tt.setting)}.Paced(stated)
		if got.Connection != tt.want || got.Pair != stated.Pair {
			t.Errorf("%q: %+v, want %+v", tt.setting, got, tt.want)
		}
	}
	for _, wrong := range []string{"", "80", "0/s", "-1/s", "1/day", " 80/s", "100000/s", "1.5/s"} {
		if PaceSetting.Check(wrong) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
