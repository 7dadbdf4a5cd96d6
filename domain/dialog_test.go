package domain_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// A tariff of few dialogs, and a clock in the middle of a month.
var noon = time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)

func limitedTo(limit int64) *memory {
	r := phoneRoute
	r.Subscription = &domain.Subscription{ID: "acme-wa", Company: "acme", Kind: domain.WhatsAppBusiness, Tariff: domain.Inicial, PaidUntil: "2099-01-01", DialogLimit: limit}
	s := open([]domain.Route{r})
	s.now = noon
	return s
}

func at(moment time.Time, u domain.Update) domain.Update {
	u.At, u.Received = moment, moment
	return u
}

func (s *memory) used(month string) int64 {
	return s.counts[domain.CountKey{Subscription: "acme-wa", Month: month}].Used
}

func begun(id domain.MessageID) domain.Update { return from(domain.SendBegun{Message: id}) }

func applyResult(id domain.MessageID, a domain.SendResult) domain.Update {
	return from(domain.SendEnded{Message: id, Result: a})
}

func because(r domain.Reason) *domain.Failure {
	return &domain.Failure{Reason: r, Cause: domain.Cause{Source: "test", Code: "1", Title: "no"}}
}

func failedWith(m domain.Message) domain.Reason {
	if m.Failure == nil {
		return ""
	}
	return m.Failure.Reason
}

// Rules 28, 31 and 33: what is counted after each story of the month of May.
func TestRule28WhatIsCounted(t *testing.T) {
	earlier, later := noon.Add(-time.Minute), noon.Add(time.Minute)
	group := at(later, writes("1", "wamid.g"))
	isGroup := group.Fact.(domain.MessageArrived)
	isGroup.IsGroup = true
	group.Fact = isGroup
	accepted := domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid.out"}
	refusedFor := func(r domain.Reason) domain.SendResult {
		return domain.SendResult{Fate: domain.FateRefused, Failure: because(r)}
	}
	status := func(r domain.Reason) domain.Update {
		return at(later, from(domain.StatusReported{ProviderID: "wamid.out", Status: domain.Failed, Failure: because(r)}))
	}
	tests := []struct {
		name  string
		story []domain.Update
		want  int64
	}{
		{"we wrote", []domain.Update{asks("msg_1", "1", "hi")}, 1},
		{"later messages of the dialog are free", []domain.Update{asks("msg_1", "1", "hi"), asks("msg_2", "1", "hi")}, 1},
		{"two peers", []domain.Update{asks("msg_1", "1", "hi"), asks("msg_2", "2", "hi")}, 2},
		{"the peer wrote first", []domain.Update{at(earlier, writes("1", "wamid.1")), asks("msg_1", "1", "hi")}, 0},
		{"the peer wrote first, and we hear of it late", []domain.Update{asks("msg_1", "1", "hi"), at(earlier, writes("1", "wamid.1"))}, 0},
		{"the peer answers", []domain.Update{asks("msg_1", "1", "hi"), at(later, writes("1", "wamid.1"))}, 1},
		{"rule 33: the phone wrote first", []domain.Update{at(earlier, echoes("1", "wamid.1", "hi"))}, 1},
		{"rule 33: the phone wrote first, and we hear of it late", []domain.Update{at(later, writes("1", "wamid.1")), at(earlier, echoes("1", "wamid.2", "hi"))}, 1},
		{"a group has no dialogs, also when we learn late that it is one", []domain.Update{asks("msg_1", "1", "hi"), group}, 0},
		{"rule 31: no account", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedFor(domain.ReasonNoAccount))}, 0},
		{"rule 31: a final refusal", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedFor(domain.ReasonInvalid))}, 0},
		{"rule 31: it is tried again", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedFor(domain.ReasonUnavailable))}, 1},
		{"rule 31: its result is unknown", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", domain.SendResult{Fate: domain.FateUnknown, Failure: because(domain.ReasonUnreachable)})}, 1},
		{"rule 31: it failed after it was accepted", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", accepted), status(domain.ReasonPeerLimit)}, 1},
		{"rule 31: no account, reported after it was accepted", []domain.Update{asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", accepted), status(domain.ReasonNoAccount)}, 0},
		{"rule 31: no account, reported of a message in a chat that was merged since", []domain.Update{
			at(noon.AddDate(0, -1, 0), echoes("1", "wamid.1", "hi")),
			asks("msg_1", "2", "hi"), begun("msg_1"), applyResult("msg_1", accepted),
			at(later, writes("1", "wamid.2", "2")), status(domain.ReasonNoAccount),
		}, 0},
		{"rule 31: the same, of a message before which another holds the dialog of the merged chats", []domain.Update{
			asks("msg_2", "1", "hi"), asks("msg_1", "2", "hi"), begun("msg_1"), applyResult("msg_1", accepted),
			at(later, writes("1", "wamid.2", "2")), status(domain.ReasonNoAccount),
		}, 1},
		{"rule 31: another message holds the dialog", []domain.Update{asks("msg_1", "1", "hi"), asks("msg_2", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedFor(domain.ReasonInvalid))}, 1},
		{"last month is counted in last month", []domain.Update{at(noon.AddDate(0, -1, 0), echoes("1", "wamid.1", "hi"))}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := limitedTo(50)
			for _, u := range tt.story {
				if r := s.did(t, u)[0]; r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			if got := s.used("2026-05"); got != tt.want {
				t.Errorf("%d outgoing dialogs, want %d", got, tt.want)
			}
		})
	}
}

func TestRule31ABlockGivesTheDialogBack(t *testing.T) {
	s := limitedTo(50)
	chat := s.did(t, asks("msg_1", "1", "hi"))[0].Chat
	chat.BlockedAt = noon
	s.chats[chat.ID] = chat
	if m := s.did(t, begun("msg_1"))[0].Message; failedWith(m) != domain.ReasonChatBlocked || s.used("2026-05") != 0 {
		t.Errorf("the message failed with %q, %d dialogs are used", failedWith(m), s.used("2026-05"))
	}
}

func TestSendBegunReadsTheSubscriptionAgain(t *testing.T) {
	s := limitedTo(50)
	s.did(t, asks("msg_1", "1", "hi"))
	s.routes[0].Subscription.PaidUntil = "2026-05-14"
	if m := s.did(t, begun("msg_1"))[0].Message; failedWith(m) != domain.ReasonUnpaid || s.used("2026-05") != 0 {
		t.Errorf("the message failed with %q, %d dialogs are used", failedWith(m), s.used("2026-05"))
	}
}

func TestRules29To32TheLimit(t *testing.T) {
	s := limitedTo(2)
	sends := func(id domain.MessageID, peer domain.PeerID, want domain.Reason) {
		t.Helper()
		r := s.did(t, asks(id, peer, "hi"))[0]
		if r.Err != nil || failedWith(r.Message) != want {
			t.Fatalf("%s to %s: %v, failed with %q; want %q", id, peer, r.Err, failedWith(r.Message), want)
		}
	}
	// Three in one batch: exactly two pass.
	var failed int
	for _, r := range s.did(t, asks("msg_1", "1", "hi"), asks("msg_2", "2", "hi"), asks("msg_3", "3", "hi")) {
		if failedWith(r.Message) == domain.ReasonDialogLimit {
			failed++
		}
	}
	if failed != 1 {
		t.Fatalf("%d of three failed at a limit of two", failed)
	}
	sends("msg_4", "1", "") // free also at the limit
	sends("msg_5", "4", domain.ReasonDialogLimit)
	s.did(t, at(noon.Add(-time.Hour), writes("4", "wamid.4")))
	sends("msg_6", "4", "") // an incoming dialog is never counted
	s.did(t, at(noon, echoes("5", "wamid.5", "hi")))
	if s.used("2026-05") != 3 {
		t.Errorf("rule 33: %d dialogs after an echo, want 3", s.used("2026-05"))
	}
	sends("msg_7", "5", "")
	sends("msg_8", "6", domain.ReasonDialogLimit)
	s.routes[0].Subscription.DialogLimit = 4 // rule 32: at once, and what is used stays
	sends("msg_9", "6", "")
	sends("msg_10", "7", domain.ReasonDialogLimit)
	s.now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) // a new month
	sends("msg_11", "7", "")
	sends("msg_12", "1", "")
	if s.used("2026-05") != 4 || s.used("2026-06") != 2 {
		t.Errorf("used %d in May and %d in June, want 4 and 2", s.used("2026-05"), s.used("2026-06"))
	}
}

// Rule 28: the month is that of the company's zone.
func TestRule28TheMonthOfTheZone(t *testing.T) {
	s := limitedTo(50)
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	s.routes[0].Zone = zone
	s.now = time.Date(2026, 6, 1, 5, 59, 0, 0, time.UTC)
	s.did(t, asks("msg_1", "1", "hi"))
	s.now = time.Date(2026, 6, 1, 6, 0, 0, 0, time.UTC)
	s.did(t, asks("msg_2", "1", "hi"))
	if s.used("2026-05") != 1 || s.used("2026-06") != 1 {
		t.Errorf("counts %v, want one in each month", s.counts)
	}
}

// Rule 40: at 80 % and at 100 %, once for a limit.
func TestRule40LimitDialogs(t *testing.T) {
	s := limitedTo(5)
	for i := range 7 {
		s.did(t, asks(domain.MessageID(fmt.Sprint("msg_", i)), domain.PeerID(fmt.Sprint(i)), "hi"))
	}
	s.did(t, begun("msg_4"), applyResult("msg_4", domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonNoAccount)}))
	s.did(t, asks("msg_8", "8", "hi")) // back at the limit
	s.routes[0].Subscription.DialogLimit = 6
	s.did(t, asks("msg_9", "9", "hi"))
	var got []string
	for _, e := range s.events {
		if e.Type != domain.EventLimitDialogs {
			continue
		}
		var said struct{ Data json.RawMessage }
		if err := json.Unmarshal(e.Body, &said); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.ReplaceAll(string(said.Data), `"`, ""))
	}
	want := []string{
		"{subscription_id:acme-wa,used:4,limit:5,level:80,period:2026-05}",
		"{subscription_id:acme-wa,used:5,limit:5,level:100,period:2026-05}",
		"{subscription_id:acme-wa,used:6,limit:6,level:80,period:2026-05}",
		"{subscription_id:acme-wa,used:6,limit:6,level:100,period:2026-05}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+)\n%s", diff)
	}
}

// Rule 28, count_mode any_outgoing: any dialog counts in which we wrote.
func TestRule28AnyOutgoing(t *testing.T) {
	earlier, later := noon.Add(-time.Minute), noon.Add(time.Minute)
	tests := []struct {
		name  string
		story []domain.Update
		want  int64
	}{
		{"the peer wrote first, and we answer", []domain.Update{at(earlier, writes("1", "wamid.1")), asks("msg_1", "1", "hi")}, 1},
		{"we answer twice", []domain.Update{at(earlier, writes("1", "wamid.1")), asks("msg_1", "1", "hi"), asks("msg_2", "1", "hi")}, 1},
		{"we hear late that the peer wrote first", []domain.Update{asks("msg_1", "1", "hi"), at(earlier, writes("1", "wamid.1"))}, 1},
		{"an answer from the phone", []domain.Update{at(earlier, writes("1", "wamid.1")), at(later, echoes("1", "wamid.2", "hi"))}, 1},
		{"the answer was refused", []domain.Update{at(earlier, writes("1", "wamid.1")), asks("msg_1", "1", "hi"), begun("msg_1"), applyResult("msg_1", refusedWith(domain.ReasonInvalid, 0))}, 0},
		{"nobody answered", []domain.Update{at(earlier, writes("1", "wamid.1"))}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := limitedTo(50)
			s.routes[0].Subscription.CountMode = domain.CountAnyOutgoing
			for _, u := range tt.story {
				if r := s.did(t, u)[0]; r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			if got := s.used("2026-05"); got != tt.want {
				t.Errorf("%d dialogs, want %d", got, tt.want)
			}
		})
	}
}

// Rule 28: a month begins and ends by the wall clock, also where it was put
// forward or back in between.
func TestRule28MonthsWithSummerTime(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ moment, want string }{
		{"2026-03-31T21:59:59Z", "2026-03"}, // UTC+2 since the 29th
		{"2026-03-31T22:00:00Z", "2026-04"},
		{"2026-10-31T22:59:59Z", "2026-10"}, // UTC+1 since the 25th
		{"2026-10-31T23:00:00Z", "2026-11"},
		{"2026-12-31T23:00:00Z", "2027-01"},
	} {
		moment, err := time.Parse(time.RFC3339, tt.moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := domain.Month(moment, madrid); got != tt.want {
			t.Errorf("%s is in %s, want %s", tt.moment, got, tt.want)
		}
	}
}
