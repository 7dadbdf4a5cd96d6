package domaintest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
)

// A Story is what happens in some chats of one company.
type Story struct {
	// Before is applied first, in order, one update at a time: first messages, sends
	// up to the call of the messenger, blocks.
	Before []domain.Update

	// Updates is the story itself, in the order in which it happened.
	Updates []domain.Update

	// Hushed is part of every text in Updates that a peer on the blacklist writes. No
	// store may hold it.
	Hushed string

	company     domain.CompanyID
	employee    domain.EmployeeID
	connections []domain.Route
}

// Begin is when a Story begins. All its times are within an hour of it, so that they
// are in the past for a store with a real clock.
var Begin = time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)

// received is when all updates are received: after their times, except those that a
// messenger dates into the future.
var received = Begin.Add(time.Hour)

// History draws a Story. Run is part of every id in it, so that a store may hold
// several stories.
func History(t *rapid.T, run string) Story {
	s := company(run)
	for i := range rapid.IntRange(1, 4).Draw(t, "peers") {
		route := rapid.SampledFrom(s.connections).Draw(t, "connection")
		p := &peer{
			T: t, story: &s, route: route, run: run,
			id:      domain.PeerID(fmt.Sprintf("%d79990000", i)),
			isGroup: rapid.Bool().Draw(t, "group"),
			blocked: rapid.IntRange(0, 3).Draw(t, "blocked") == 0,
		}
		p.blocked = p.blocked && !(p.isGroup && route.Kind.Traits().NoGroupBlacklist)
		if rapid.Bool().Draw(t, "has an alias") {
			p.alias = domain.PeerID(fmt.Sprintf("%d@lid", i))
		}
		p.live()
	}
	return s
}

// company makes a Story in which nothing happens.
func company(run string) Story {
	s := Story{Hushed: "hushed", company: domain.CompanyID("company-" + run), employee: domain.EmployeeID("ana-" + run)}
	for _, kind := range domain.Kinds() {
		id := domain.ConnectionID(string(kind) + "-" + run)
		s.connections = append(s.connections, domain.Route{
			Connection: id, Company: s.company, Kind: kind, Account: domain.AccountKey{Hook: domain.HookID(id)},
			Subscription: &domain.Subscription{
				ID: domain.SubscriptionID(id), Company: s.company, Kind: kind, Tariff: domain.Estandar,
				PaidUntil: "2099-12-31", DialogLimit: 1000, WABADialogs: paidDialogs(kind),
			},
			Zone: time.UTC,
		})
	}
	return s
}

// paidDialogs is enough for every story.
func paidDialogs(k domain.Kind) int64 {
	if k.Traits().PaidDialogs {
		return 1000
	}
	return 0
}

// Company returns the company of the story.
func (s Story) Company() domain.CompanyID { return s.company }

// Routes lists the connections of the story.
func (s Story) Routes() []domain.Route { return s.connections }

// Registry declares the company of the story, its employee and its connections.
func (s Story) Registry() domain.Registry {
	r := domain.Registry{
		Companies: []domain.Company{{ID: s.company, Name: string(s.company), TimeZone: "UTC"}},
		Employees: []domain.Employee{{ID: s.employee, Company: s.company, Name: "Ana", Role: "administrator"}},
	}
	for _, c := range s.connections {
		r.Subscriptions = append(r.Subscriptions, *c.Subscription)
		r.Connections = append(r.Connections, domain.Connection{
			ID: c.Connection, Company: c.Company, Kind: c.Kind, Hook: c.Account.Hook, Account: c.Account.Account,
		})
	}
	return r
}

// InOrder lists the batches of Before, then all of Updates in one batch.
func (s Story) InOrder() [][]domain.Update {
	if len(s.Updates) == 0 {
		return s.before()
	}
	return append(s.before(), s.Updates)
}

// Shuffled lists the batches of Before, then all of Updates in any order, with
// repeats, in batches of any size.
func (s Story) Shuffled(t *rapid.T) [][]domain.Update {
	mixed := append([]domain.Update(nil), s.Updates...)
	if len(mixed) > 0 {
		mixed = append(mixed, rapid.SliceOfN(rapid.SampledFrom(s.Updates), 0, len(mixed)).Draw(t, "repeats")...)
		mixed = rapid.Permutation(mixed).Draw(t, "order")
	}
	batches := s.before()
	for len(mixed) > 0 {
		n := rapid.IntRange(1, len(mixed)).Draw(t, "batch")
		batches, mixed = append(batches, mixed[:n]), mixed[n:]
	}
	return batches
}

func (s Story) before() [][]domain.Update {
	var batches [][]domain.Update
	for _, u := range s.Before {
		batches = append(batches, []domain.Update{u})
	}
	return batches
}

// Apply applies the batches one after another. A command names its chat by the id
// that the store chose, which Apply reads from the results.
func (s Story) Apply(apply func([]domain.Update) ([]domain.Result, error), batches ...[]domain.Update) error {
	chats := map[domain.ChatID]domain.ChatID{}
	for _, batch := range batches {
		named := append([]domain.Update(nil), batch...)
		for i, u := range named {
			switch f := u.Fact.(type) {
			case domain.BlockRequested:
				f.Chat = chats[f.Chat]
				named[i].Fact = f
			case domain.NoReplyNeeded:
				f.Chat = chats[f.Chat]
				named[i].Fact = f
			}
		}
		results, err := apply(named)
		if err != nil {
			return err
		}
		for _, r := range results {
			chats[nameless(r.Chat.Connection, r.Chat.Peer)] = r.Chat.ID
		}
	}
	return nil
}

// nameless stands for the id of a chat until a store has given it one.
func nameless(c domain.ConnectionID, p domain.PeerID) domain.ChatID {
	return domain.ChatID(string(c) + " " + string(p))
}
