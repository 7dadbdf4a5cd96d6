package domaintest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
)

// A peer generates the updates of its chat with the company. Some messengers give
// two ids of a peer with every message; the first is always the same.
type peer struct {
	*rapid.T
	story   *Story
	route   domain.Route
	run     string
	id      domain.PeerID
	alias   domain.PeerID // or empty
	movedTo domain.PeerID // the id that the messenger gives the peer in the story; or empty
	isGroup bool
	blocked bool
	serial  int
}

func (p *peer) live() {
	inbound := p.upTo(2, "messages before")
	if p.blocked {
		inbound++ // a chat to block
	}
	for range inbound {
		p.before(p.writes("before", Begin.Add(-time.Minute)))
	}
	var sends []send
	for range p.upTo(2, "sends before") {
		sends = append(sends, p.sends())
	}
	if p.blocked {
		p.before(domain.BlockRequested{Chat: nameless(p.route.Connection, p.id), By: p.story.employee, Block: true})
	}

	if inbound+len(sends) > 0 && p.isGroup && p.maybe("moves") { // a move makes no chat
		p.movedTo = "moved-" + p.id
		p.report(domain.PeerMigrated{Peer: p.id, To: p.movedTo})
	}

	for _, s := range sends {
		p.evidence(s)
	}
	for range p.upTo(3, "messages") {
		text := "hello"
		if p.blocked {
			text = p.story.Hushed
		}
		f := p.writes(text, p.moment())
		p.reportAt(f, f.at)
		p.amended(f.ProviderID, true)
	}
	for range p.upTo(2, "messages from the phone") {
		f := p.echo(p.provider(), p.name("from the phone"), p.moment())
		p.reportAt(f, f.at)
		p.statuses(f.ProviderID, "", true)
		p.amended(f.ProviderID, false)
	}
	if inbound > 0 && p.maybe("no reply needed") {
		p.report(domain.NoReplyNeeded{Chat: nameless(p.route.Connection, p.id), ThroughSeq: int64(1 + p.upTo(inbound-1, "through"))})
	}
	if p.maybe("strays") { // of messages that never appear
		p.statuses(p.provider(), "", false)
		p.amended(p.provider(), true)
	}
}

// arrival is a message with its time.
type arrival struct {
	domain.MessageArrived
	at time.Time
}

func (p *peer) writes(text string, at time.Time) arrival {
	f := domain.MessageArrived{
		Peer: p.id, AlsoKnown: p.also(), IsGroup: p.isGroup, Direction: domain.Inbound,
		ProviderID: p.provider(), Type: domain.TypeText, Text: p.name(text),
		Contact: domain.Contact{Name: rapid.SampledFrom([]string{"", "Ana", "Bea"}).Draw(p.T, "contact")},
	}
	if p.maybe("with a picture") {
		f.Type, f.Media = domain.TypeImage, &domain.Media{ID: string(f.ProviderID), MIME: "image/png"}
	}
	return arrival{f, at}
}

func (p *peer) echo(id domain.ProviderID, text string, at time.Time) arrival {
	return arrival{domain.MessageArrived{
		Peer: p.id, AlsoKnown: p.also(), IsGroup: p.isGroup, Direction: domain.Outbound,
		ProviderID: id, Type: domain.TypeText, Text: text,
		Contact: domain.Contact{Name: "Cleo"},
	}, at}
}

func (p *peer) also() []domain.PeerID {
	if p.alias == "" {
		return nil
	}
	return []domain.PeerID{p.alias}
}

// statuses reports some statuses of a message. Failed comes with no later status,
// because the order would matter.
func (p *peer) statuses(id domain.ProviderID, price domain.Pricing, mayFail bool) {
	steps := []domain.DeliveryStatus{domain.Sent, domain.Delivered, domain.Read}
	if mayFail && p.maybe("fails") {
		steps = []domain.DeliveryStatus{domain.Sent}
		p.report(domain.StatusReported{ProviderID: id, Status: domain.Failed, Failure: failure})
	}
	for _, step := range steps {
		for range p.upTo(2, string(step)) {
			p.report(domain.StatusReported{ProviderID: id, Status: step, Pricing: price})
		}
	}
}

// amended reports some edits, deletions and reactions of a message.
func (p *peer) amended(id domain.ProviderID, byPeer bool) {
	who := p.id
	if p.alias != "" && p.maybe("by the alias") {
		who = p.alias
	}
	text := "edited"
	if p.blocked && byPeer {
		text = p.story.Hushed
	}
	for range p.upTo(2, "edits") {
		p.report(domain.MessageEdited{ProviderID: id, Peer: who, ByPeer: byPeer, Text: text + rapid.SampledFrom([]string{"", "!"}).Draw(p.T, "text")})
	}
	for range p.upTo(1, "deletions") {
		p.report(domain.MessageDeleted{ProviderID: id, Peer: who, ByPeer: byPeer})
	}
	for range p.upTo(2, "reactions") {
		emoji := rapid.SampledFrom([]string{"", "👍", "🔥"}).Draw(p.T, "emoji")
		p.report(domain.MessageReacted{ProviderID: id, Peer: who, ByPeer: true, By: string(p.id), Emoji: emoji})
	}
}

// report adds an update to the story.
func (p *peer) report(f domain.Fact) { p.reportAt(f, p.moment()) }

func (p *peer) reportAt(f domain.Fact, at time.Time) {
	p.story.Updates = append(p.story.Updates, p.update(f, at))
}

func (p *peer) before(f domain.Fact) {
	p.story.Before = append(p.story.Before, p.update(f, Begin.Add(-time.Minute)))
}

// update makes an update of the fact, with a hook if a messenger reports it, else
// with a connection or its company.
func (p *peer) update(f domain.Fact, at time.Time) domain.Update {
	u := domain.Update{Fact: f, At: at, Received: received}
	if a, ok := f.(arrival); ok {
		u.Fact, f = a.MessageArrived, a.MessageArrived
	}
	switch f.(type) {
	case domain.SendRequested, domain.BlockRequested, domain.NoReplyNeeded:
		u.Connection, u.Company, u.Rights = p.route.Connection, p.route.Company, domain.AllRights
	case domain.SendBegun, domain.SendEnded, domain.EvidenceOverdue:
		u.Connection = p.route.Connection
	default:
		u.Hook, u.Account = p.route.Account.Hook, p.route.Account.Account
	}
	return u
}

// moment draws a time: a few are equal, some are in the future.
func (p *peer) moment() time.Time {
	at := Begin.Add(time.Duration(p.upTo(9, "second")) * time.Second)
	if p.upTo(9, "future") == 9 {
		at = at.Add(24 * time.Hour)
	}
	return at
}

func (p *peer) provider() domain.ProviderID { return domain.ProviderID(p.name("wamid")) }

// name makes a unique text.
func (p *peer) name(what string) string {
	p.serial++
	return fmt.Sprintf("%s %s %s %d", what, p.run, p.id, p.serial)
}

func (p *peer) upTo(n int, what string) int { return rapid.IntRange(0, n).Draw(p.T, what) }
func (p *peer) maybe(what string) bool      { return rapid.Bool().Draw(p.T, what) }

var failure = &domain.Failure{Reason: domain.ReasonInvalid, Cause: domain.Cause{Source: "test", Code: "100", Title: "invalid"}}
