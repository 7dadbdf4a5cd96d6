package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
)

// anything lets random employees, messengers and billing systems do anything in
// any order, with hours and months between, and compares the store with the
// model of model.go after every step.
func anything(t *testing.T, open func(*testing.T) domain.Store) {
	unlessAsked(t, "rapid.checks", form{short: "20", long: "60"})
	unlessAsked(t, "rapid.steps", form{short: "60", long: "60"})
	store := open(t)
	insides, ok := store.(Insides)
	if !ok {
		t.Skipf("%T shows nothing of its insides", store)
	}
	began, ahead, runs, steps := time.Now(), time.Duration(0), 0, 0
	defer func() { t.Logf("%d steps in %d runs", steps, runs) }()
	rapid.Check(t, func(t *rapid.T) {
		runs++
		m := &machine{T: t, store: store, ctx: context.Background()}
		m.now = func() time.Time { return began.Add(time.Since(began) + ahead).UTC() }
		m.pass = func(d time.Duration) {
			ahead += d
			m.must(insides.Forward(m.ctx, d))
		}
		for _, name := range []string{"one", "two"} {
			m.companies = append(m.companies, m.found(domain.CompanyID(fmt.Sprintf("%s-%d", name, runs))))
		}
		t.Repeat(map[string]func(*rapid.T){
			"a client writes":          m.step(m.clientWrites),
			"a client writes again":    m.step(m.clientWrites),
			"somebody sends":           m.step(m.sends),
			"somebody sends again":     m.step(m.sends),
			"somebody sends templates": m.step(m.templates),
			"the lane sends":           m.step(m.lane),
			"the lane sends again":     m.step(m.lane),
			"a status comes":           m.step(m.status),
			"another status comes":     m.step(m.status),
			"somebody blocks":          m.step(m.blocks),
			"no reply is needed":       m.step(m.noReply),
			"the subscription changes": m.step(m.subscribes),
			"the connection resumes":   m.step(m.resumes),
			"another company tries":    m.step(m.intrudes),
			"time passes":              m.step(m.waits),
			"":                         func(t *rapid.T) { steps++; m.check(t) },
		})
	})
}

// A machine drives a store and the model side by side.
type machine struct {
	*rapid.T
	ctx       context.Context
	store     domain.Store
	companies []*modelCompany
	now       func() time.Time // the store's clock
	pass      func(time.Duration)
	serial    int
	touched   domain.ChatID // by the last step, whose messages are compared; empty: any
}

func (m *machine) step(do func()) func(*rapid.T) {
	return func(t *rapid.T) {
		m.T = t
		do()
	}
}

func (m *machine) must(err error) {
	if err != nil {
		m.Helper()
		m.Fatal(err)
	}
}

// found founds a company with a phone and a WABA number.
func (m *machine) found(id domain.CompanyID) *modelCompany {
	co := &modelCompany{id: id, shut: map[domain.ConnectionID]bool{}}
	co.phone = modelSubscription{id: domain.SubscriptionID(id + "-phone"), tariff: domain.Estandar, state: "paid", limit: 2}
	co.cloud = modelSubscription{id: domain.SubscriptionID(id + "-cloud"), tariff: domain.Estandar, state: "paid", limit: -1, bought: 1}
	r := domain.Registry{Companies: []domain.Company{{ID: id, Name: string(id), TimeZone: "UTC"}}}
	for _, kind := range []domain.Kind{domain.WhatsAppBusiness, domain.WABA} {
		c := co.connectionOf(kind == domain.WABA)
		r.Subscriptions = append(r.Subscriptions, domain.Subscription{
			ID: domain.SubscriptionID(c), Company: id, Kind: kind, Tariff: domain.Estandar, PaidUntil: "9999-01-01", DialogLimit: -1,
		})
		r.Hooks = append(r.Hooks, domain.Hook{ID: domain.HookID(c), Kind: kind})
		r.Connections = append(r.Connections, domain.Connection{ID: c, Company: id, Kind: kind, Hook: domain.HookID(c)})
	}
	_, err := m.store.Declare(m.ctx, r, false)
	m.must(err)
	m.declare(co, &co.phone)
	m.declare(co, &co.cloud)
	return co
}

func (co *modelCompany) connectionOf(waba bool) domain.ConnectionID {
	if waba {
		return domain.ConnectionID(co.id + "-cloud")
	}
	return domain.ConnectionID(co.id + "-phone")
}

// declare tells the store what the model says of a subscription.
func (m *machine) declare(co *modelCompany, s *modelSubscription) {
	_, err := m.store.ChangeSubscription(m.ctx, co.id, s.id, func(n domain.Subscription) (domain.Subscription, error) {
		n.Tariff, n.DialogLimit, n.WABADialogs, n.PaidUntil, n.TrialUntil = s.tariff, s.limit, s.bought, "", ""
		switch s.state {
		case "paid":
			n.PaidUntil = "9999-01-01"
		case "trial":
			n.TrialUntil = "9999-01-01"
		}
		return n, nil
	})
	m.must(err)
}

func (m *machine) apply(u domain.Update) domain.Result {
	u.Received = m.now()
	if u.At.IsZero() {
		u.At = u.Received
	}
	receipt, err := m.store.Apply(m.ctx, domain.Batch{Updates: []domain.Update{u}})
	m.must(err)
	m.touched = receipt.Results[0].Chat.ID
	return receipt.Results[0]
}

// company is mostly the first: the other is there to see nothing of it.
func (m *machine) company() *modelCompany {
	return m.companies[max(0, rapid.IntRange(-3, 1).Draw(m.T, "company"))]
}

func (m *machine) flip(what string) bool { return rapid.Bool().Draw(m.T, what) }

// rights are those of some employee.
func (m *machine) rights() domain.Rights {
	return rapid.SampledFrom([]domain.Rights{
		domain.AllRights, domain.AllRights, {domain.ReadChats, domain.WriteChats}, {domain.BlacklistChats}, nil,
	}).Draw(m.T, "rights")
}

// chat finds or plans the chat of a peer in the model.
func (m *machine) chat(co *modelCompany, waba bool) *modelChat {
	peer := rapid.SampledFrom([]domain.PeerID{"100", "200", "300"}).Draw(m.T, "peer")
	for _, c := range co.chats {
		if c.waba == waba && c.peer == peer {
			return c
		}
	}
	return &modelChat{connection: co.connectionOf(waba), peer: peer, waba: waba}
}

// met is a chat that exists; nil: there is none yet.
func (m *machine) met(co *modelCompany) *modelChat {
	if len(co.chats) == 0 {
		return nil
	}
	return rapid.SampledFrom(co.chats).Draw(m.T, "chat")
}

// keeps takes a chat into the model once it exists.
func (co *modelCompany) keeps(c *modelChat, id domain.ChatID) {
	if c.id == "" {
		c.id = id
		co.chats = append(co.chats, c)
	}
}

func (m *machine) clientWrites() {
	co := m.company()
	c := m.chat(co, m.flip("over WABA"))
	m.serial++
	at := m.now().Truncate(time.Millisecond)
	r := m.apply(domain.Update{Hook: domain.HookID(c.connection), At: at, Fact: domain.MessageArrived{
		Peer: c.peer, Direction: domain.Inbound, ProviderID: domain.ProviderID(fmt.Sprint("in.", m.serial)), Type: domain.TypeText, Text: "hello",
	}})
	want := domain.Applied
	if c.blocked {
		want = domain.Dropped
	}
	if r.Outcome != want {
		m.Fatalf("an incoming message is %s, want %s", r.Outcome, want)
	}
	if !c.blocked {
		co.keeps(c, r.Chat.ID)
		c.inbound = append(c.inbound, at)
	}
}

func (m *machine) sends() {
	co := m.company()
	c := m.chat(co, m.flip("over WABA"))
	types := []domain.MessageType{domain.TypeText, domain.TypeText, domain.TypeText, domain.TypeVoice, domain.TypeTemplate}
	if c.waba {
		types = []domain.MessageType{domain.TypeText, domain.TypeTemplate, domain.TypeTemplate}
	}
	m.send(co, c, m.rights(), rapid.SampledFrom(types).Draw(m.T, "type"))
}

// templates sends templates to several peers, as a campaign does.
func (m *machine) templates() {
	co := m.company()
	for range rapid.IntRange(1, 3).Draw(m.T, "templates") {
		m.send(co, m.chat(co, true), domain.AllRights, domain.TypeTemplate)
	}
	m.touched = ""
}

func (m *machine) send(co *modelCompany, c *modelChat, rights domain.Rights, typ domain.MessageType) {
	co.messages++
	f := domain.SendRequested{
		ID: domain.MessageID(fmt.Sprintf("msg_%s_%d", co.id, co.messages)), Peer: c.peer, By: "somebody", Origin: domain.OriginEmployee, Type: typ, Text: "hi",
		KeepUnanswered: m.flip("keeps unanswered"),
	}
	if typ == domain.TypeTemplate {
		f.Template = &domain.Template{Name: "a", Language: "es"}
	}
	now := m.now()
	refusal, fails := co.send(c, rights, typ, now)
	r := m.apply(domain.Update{Connection: c.connection, Company: co.id, Rights: rights, Fact: f})
	m.refused(r, refusal, "a send")
	if refusal != "" {
		return
	}
	co.keeps(c, r.Chat.ID)
	sent := &modelMessage{id: f.ID, at: r.Message.At, status: "queued", reason: fails, given: fails != ""}
	if !f.KeepUnanswered {
		sent.answers = len(c.inbound)
	}
	if fails != "" {
		sent.status = "failed"
	} else if typ == domain.TypeTemplate && c.waba && !c.window(now) && !now.Before(c.paid.until) {
		if !c.paid.reserved() {
			c.paid = modelPaid{opened: r.Message.At, holds: map[*modelMessage]bool{}}
		}
		c.paid.holds[sent] = true
	}
	c.messages = append(c.messages, sent)
}

func (m *machine) refused(r domain.Result, want, what string) {
	got := ""
	if r.Err != nil {
		got = r.Err.Error()
	}
	if got != want {
		m.Fatalf("%s is refused with %q, want %q", what, got, want)
	}
}

// lane sends one message that is due, and hears an answer.
func (m *machine) lane() {
	co := m.company()
	var due []domain.MessageID
	for _, waba := range []bool{false, true} {
		list, err := m.store.Due(m.ctx, co.connectionOf(waba), 100)
		m.must(err)
		due = append(due, messagesOf(list)...)
	}
	if len(due) == 0 {
		return
	}
	c, sent := co.message(rapid.SampledFrom(due).Draw(m.T, "message"))
	connection := c.connection
	if sent == nil || sent.status != "queued" || !sent.unknown.IsZero() {
		m.Fatalf("a message that is not queued is due: %+v", sent)
	}
	now := m.now()
	r := m.apply(domain.Update{Connection: connection, Fact: domain.SendBegun{Message: sent.id}})
	late := now.Sub(sent.at) > time.Hour
	switch {
	case c.blocked:
		c.fail(sent, domain.ReasonChatBlocked, true)
		return
	case co.subscription(c).state == "overdue":
		c.fail(sent, domain.ReasonUnpaid, true)
		return
	case late && co.shut[connection]:
		c.fail(sent, domain.ReasonUnauthorized, true)
		return
	case late:
		c.fail(sent, domain.ReasonExpired, true)
		return
	case co.shut[connection]:
		m.Fatalf("a message of a suspended connection is due")
	}
	if r.Outcome != domain.Applied || r.Message.AttemptAt.IsZero() {
		m.Fatalf("an attempt is %s: %+v", r.Outcome, r.Message)
	}
	sent.tries++
	m.answers(co, c, sent)
}

// answers is what the messenger says to an attempt.
func (m *machine) answers(co *modelCompany, c *modelChat, sent *modelMessage) {
	m.serial++
	why := rapid.SampledFrom([]domain.Reason{
		"", "", "", "", "unknown", domain.ReasonNoAccount, domain.ReasonInvalid, domain.ReasonPairThrottled, domain.ReasonUnauthorized,
	}).Draw(m.T, "answer")
	a := domain.SendResult{Fate: domain.FateRefused, Failure: failure(why)}
	switch why {
	case "":
		a = domain.SendResult{Fate: domain.FateAccepted, ProviderID: domain.ProviderID(fmt.Sprint("out.", m.serial))}
		sent.provider = a.ProviderID
		c.reach(sent, "sent")
	case "unknown":
		a = domain.SendResult{Fate: domain.FateUnknown, Failure: failure(domain.ReasonOutcomeUnknown)}
		sent.unknown = m.now()
	case domain.ReasonPairThrottled: // it waits, and is tried again
	default:
		c.fail(sent, why, true)
		co.shut[c.connection] = co.shut[c.connection] || why == domain.ReasonUnauthorized
	}
	m.apply(domain.Update{Connection: c.connection, Fact: domain.SendEnded{Message: sent.id, Result: a}})
}

func (co *modelCompany) message(id domain.MessageID) (*modelChat, *modelMessage) {
	for _, c := range co.chats {
		for _, msg := range c.messages {
			if msg.id == id {
				return c, msg
			}
		}
	}
	return nil, nil
}

// status tells of a message that the messenger took.
func (m *machine) status() {
	co := m.company()
	var taken []domain.MessageID
	for _, c := range co.chats {
		for _, msg := range c.messages {
			if msg.provider != "" || !msg.unknown.IsZero() || msg.reason == domain.ReasonOutcomeUnknown {
				taken = append(taken, msg.id)
			}
		}
	}
	if len(taken) == 0 {
		return
	}
	c, msg := co.message(rapid.SampledFrom(taken[max(0, len(taken)-4):]).Draw(m.T, "message"))
	f := domain.StatusReported{
		ProviderID: msg.provider, Message: msg.id,
		Status: rapid.SampledFrom([]domain.DeliveryStatus{domain.Sent, domain.Delivered, domain.Delivered, domain.Read, domain.Failed}).Draw(m.T, "status"),
	}
	if msg.provider == "" {
		m.serial++
		f.ProviderID = domain.ProviderID(fmt.Sprint("out.", m.serial))
		msg.provider = f.ProviderID
	}
	at := m.now().Truncate(time.Millisecond)
	if f.Status == domain.Failed {
		f.Failure = failure(rapid.SampledFrom([]domain.Reason{domain.ReasonNoAccount, domain.ReasonPeerLimit}).Draw(m.T, "reason"))
		c.fail(msg, f.Failure.Reason, false)
	} else {
		f.Pricing = rapid.SampledFrom([]domain.Pricing{"", domain.PricingCharged, domain.PricingFree}).Draw(m.T, "price")
		c.reach(msg, string(f.Status))
	}
	co.subscription(c).price(c, msg, f.Pricing, at)
	m.apply(domain.Update{Hook: domain.HookID(c.connection), At: at, Fact: f})
}

func (m *machine) blocks() {
	co := m.company()
	c := m.met(co)
	if c == nil {
		return
	}
	rights, block := m.rights(), m.flip("block")
	r := m.apply(domain.Update{Company: co.id, Rights: rights, Fact: domain.BlockRequested{Chat: c.id, By: "somebody", Block: block}})
	refusal := co.block(c, rights)
	m.refused(r, refusal, "a block")
	if refusal == "" {
		c.blocked = block
	}
}

func (m *machine) noReply() {
	co := m.company()
	c := m.met(co)
	if c == nil {
		return
	}
	rights := m.rights()
	through := rapid.IntRange(0, len(c.inbound)+1).Draw(m.T, "through")
	r := m.apply(domain.Update{Company: co.id, Rights: rights, Fact: domain.NoReplyNeeded{Chat: c.id, ThroughSeq: int64(through)}})
	if !rights.May(domain.WriteChats) {
		m.refused(r, "forbidden", "no reply needed")
		return
	}
	m.refused(r, "", "no reply needed")
	c.answered = max(c.answered, min(through, len(c.inbound)))
}

func (m *machine) subscribes() {
	co := m.company()
	s := &co.phone
	if m.flip("of WABA") {
		s = &co.cloud
		s.bought = max(s.committed+co.reserved(s), s.bought) + rapid.Int64Range(0, 1).Draw(m.T, "bought")
	}
	s.tariff = rapid.SampledFrom(domain.Tariffs).Draw(m.T, "tariff")
	s.state = rapid.SampledFrom([]string{"paid", "paid", "paid", "trial", "overdue"}).Draw(m.T, "state")
	s.limit = rapid.Int64Range(-1, 4).Draw(m.T, "limit")
	m.declare(co, s)
	if s.limit < 0 && s.tariff == domain.Inicial {
		s.limit = 50 // as the tariff says
	}
}

func (m *machine) resumes() {
	co := m.company()
	connection := co.connectionOf(m.flip("over WABA"))
	_, err := m.store.Resume(m.ctx, co.id, connection)
	m.must(err)
	co.shut[connection] = false
}

// intrudes lets one company try what is another's.
func (m *machine) intrudes() {
	owner, other := m.companies[0], m.companies[1]
	c := m.met(owner)
	if c == nil {
		return
	}
	for _, f := range []domain.Fact{
		domain.BlockRequested{Chat: c.id, By: "eve", Block: true},
		domain.NoReplyNeeded{Chat: c.id, ThroughSeq: 99},
		domain.SendRequested{ID: "msg_eve", Chat: c.id, By: "eve", Origin: domain.OriginAPI, Type: domain.TypeText, Text: "hi"},
	} {
		m.refused(m.apply(domain.Update{Company: other.id, Rights: domain.AllRights, Fact: f}), "not_found", "what is another's")
	}
	_, resumed := m.store.Resume(m.ctx, other.id, c.connection)
	_, seen := m.store.Messages(m.ctx, other.id, domain.MessageQuery{Chat: c.id, Limit: 10})
	if !errors.Is(resumed, domain.ErrNotFound) || !errors.Is(seen, domain.ErrNotFound) {
		m.Fatalf("another company resumed a connection, %v, or saw messages, %v", resumed, seen)
	}
}

// waits lets time pass, and the sweep meet its deadlines.
func (m *machine) waits() {
	m.pass(rapid.SampledFrom([]time.Duration{
		time.Minute, 11 * time.Minute, 50 * time.Minute, 5 * time.Hour, 23 * time.Hour, 27 * time.Hour, 10 * 24 * time.Hour, 31 * 24 * time.Hour,
	}).Draw(m.T, "time"))
	due, err := deadlines(m.ctx, m.store)
	m.must(err)
	for _, u := range due {
		m.apply(u)
	}
	now := m.now()
	for _, co := range m.companies {
		for _, c := range co.chats {
			for _, msg := range c.messages {
				if !msg.unknown.IsZero() && now.Sub(msg.unknown) > 10*time.Minute {
					c.fail(msg, domain.ReasonOutcomeUnknown, false)
				}
			}
			m.touched = ""
			if c.paid.reserved() && now.Sub(c.paid.opened) >= 26*time.Hour {
				co.settles(c)
			}
		}
	}
}

// settles ends the wait for a price: what was sent is taken for charged.
func (co *modelCompany) settles(c *modelChat) {
	for msg := range c.paid.holds {
		if ranks[msg.status] > 0 {
			co.cloud.committed++
			c.paid.until = c.paid.opened.Add(24 * time.Hour)
			return
		}
	}
	c.paid = modelPaid{}
}

// check compares the store with the model.
func (m *machine) check(t *rapid.T) {
	m.T = t
	for _, co := range m.companies {
		now := m.now()
		usage, err := m.store.Usage(m.ctx, co.id)
		m.must(err)
		for _, u := range usage {
			s := &co.phone
			if u.Kind == domain.WABA {
				s = &co.cloud
			}
			if u.Period == monthOf(now) && u.Dialogs != co.used(s, now) {
				m.Fatalf("%s used %d outgoing dialogs in %s, want %d", s.id, u.Dialogs, u.Period, co.used(s, now))
			}
			if u.PaidReserved != co.reserved(s) || u.PaidCommitted != s.committed || u.WABADialogs-u.PaidReserved-u.PaidCommitted < 0 {
				m.Fatalf("%s: reserved %d, committed %d of %d; want %d, %d", s.id, u.PaidReserved, u.PaidCommitted, u.WABADialogs, co.reserved(s), s.committed)
			}
		}
		chats, err := m.store.Chats(m.ctx, co.id, domain.ChatQuery{Limit: 100})
		m.must(err)
		if len(chats) != len(co.chats) {
			m.Fatalf("%s has %d chats, want %d", co.id, len(chats), len(co.chats))
		}
		for _, c := range chats {
			m.same(co, c)
		}
	}
}

func (m *machine) same(co *modelCompany, got domain.Chat) {
	i := slices.IndexFunc(co.chats, func(c *modelChat) bool { return c.id == got.ID })
	if i < 0 {
		m.Fatalf("a chat that nobody made: %+v", got)
	}
	c := co.chats[i]
	if got.Blocked() != c.blocked || int(got.Unanswered) != c.unanswered() || int(got.InboundSeq) != len(c.inbound) {
		m.Fatalf("chat %+v; want blocked %t, unanswered %d of %d", got, c.blocked, c.unanswered(), len(c.inbound))
	}
	if m.touched != "" && m.touched != c.id {
		return
	}
	messages, err := m.store.Messages(m.ctx, co.id, domain.MessageQuery{Chat: c.id, Limit: 1000})
	m.must(err)
	if len(messages) != len(c.messages)+len(c.inbound) {
		m.Fatalf("chat of %s has %d messages, want %d and %d", c.peer, len(messages), len(c.messages), len(c.inbound))
	}
	for _, msg := range messages {
		if msg.Direction == domain.Inbound {
			continue
		}
		_, want := co.message(msg.ID)
		var reason domain.Reason
		if f := msg.Failure; f != nil {
			reason = f.Reason
			if domain.Texts[f.Code()] == "" || f.Cause.Source == "" || f.Cause.Code == "" || f.Cause.Title == "" {
				m.Fatalf("a failure without a code and a cause: %+v", f)
			}
		}
		if string(msg.Status) != want.status || reason != want.reason {
			m.Fatalf("message %s is %s %s, want %s %s", msg.ID, msg.Status, reason, want.status, want.reason)
		}
	}
}
