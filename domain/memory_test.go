package domain_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"recado/domain"
	"recado/domain/domaintest"
)

// A memory is the smallest store: maps, one transaction at a time. It shows how
// a store uses a Book.
type memory struct {
	now      time.Time
	serial   int
	routes   []domain.Route
	chats    map[domain.ChatID]domain.Chat
	aliases  map[domain.PeerKey]domain.ChatID
	messages map[domain.MessageID]domain.Message
	orphans  map[orphanKey]domain.OrphanUpdate
	refs     map[domain.RefKey]domain.ClientRef
	counts   map[domain.CountKey]domain.Count
	events   []domain.Event
	files    []domain.MediaID // to be fetched

	sendAfter time.Time // until which a connection was last told to wait
	looks     bool      // a connection is looked at at once

	betweenLocks func() // or nil: runs once, between SetNames and NeedChats of the next transaction
}

type orphanKey struct {
	domain.ProviderKey
	digest string
}

func keyOf(o domain.OrphanUpdate) orphanKey {
	return orphanKey{domain.ProviderKey{Connection: o.Connection, ProviderID: o.ProviderID}, o.Digest}
}

// open makes an empty memory that knows the connections.
func open(routes []domain.Route) *memory {
	return &memory{
		now: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), routes: routes,
		chats: map[domain.ChatID]domain.Chat{}, aliases: map[domain.PeerKey]domain.ChatID{},
		messages: map[domain.MessageID]domain.Message{}, orphans: map[orphanKey]domain.OrphanUpdate{},
		refs: map[domain.RefKey]domain.ClientRef{}, counts: map[domain.CountKey]domain.Count{},
	}
}

// apply runs the rules over the updates and stores what they made of them.
func (s *memory) apply(updates []domain.Update) ([]domain.Result, error) {
	for {
		results, err := s.transaction(updates)
		if !errors.Is(err, domain.ErrAgain) {
			return results, err
		}
	}
}

func (s *memory) transaction(updates []domain.Update) ([]domain.Result, error) {
	b := domain.NewBook(updates, s.fresh)
	b.SetRoutes(s.now, s.routed(b.NeedRoutes()))
	names := b.NeedNames()
	b.SetNames(s.locations(names), s.peers(names.Peers))
	if run := s.betweenLocks; run != nil {
		s.betweenLocks = nil
		run()
	}
	need := b.NeedChats()
	added := s.add(need.New)
	if err := b.SetChats(s.load(need, added)); err != nil {
		return nil, err
	}
	b.SetCounts(s.counted(b.NeedCounts()))
	results, err := b.Decide()
	if err != nil {
		return nil, err
	}
	if w := b.Writes(); !w.Empty() {
		maps.Copy(s.chats, added)
		s.write(w)
	}
	return results, nil
}

func (s *memory) fresh() string { s.serial++; return fmt.Sprintf("%026d", s.serial) }

func (s *memory) routed(need domain.RouteNeeds) []domain.Route {
	var found []domain.Route
	connections := need.Connections
	for _, id := range need.Chats {
		connections = append(connections, s.chats[id].Connection)
	}
	for _, r := range s.routes {
		if slices.Contains(need.Accounts, r.Account) || slices.Contains(connections, r.Connection) || slices.Contains(need.Hooks, r.Account.Hook) {
			found = append(found, r)
		}
	}
	return found
}

func (s *memory) locations(n domain.Names) []domain.MessageLocation {
	var found []domain.MessageLocation
	for _, m := range s.named(n) {
		found = append(found, domain.MessageLocation{
			ID: m.ID, Chat: m.Chat, Connection: m.Connection, ProviderID: m.ProviderID, Status: m.Status, Target: m.Target,
		})
	}
	return found
}

func (s *memory) named(n domain.Names) []domain.Message {
	var found []domain.Message
	for _, m := range s.messages {
		key := domain.ProviderKey{Connection: m.Connection, ProviderID: m.ProviderID}
		if slices.Contains(n.Messages, m.ID) || slices.Contains(n.Providers, key) {
			found = append(found, m)
		}
	}
	return found
}

func (s *memory) peers(keys []domain.PeerKey) map[domain.PeerKey]domain.ChatID {
	found := map[domain.PeerKey]domain.ChatID{}
	for key, chat := range s.aliases {
		if slices.Contains(keys, key) {
			found[key] = chat
		}
	}
	for _, c := range s.chats {
		if key := (domain.PeerKey{Connection: c.Connection, Peer: c.Peer}); c.MergedInto == "" && slices.Contains(keys, key) {
			found[key] = c.ID
		}
	}
	return found
}

// add gives the new chats, or those that another transaction has created in the meantime.
// They stay only if the transaction writes something.
func (s *memory) add(planned []domain.Chat) map[domain.ChatID]domain.Chat {
	added := map[domain.ChatID]domain.Chat{}
	for _, c := range planned {
		for _, other := range s.chats {
			if other.Connection == c.Connection && other.Peer == c.Peer {
				c = other
			}
		}
		added[c.ID] = c
	}
	return added
}

func (s *memory) load(n domain.ChatNeeds, added map[domain.ChatID]domain.Chat) domain.Loaded {
	l := domain.Loaded{
		Chats: slices.Collect(maps.Values(added)), Messages: append(s.named(n.Names), s.named(domain.Names{Messages: n.Targets})...),
		Unanswered: map[domain.ChatID][]domain.UnansweredMessage{}, Refs: map[domain.RefKey]domain.ClientRef{},
	}
	for _, id := range n.Existing {
		if c, ok := s.chats[id]; ok {
			l.Chats = append(l.Chats, c)
			if into, ok := s.chats[c.MergedInto]; ok {
				l.Chats = append(l.Chats, into)
			}
		}
	}
	for _, id := range n.Whole {
		root := cmp.Or(s.chats[id].MergedInto, id)
		for _, c := range s.chats {
			if c.MergedInto == root {
				l.Chats = append(l.Chats, c)
			}
		}
	}
	for _, key := range n.Refs {
		if ref, ok := s.refs[key]; ok {
			l.Refs[key] = ref
			l.Messages = append(l.Messages, s.messages[ref.Message])
		}
	}
	for _, o := range s.orphans {
		if slices.Contains(n.Providers, domain.ProviderKey{Connection: o.Connection, ProviderID: o.ProviderID}) {
			l.Orphans = append(l.Orphans, o)
		}
	}
	for _, m := range s.messages {
		c := s.chats[m.Chat]
		if slices.Contains(n.Answerable, m.Chat) && waits(c, m) {
			l.Unanswered[m.Chat] = append(l.Unanswered[m.Chat], domain.UnansweredMessage{Seq: m.InboundSeq, At: m.At})
		}
	}
	return l
}

// waits reports whether the message is an incoming one beyond the watermark.
func waits(c domain.Chat, m domain.Message) bool {
	return m.InboundSeq > c.AnsweredSeq && m.At.After(c.AnsweredAt)
}

func (s *memory) write(w domain.Writes) {
	for _, id := range w.Removed {
		delete(s.messages, id)
	}
	for _, f := range w.Arrived {
		s.files = append(s.files, f.ID)
	}
	for _, c := range append(w.Chats, w.Named...) {
		s.chats[c.ID] = c
	}
	for _, m := range append(w.Created, w.Changed...) {
		s.messages[m.ID] = m
	}
	for _, m := range w.Merges {
		for key, chat := range s.aliases {
			if chat == m.From {
				s.aliases[key] = m.Chat
			}
		}
		s.aliases[m.PeerKey] = m.Chat
		for id, c := range s.chats {
			if c.MergedInto == m.From {
				c.MergedInto = m.Chat
				s.chats[id] = c
			}
		}
	}
	for _, a := range w.Aliases {
		if _, taken := s.aliases[a.PeerKey]; !taken {
			s.aliases[a.PeerKey] = a.Chat
		}
	}
	for _, o := range w.Orphans {
		s.orphans[keyOf(o)] = o
	}
	for _, o := range w.RemovedOrphans {
		delete(s.orphans, keyOf(o))
	}
	for _, r := range w.Refs {
		s.refs[r.RefKey] = r.ClientRef
	}
	for _, c := range w.Counts {
		sum := s.counts[c.CountKey]
		s.counts[c.CountKey] = domain.Count{CountKey: c.CountKey, Used: sum.Used + c.Used, Reserved: sum.Reserved + c.Reserved, Alerted: sum.Alerted + c.Alerted}
	}
	for _, c := range w.Connections {
		for i := range s.routes {
			if s.routes[i].Connection != c.ID {
				continue
			}
			if c.Suspended != nil || c.Resumed {
				s.routes[i].Suspended = c.Suspended
			}
			if c.Watched != nil {
				s.routes[i].Watched = *c.Watched
			}
		}
		s.sendAfter, s.looks = c.SendAfter, s.looks || !c.LookAt.IsZero()
	}
	s.events = append(s.events, w.Events...)
}

func (s *memory) counted(keys []domain.CountKey) []domain.Count {
	var found []domain.Count
	for _, key := range keys {
		if c, ok := s.counts[key]; ok {
			found = append(found, c)
		}
	}
	return found
}

func (s *memory) view() domaintest.View {
	return domaintest.Snapshot(slices.Collect(maps.Values(s.chats)), slices.Collect(maps.Values(s.messages)), s.aliases)
}
