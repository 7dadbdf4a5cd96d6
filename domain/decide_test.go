package domain

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A rule is a row of the tables of Decide: what is known, what is reported, and
// what becomes of it, in the words of brief.
type rule struct {
	name  string
	state State
	fact  Fact
	want  string
}

func testRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if got := brief(decide(t, r.state, r.fact)); got != r.want {
				t.Errorf("%T gave\n\t%s\nwant\n\t%s", r.fact, got, r.want)
			}
		})
	}
}

// decide runs Decide on an update of the moment of the fact, and checks that it
// changes nothing in the state.
func decide(t *testing.T, s State, f Fact) Change {
	t.Helper()
	u := Update{Fact: f, At: second(10), Received: now, Rights: AllRights}
	if s.Subscription == nil {
		s.Subscription = &Subscription{ID: "acme-waba", Company: "acme", Kind: WABA, Tariff: Estandar, PaidUntil: "2026-01-31", DialogLimit: -1}
	}
	if m, ok := f.(moment); ok {
		u.Fact, u.At = m.Fact, m.at
	}
	s.Now = now
	s.NewID = "00000000000000000000000001"
	before := clone(t, s)
	change := Decide(s, u)
	if diff := cmp.Diff(before, s, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(State{}, "Zone")); diff != "" {
		t.Errorf("Decide changed its state:\n%s", diff)
	}
	return change
}

func clone(t *testing.T, s State) (copied State) {
	t.Helper()
	text, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// A moment is a fact of another second than the tenth.
type moment struct {
	Fact
	at time.Time
}

func atSecond(sec int, f Fact) Fact { return moment{f, second(sec)} }

// now is the clock of the tables; second counts from 100 seconds before it.
var now = time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)

func second(n int) time.Time { return now.Add(time.Duration(n-100) * time.Second) }

// brief writes a Change as a line.
func brief(c Change) string {
	if c.Refusal != nil {
		return "refused: " + c.Refusal.Error()
	}
	parts := []string{string(c.Outcome)}
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if m := c.Message; m != nil {
		add("%s", briefMessage(m))
	}
	if c.Target != nil {
		add("the target: %s", briefMessage(c.Target))
	}
	if c.Chat != nil {
		add("%d unanswered", c.Chat.Unanswered)
	}
	if c.Remove != "" {
		add("removes %s", c.Remove)
	}
	if c.Orphan {
		add("stored")
	}
	var events []string
	for _, n := range c.notices {
		events = append(events, string(n.typ))
	}
	if len(events) > 0 {
		add("emits %s", strings.Join(events, ", "))
	}
	return strings.Join(parts, "; ")
}

func briefMessage(m *Message) string {
	what := string(m.Direction)
	if m.Direction == Outbound {
		what = string(m.Status)
	}
	switch {
	case m.Failure != nil:
		what += " " + string(m.Failure.Reason)
	case !m.AttemptAt.IsZero():
		what += fmt.Sprintf(", attempt %d", m.Attempts)
	case !m.UnknownAt.IsZero():
		what += ", unknown"
	case m.Taken():
		what += ", taken"
	case m.NextAt.After(now):
		what += " again"
	}
	return what
}

// The fixtures: one chat with three incoming messages at seconds 1, 2 and 3,
// and ways to change a copy of it.
func chatWith(changes ...func(*Chat)) *Chat {
	c := &Chat{
		ID: "chat_1", Company: "acme", Connection: "waba-1", Kind: WABA, Peer: "79990000000",
		Seq: 3, InboundSeq: 3, LastInboundAt: second(3), Unanswered: 3, WaitingSince: second(1),
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

var waitingThree = []UnansweredMessage{{1, second(1)}, {2, second(2)}, {3, second(3)}}

func blocked(c *Chat)     { c.BlockedBy, c.BlockedAt = "ana", second(50) }
func group(c *Chat)       { c.IsGroup = true }
func bot(c *Chat)         { c.Kind = TelegramBot }
func allAnswered(c *Chat) { c.AnsweredSeq, c.Unanswered, c.WaitingSince = 3, 0, time.Time{} }

func ourMessage(status DeliveryStatus, changes ...func(*Message)) *Message {
	m := &Message{
		ID: "msg_1", Chat: "chat_1", Connection: "waba-1", Company: "acme", Direction: Outbound, Origin: OriginEmployee,
		Type: TypeText, Text: "we are open", ProviderID: "wamid.1", At: second(5), AnswersSeq: 3, Status: status,
	}
	switch status {
	case Failed:
		m.Failure, m.FailedAt = ownFailure(ReasonInvalid, "invalid"), second(8)
	case Queued:
		m.ProviderID = ""
	default:
		m.SentAt = second(6)
	}
	for _, change := range changes {
		change(m)
	}
	return m
}

func attempted(m *Message) { m.Attempts, m.AttemptAt = 1, second(90) }
func unheard(m *Message)   { m.Attempts, m.UnknownAt = 1, second(90) }
func maybe(m *Message)     { m.MaybeAt = second(80) } // it was sent with our id, and no answer came
func taken(m *Message)     { m.Attempts, m.TakenAt = 1, second(90) }
func lost(m *Message)      { m.Failure = ownFailure(ReasonOutcomeUnknown, "unknown") }
func bare(m *Message)      { m.AnswersSeq = 0 }
func nameless(m *Message)  { m.ProviderID = "" }

func fromPhone(m *Message) {
	m.ID, m.Origin, m.ProviderID, m.AnswersSeq = "msg_echo", OriginPhone, "wamid.1", 0
}

func byPeer(m *Message) {
	m.ID, m.Direction, m.Origin, m.AnswersSeq = "msg_in", Inbound, OriginClient, 0
}

// among is the state of a message in the chat, whose three messages wait.
func among(m *Message) State { return State{Chat: chatWith(), Message: m, Unanswered: waitingThree} }

func TestDecideHasARuleForNoOther(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a fact without a rule passed")
		}
	}()
	Decide(State{}, Update{Fact: moment{}})
}
