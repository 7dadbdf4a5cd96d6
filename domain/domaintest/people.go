package domaintest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
)

// People are persons of several names each, whom the messenger names now by one
// and now by another. The names are told in some order, in several places and
// repeatedly; afterwards each person has one chat that goes on, under every name.
type People struct {
	Story
	*rapid.T
	persons []person
	serial  int
}

type person struct {
	names   []domain.PeerID
	blocked bool
	wrote   int64
}

// Persons draws some People of one connection.
func Persons(t *rapid.T, run string) *People {
	p := &People{Story: company(run), T: t}
	for i := range rapid.IntRange(1, 3).Draw(t, "persons") {
		one := person{blocked: rapid.Bool().Draw(t, "blocked")}
		for j := range rapid.IntRange(2, 4).Draw(t, "names") {
			one.names = append(one.names, domain.PeerID(rapid.SampledFrom([]string{"3460000%d%d", "ES.7%d%d", "9%d%d@lid"}).Draw(t, "name")))
			one.names[j] = domain.PeerID(fmt.Sprintf(string(one.names[j]), i, j))
		}
		p.persons = append(p.persons, one)
	}
	return p
}

// Check applies what the people do and what the messenger says of their names,
// and reports what is wrong with the chats afterwards.
func (p *People) Check(apply func([]domain.Update) ([]domain.Result, error), chats func() []domain.Chat) {
	do := func(u domain.Update) domain.Result {
		results, err := apply([]domain.Update{u})
		if err != nil {
			p.Fatal(err)
		}
		return results[0]
	}
	var updates, inOrder []domain.Update
	for i := range p.persons {
		one := &p.persons[i]
		for j, name := range one.names {
			if j > 0 {
				u := p.links(one, rapid.SampledFrom(one.names[:j]).Draw(p.T, "known"), name, do)
				updates, inOrder = append(updates, u, u), append(inOrder, u)
			}
			if j > 0 && rapid.Bool().Draw(p.T, "silent") {
				continue
			}
			r := do(p.writes(one, name))
			if j == 0 && one.blocked {
				do(p.command(domain.BlockRequested{Chat: r.Chat.ID, By: p.employee, Block: true}))
			}
		}
	}
	for _, u := range append(rapid.Permutation(updates).Draw(p.T, "order"), inOrder...) {
		do(u)
	}
	seen := map[domain.ChatID]bool{}
	for i := range p.persons {
		one := &p.persons[i]
		first := do(p.writes(one, one.names[0])).Chat.ID
		if seen[first] {
			p.Fatalf("two persons have the chat %s", first)
		}
		seen[first] = true
		for _, name := range one.names {
			r := do(p.writes(one, name))
			if r.Chat.ID != first || (r.Outcome == domain.Dropped) != one.blocked {
				p.Fatalf("%s of %v is %s in %s, want the chat %s", name, one, r.Outcome, r.Chat.ID, first)
			}
		}
		var unanswered int64
		for _, c := range chats() {
			if c.ID == first || c.MergedInto == first {
				unanswered += c.Unanswered
			}
		}
		if !one.blocked && unanswered != one.wrote {
			p.Fatalf("%d of %v are unanswered, want %d", unanswered, one, one.wrote)
		}
	}
}

// answered sends a message to a person, and returns the answer of the messenger,
// which names the person otherwise.
func (p *People) answered(known, name domain.PeerID, do func(domain.Update) domain.Result) domain.Update {
	p.serial++
	text := fmt.Sprintf("%s.%d", p.employee, p.serial)
	id := domain.NewMessageID(domain.ID([16]byte(hash(text))))
	do(p.command(domain.SendRequested{
		ID: id, Peer: known, By: p.employee, Origin: domain.OriginEmployee, Type: domain.TypeText, Text: text, KeepUnanswered: true,
	}))
	do(p.command(domain.SendBegun{Message: id}))
	return p.command(domain.SendEnded{Message: id, Result: domain.SendResult{
		Fate: domain.FateAccepted, ProviderID: domain.ProviderID("wamid." + text), Peers: []domain.PeerID{name},
	}})
}

// links tells that two names are of one person.
func (p *People) links(one *person, known, name domain.PeerID, do func(domain.Update) domain.Result) domain.Update {
	u := p.writes(one, name)
	f := u.Fact.(domain.MessageArrived)
	places := []string{"message", "echo", "move", "status"}
	if !one.blocked { // else nothing is sent
		places = append(places, "answer")
	}
	switch rapid.SampledFrom(places).Draw(p.T, "place") {
	case "message":
		f.AlsoKnown = []domain.PeerID{known}
	case "echo": // of long ago: it answers nothing
		f.AlsoKnown, f.Direction, u.At = []domain.PeerID{known}, domain.Outbound, Begin.Add(-time.Hour)
		one.wrote--
	case "move":
		one.wrote--
		u.Fact = domain.PeerMigrated{Peer: known, To: name}
		return u
	case "status": // of a message that nobody knows
		one.wrote--
		u.Fact = domain.StatusReported{ProviderID: f.ProviderID, Status: domain.Read, Peers: []domain.PeerID{known, name}}
		return u
	case "answer":
		one.wrote--
		return p.answered(known, name, do)
	}
	u.Fact = f
	return u
}

func (p *People) writes(one *person, name domain.PeerID) domain.Update {
	p.serial++
	one.wrote++
	return p.update(domain.MessageArrived{
		Peer: name, Direction: domain.Inbound, ProviderID: domain.ProviderID(fmt.Sprintf("wamid.%s.%d", p.employee, p.serial)),
		Type: domain.TypeText, Text: "hello",
	})
}

func (p *People) update(f domain.Fact) domain.Update {
	account := p.connections[0].Account
	return domain.Update{Hook: account.Hook, Account: account.Account, Fact: f, At: Begin, Received: received}
}

func (p *People) command(f domain.Fact) domain.Update {
	r := p.connections[0]
	return domain.Update{Connection: r.Connection, Company: r.Company, Rights: domain.AllRights, Fact: f, At: Begin, Received: received}
}
