package domaintest

import (
	"crypto/sha256"

	"pgregory.net/rapid"

	"recado/domain"
)

// A send is a message that the company sends.
type send struct {
	id    domain.MessageID
	text  string
	state string
	price domain.Pricing // in every status of it
}

// How far a send came before the story.
const (
	queued  = "queued"
	called  = "open"    // the messenger is being called
	unknown = "unknown" // it gave no answer
	overdue = "overdue" // nor any evidence in time, if the store's clock has moved far enough
)

// sends requests a message and brings it to some state.
func (p *peer) sends() send {
	s := send{
		text:  p.name("ours"),
		state: rapid.SampledFrom([]string{queued, called, unknown, overdue}).Draw(p.T, "state of a send"),
	}
	s.id = domain.NewMessageID(domain.ID([16]byte(hash(s.text))))
	f := domain.SendRequested{
		ID: s.id, Peer: p.id, By: p.story.employee, Origin: domain.OriginEmployee, Type: domain.TypeText, Text: s.text,
		ClientRef: s.text, KeepUnanswered: p.maybe("keep unanswered"),
	}
	if p.route.Kind == domain.WABA { // whose free window is closed: the story is in the past
		f.Type, f.Template = domain.TypeTemplate, &domain.Template{Name: "hello", Language: "es"}
		s.price = rapid.SampledFrom([]domain.Pricing{"", domain.PricingCharged, domain.PricingFree}).Draw(p.T, "price")
	}
	p.before(f)
	if s.state == queued {
		return s
	}
	p.before(domain.SendBegun{Message: s.id})
	if s.state == called {
		return s
	}
	p.before(domain.SendEnded{Message: s.id, Result: domain.SendResult{Fate: domain.FateUnknown, Failure: failure}})
	if s.state == overdue {
		p.before(domain.EvidenceOverdue{Message: s.id})
	}
	return s
}

func hash(s string) []byte { sum := sha256.Sum256([]byte(s)); return sum[:16] }

// evidence reports what became of a send. The reports may come in any order, so
// they do not contradict one another: the message was sent, or refused, or nothing
// is reported.
func (p *peer) evidence(s send) {
	if s.state == queued {
		return
	}
	id := p.provider()
	switch rapid.SampledFrom([]string{"nothing", "refused", "busy", "failed", "sent", "sent"}).Draw(p.T, "became of a send") {
	case "refused":
		p.report(domain.SendEnded{Message: s.id, Result: domain.SendResult{Fate: domain.FateRefused, MovedTo: p.movedTo, Failure: failure}})
	case "busy":
		busy := &domain.Failure{Reason: domain.ReasonUnavailable, Cause: domain.Cause{Source: "test", Code: "503", Title: "busy"}}
		p.report(domain.SendEnded{Message: s.id, Result: domain.SendResult{Fate: domain.FateRefused, Failure: busy}})
	case "failed":
		p.report(domain.StatusReported{ProviderID: id, Message: s.id, Status: domain.Failed, Failure: failure})
	case "sent":
		p.arrived(s, id)
	}
}

// arrived reports some evidence that the message was sent. The result of an attempt
// always comes with a status, whose time is the same in every store.
func (p *peer) arrived(s send, id domain.ProviderID) {
	if p.maybe("answer") {
		p.report(domain.SendEnded{Message: s.id, Result: domain.SendResult{Fate: domain.FateAccepted, ProviderID: id}})
		p.report(domain.StatusReported{ProviderID: id, Status: domain.Sent, Pricing: s.price})
	}
	if p.maybe("status by our id") {
		p.report(domain.StatusReported{ProviderID: id, Message: s.id, Status: domain.Delivered, Pricing: s.price})
	}
	p.statuses(id, s.price, false)
	p.amended(id, false)
}
